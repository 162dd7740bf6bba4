"""What is wrong with a request, in words that a clerk understands, each with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic_core import ErrorDetails

from api.errors import MalformedBody, MalformedRequest

_AN_OBJECT = "it must be a JSON object, in braces"
_A_NUMBER = "it must be a whole number"
_A_DAY = "it must be a day that exists, written YYYY-MM-DD"
_TRUE_OR_FALSE = "it must be true or false"

_WORDS: dict[str, str] = {
    "missing": "it is missing",
    "extra_forbidden": "this name is not known here",
    "model_type": _AN_OBJECT,
    "model_attributes_type": _AN_OBJECT,
    "dict_type": _AN_OBJECT,
    "list_type": "it must be a list, in brackets",
    "string_type": "it must be a text, in quotes",
    "string_too_short": "it must have at least {min_length} characters",
    "string_too_long": "it must have at most {max_length} characters",
    "string_pattern_mismatch": "it is not in the form that is asked for here",
    "too_short": "it must have at least {min_length} items",
    "too_long": "it must have at most {max_length} items",
    "literal_error": "it must be {expected}",
    "uuid_type": "it must be an id, like 0197c348-8800-8bc0-8243-3ee5a495fb8b",
    "uuid_parsing": "it must be an id, like 0197c348-8800-8bc0-8243-3ee5a495fb8b",
    "int_type": _A_NUMBER,
    "int_parsing": _A_NUMBER,
    "int_parsing_size": _A_NUMBER,
    "int_from_float": _A_NUMBER,
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "date_type": _A_DAY,
    "date_parsing": _A_DAY,
    "date_from_datetime_parsing": _A_DAY,
    "bool_type": _TRUE_OR_FALSE,
    "bool_parsing": _TRUE_OR_FALSE,
    "value_error": "{error}",
    "json_invalid": "it is not JSON: {error}",
}

_FORMS: dict[str, str] = {
    "x00": "it holds control characters",
    "-Q[1-4]": "it must be a year or a quarter of one, like 2025 or 2025-Q4",
    "[0-9a-f]{64}": "it must be a SHA-256, in 64 digits and letters a to f",
    r"\*|": 'it must be a version in quotes, like "3", or several, or *',
    r"[\x21-\x7e]{1,200}": "it must have 1 to 200 visible ASCII characters",
}
"""What a pattern asks for, by something that is in no other pattern."""


def fault(error: ErrorDetails | Mapping[str, Any]) -> dict[str, str]:
    """Where it is ("query", "header", "path" or "body") and what it is."""
    place, *path = error["loc"] or ("request",)
    told = {"in": str(place), "field": _dotted(path) or str(place), "message": _message(error)}
    if place == "body" and error["type"] != "json_invalid":
        told["pointer"] = _pointer(path)
    return told


def _message(error: ErrorDetails | Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        forms = (words for part, words in _FORMS.items() if part in context["pattern"])
        return next(forms, _WORDS[error["type"]])
    if context.get("min_length") == 1:
        return "it must not be empty"
    words = _WORDS.get(error["type"])
    return words.format(**context) if words else str(error["msg"])


def _dotted(path: list[Any]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _pointer(path: list[Any]) -> str:
    """A JSON Pointer as a URI fragment (RFC 6901, section 6), as in RFC 9457, section 3."""
    steps = (str(step) for step in path if step != "[key]")  # a wrong name: where it stands
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{quote(step, safe='~')}" for step in escaped)


def refuse_repeated_names(body: bytes) -> None:
    """Of two members of one name a reader of JSON takes one in silence.

    Raises MalformedRequest, MalformedBody.
    """
    try:
        json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise MalformedBody("The body is not JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(names) > len(set(names)):
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise MalformedRequest.at("body", twice, "it is given more than once")
