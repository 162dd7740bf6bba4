"""The reference of the API for people: the OpenAPI document, laid out to be read.

Made here and from what is here: networks that run a register often reach nothing outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_METHODS = ("get", "post", "put")
_LIMITS = {
    "minimum": "from {}",
    "maximum": "up to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


@dataclass(frozen=True)
class Word:
    """A piece of text; with `shape`, a link to the shape of that name."""

    text: str
    shape: str | None = None


Said = tuple[Word, ...]


@dataclass(frozen=True)
class Value:
    """A parameter, or a field of a shape."""

    name: str
    place: str  # "query", "header", "path"; "" for a field
    type: Said
    is_required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    """What is answered with one status."""

    status: str
    description: str
    forms: tuple[tuple[str, Said], ...]  # (media type, what is in it)
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: tuple[Value, ...]
    body: Said
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    """A named object, in a body or in an answer."""

    name: str
    description: str
    fields: tuple[Value, ...]


@dataclass(frozen=True)
class Section:
    """The operations of one subject."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Reference:
    """All of it."""

    release: str
    description: tuple[str, ...]  # paragraphs
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]


def reference(document: Mapping[str, Any]) -> Reference:
    """The OpenAPI document of this application, ready to be shown."""
    found = list(_operations(document["paths"]))
    sections = (
        Section(tag["name"], tag["description"], tuple(o for t, o in found if t == tag["name"]))
        for tag in document["tags"]
    )
    schemas = document["components"]["schemas"]
    return Reference(
        release=document["info"]["version"],
        description=tuple(document["info"]["description"].strip().split("\n\n")),
        sections=tuple(section for section in sections if section.operations),
        shapes=tuple(_shape(name, schemas[name]) for name in sorted(schemas)),
    )


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Each with its tag."""
    for path, item in paths.items():
        for method in (each for each in _METHODS if each in item):
            said = item[method]
            yield said["tags"][-1], _operation(method.upper(), path, said)


def _operation(method: str, path: str, said: Mapping[str, Any]) -> Operation:
    body = said.get("requestBody", {}).get("content", {})
    return Operation(
        id=said["operationId"],
        method=method,
        path=path,
        summary=said["summary"],
        description=said.get("description", ""),
        needs_token=bool(said.get("security")),
        parameters=tuple(_parameter(each) for each in said.get("parameters", ())),
        body=type_of(next(iter(body.values()))["schema"]) if body else (),
        answers=tuple(_answer(s, a) for s, a in sorted(said["responses"].items())),
    )


def _parameter(said: Mapping[str, Any]) -> Value:
    schema = said["schema"]
    description = said.get("description") or schema.get("description", "")
    return _value(said["name"], said["in"], schema, said.get("required", False), description)


def _answer(status: str, said: Mapping[str, Any]) -> Answer:
    forms = tuple(
        (form, type_of(content.get("schema", {})))
        for form, content in said.get("content", {}).items()
    )
    return Answer(status, said["description"], forms, tuple(said.get("headers", ())))


def _shape(name: str, schema: Schema) -> Shape:
    required = schema.get("required", ())
    fields = tuple(
        _value(field, "", said, field in required, said.get("description", ""))
        for field, said in schema.get("properties", {}).items()
    )
    return Shape(name, schema.get("description", ""), fields)


def _value(name: str, place: str, schema: Schema, required: bool, description: str) -> Value:
    said = type_of(schema)
    if not required and schema.get("default") not in (None, [], {}):
        said += (Word(f", {_literal(schema['default'])} if left out"),)
    return Value(name, place, said, required, description)


# Types in words


def type_of(schema: Schema) -> Said:
    """What a schema lets through: "text, at most 200 characters", "list of UnitRow" ..."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return (Word(name, name),)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _between([type_of(each) for each in choices], " or ")
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return _between([(Word(_literal(value)),) for value in values], ", ")
    return _of_type(schema)


def _of_type(schema: Schema) -> Said:
    match schema.get("type"):
        case "array":
            items = type_of(schema.get("items", {}))
            return (Word("list of "), *items, *_limits(schema))
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return (Word("object of "), *type_of(schema["additionalProperties"]))
        case "string":
            return (Word(_FORMATS.get(schema.get("format", ""), "text")), *_limits(schema))
        case "boolean":
            return (Word("true or false"),)
        case None:
            return (Word("anything"),)
    return (Word(schema["type"]), *_limits(schema))


_FORMATS = {"date": "day (YYYY-MM-DD)", "date-time": "time (RFC 3339)", "uuid": "UUID"}


def _limits(schema: Schema) -> Iterator[Word]:
    for name, words in _LIMITS.items():
        if name in schema:
            yield Word(f", {words.format(schema[name])}")


def _between(saids: Iterable[Said], word: str) -> Said:
    joined: Said = ()
    for said in saids:
        joined += (Word(word), *said) if joined else said
    return joined


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
