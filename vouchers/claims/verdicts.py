"""One rule's answer about a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.base.errors import Refusal
from marketplace.base.text import Text


class Status(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One rule with its answer: a failed one refuses the claim, a warning is for the reviewers to see."""

    code: str
    status: Status
    text: Text
    clause: str | None = None
    field: str | None = None
    """The field of the form that is at fault."""

    def refusal(self) -> Refusal:
        return Refusal(self.code, self.text.template, clause=self.clause, field=self.field, **self.text.values)
