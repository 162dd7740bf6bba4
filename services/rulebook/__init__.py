"""The rule book as shipped: read once from its data file, handed to the domain."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from domain.rulebook import RuleBook, RuleSetName, RuleValue


@cache
def rule_book() -> RuleBook:
    """The rule book of this release. Raises InvalidValue when two values of a key overlap."""
    data: dict[str, Any] = tomllib.loads(files(__name__).joinpath("rules.toml").read_text("utf-8"))
    return RuleBook(tuple(map(_name, data["set"])), tuple(map(_rule, data["rule"])))


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
