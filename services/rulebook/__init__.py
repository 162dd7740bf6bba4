"""The rule book as shipped: read once from its data files, handed to the domain."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from domain.rulebook import RuleBook, RuleSetName, RuleValue


@cache
def rule_book() -> RuleBook:
    """The rule book of this release. Raises InvalidValue when two values of a key overlap."""
    names: list[RuleSetName] = []
    rules: list[RuleValue] = []
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            data: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
            names += map(_name, data.get("set", []))
            rules += map(_rule, data.get("rule", []))
    return RuleBook(tuple(names), tuple(rules))


def _name(entry: dict[str, Any]) -> RuleSetName:
    return RuleSetName(
        id=entry["id"],
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        title=entry["title"],
        verified=entry.get("verified", True),
    )


def _rule(entry: dict[str, Any]) -> RuleValue:
    return RuleValue(
        key=entry["key"],
        value=entry["value"],
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        document=entry["document"],
        source=entry.get("source"),
        verified=entry.get("verified", True),
    )
