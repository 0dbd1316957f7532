"""The OpenAPI document for people: the same operations, fields and answers, in the parts of every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEPTH = 3
"""How far fields within fields are told."""
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """A parameter or a field of a body: name (``lines[].amount``), type, place, whether it must be there."""

    name: str
    type: str
    place: str
    required: bool
    about: str


@dataclass(frozen=True)
class Answer:
    """One answer: its status, what it is called, and its fields where it has a body of its own."""

    status: str
    about: str
    fields: list[Field]


@dataclass(frozen=True)
class Operation:
    """A method of a path."""

    method: str
    path: str
    summary: str
    about: str
    public: bool
    asks: list[Field]
    answers: list[Answer]


@dataclass(frozen=True)
class Group:
    """The operations of one chapter."""

    name: str
    about: str
    operations: list[Operation]


def groups(document: dict[str, Any]) -> list[Group]:
    """The operations by chapter, in the order of the document."""
    about = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    found: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = next(iter(operation.get("tags", [])), "")
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                found.setdefault(tag, []).append(_operation(document, path, method, operation, parameters))
    return [
        Group(name.removesuffix("_api").replace("_", " ").capitalize(), about.get(name, ""), operations)
        for name, operations in found.items()
    ]


def _operation(
    document: dict[str, Any], path: str, method: str, operation: dict[str, Any], parameters: list[Any]
) -> Operation:
    asks = []
    for parameter in (_resolved(document, each) for each in parameters):
        schema = parameter.get("schema", {})
        about = parameter.get("description") or schema.get("description", "")
        asks.append(
            Field(parameter["name"], _type(document, schema), parameter["in"], parameter.get("required", False), about)
        )
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        place = "form" if "form" in kind else "body"
        asks += _fields(document, body.get("schema", {}), place)
    answers = []
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            said = _resolved(document, answer)
            media: dict[str, Any] = next(iter(said.get("content", {}).values()), {})
            fields = list(_fields(document, media.get("schema", {}), ""))
            answers.append(Answer(status, said.get("description", ""), fields))
    summary, about = operation.get("summary", ""), operation.get("description", "")
    return Operation(method.upper(), path, summary, about, operation.get("security") == [], asks, answers)


def _fields(
    document: dict[str, Any], schema: dict[str, Any], place: str, prefix: str = "", depth: int = DEPTH
) -> Iterator[Field]:
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        yield from _fields(document, schema.get("items", {}), place, f"{prefix}[]", depth)
        return
    must = set(schema.get("required", []))
    for name, inner in schema.get("properties", {}).items():
        whole = f"{prefix}.{name}".lstrip(".")
        about = inner.get("description") or _resolved(document, inner).get("description", "")
        yield Field(whole, _type(document, inner), place, name in must, about)
        if depth > 1:
            yield from _fields(document, inner, place, whole, depth - 1)


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    schema = _resolved(document, schema)
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    kind = schema.get("type", "object")
    kind = " | ".join(kind) if isinstance(kind, list) else kind
    if kind == "array":
        return f"{_type(document, schema.get('items', {}))}[]"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference points to; alternatives and combinations are told by their first member."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    for name in ("allOf", "anyOf", "oneOf"):
        if schema.get(name):
            return {**_resolved(document, schema[name][0]), **{k: v for k, v in schema.items() if k != name}}
    return schema
