"""What fills a notice's text, kept as JSON and given back as it was: money, days, moments, words to translate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from marketplace.base.money import Yuan
from marketplace.base.states import Label, Labels
from marketplace.base.text import Text

_KIND, _VALUE = "kind", "value"


def pack(value: Any) -> Any:
    """A value as JSON; what JSON knows stays as it is, the rest says its kind."""
    if isinstance(value, Text):
        return {_KIND: "text", _VALUE: [value.template, {k: pack(v) for k, v in value.values.items()}]}
    if isinstance(value, Yuan):
        return {_KIND: "yuan", _VALUE: value.fen}
    if isinstance(value, Labels):
        return {_KIND: "labels", _VALUE: [str(word) for word in value]}
    if isinstance(value, Label):
        return {_KIND: "label", _VALUE: str(value)}
    if isinstance(value, datetime):
        return {_KIND: "moment", _VALUE: value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {_KIND: "day", _VALUE: value.isoformat()}
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, (int, str)) or value is None else str(value)


def unpack(value: Any) -> Any:
    """The value that was packed."""
    if not isinstance(value, Mapping):
        return value
    kind, inner = value[_KIND], value[_VALUE]
    if kind == "text":
        return Text(inner[0], {k: unpack(v) for k, v in inner[1].items()})
    made: dict[str, Any] = {
        "yuan": Yuan,
        "labels": Labels,
        "label": Label,
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
    }
    return made[kind](inner)
