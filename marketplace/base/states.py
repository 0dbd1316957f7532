"""Lifecycles as tables: which verb leads from which states to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from marketplace.base.errors import Refusal
from marketplace.base.text import N_


class Lifecycle:
    """The table of legal moves of one kind of object.

    ``Lifecycle("order", {"accept": (State.PLACED, State.ACCEPTED), "cancel": ({A, B}, CANCELLED)}, labels={...})``.
    `labels` gives each state its Chinese name, from which tags and docs are drawn.
    """

    def __init__(
        self,
        kind: str,
        moves: Mapping[str, tuple[Any, Any]],
        *,
        labels: Mapping[Any, str],
        tones: Mapping[Any, str] | None = None,
        attribute: str = "state",
    ):
        self.kind = kind
        self.attribute = attribute
        self.labels = dict(labels)
        self.tones = dict(tones or {})
        self.moves: dict[str, tuple[frozenset[Any], Any]] = {}
        for verb, (source, target) in moves.items():
            sources = frozenset([source]) if isinstance(source, Enum) else frozenset(source)
            self.moves[verb] = (sources, target)
        for sources, target in self.moves.values():
            missing = {*sources, target} - set(self.labels)
            if missing:
                raise ValueError(f"{kind}: states without a label: {missing}")
        REGISTERED[kind] = self

    def allows(self, row: Any, verb: str) -> bool:
        """Whether the verb is open to the row in its present state."""
        return getattr(row, self.attribute) in self.moves[verb][0]

    def verbs(self, row: Any) -> list[str]:
        """The verbs open to the row, in the order of the table."""
        return [verb for verb in self.moves if self.allows(row, verb)]

    def move(self, row: Any, verb: str) -> None:
        """Move the row, or refuse with its present state and what would be needed."""
        sources, target = self.moves[verb]
        now = getattr(row, self.attribute)
        if now not in sources:
            raise Refusal(
                "state.not_allowed",
                N_("当前状态为“{state}”，不能办理此操作；需要的状态：{needed}。"),
                state=Label(self.labels.get(now, str(now))),
                needed=Labels([self.labels[s] for s in self.labels if s in sources]),
            )
        setattr(row, self.attribute, target)


class Label(str):
    """A word that is itself translated where it is shown."""


class Labels(list[Label]):
    """Several such words, joined in the reader's language."""

    def __init__(self, words: Iterable[str]):
        super().__init__(Label(w) for w in words)

    def __str__(self) -> str:
        return "、".join(self)


REGISTERED: dict[str, Lifecycle] = {}
"""Every lifecycle by kind: tags, the states page and the docs are drawn from it."""
