"""What events of a dossier say in a line: how many rows, not each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import Any

from domain.aggregate import Event
from domain.dossier.outcome import Outcome
from domain.dossier.tables import Tables


def counted(event: Event) -> dict[str, Any]:
    """By field of the event, in the place of what it says: rows by table, matters by sort.

    An outcome without its balances: the event has them.
    """
    told: dict[str, Any] = {}
    if isinstance(tables := getattr(event, "tables", None), Tables):
        told["tables"] = rows_of(tables)
    if settled := getattr(event, "settled", ()):
        told["settled"] = dict(sorted(Counter(each.sort for each in settled).items()))
    if isinstance(outcome := getattr(event, "outcome", None), Outcome):
        names = ("operations", "events", "warnings", "digest")
        told["outcome"] = {name: getattr(outcome, name) for name in names}
    return told


def rows_of(tables: Tables) -> dict[str, int]:
    """How many rows each table has, of those that have any."""
    counts = {field.name: len(getattr(tables, field.name)) for field in fields(Tables)}
    return {name: count for name, count in counts.items() if count}
