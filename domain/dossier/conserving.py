"""People and land are conserved: what left the old ones, where given, is what the new ones have.

Where figures are given for all that went over they must come to the whole; where some are missing,
those that are given must not exceed it. One that lives on keeps what no row says went elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from domain.dossier.findings import Finding, found
from domain.dossier.identity import Begins, Ends, steps
from domain.dossier.tables import After, Before, Tables, Transfer

MEASURES = {"population": "people", "area": "square metres"}
RULE = "INV-DOS-7"


def refuse_lost(tables: Tables) -> Iterator[Finding]:
    """Findings where people or land would be lost or won."""
    left: dict[Any, list[Transfer]] = defaultdict(list)
    came: dict[Any, list[Transfer]] = defaultdict(list)
    for each in tables.transfers:
        left[each.step, each.subject, each.old].append(each)
        came[each.step, each.subject, each.new].append(each)
    for step in steps(tables, []):
        at = (step.number, step.subject)
        for fate in step.fates:
            keeps = False
            if not isinstance(fate, Begins | Ends):
                own = (fate.before.code, fate.after.code)
                keeps = not any((t.old, t.new) == own for t in left[*at, own[0]])
            if not isinstance(fate, Begins):
                row = fate.before
                yield from _of("before", row, left[*at, row.code], "went to its heirs", keeps)
            if not isinstance(fate, Ends):
                after = fate.after
                parts = came[*at, after.code]
                yield from _of("after", after, parts, "came from those before", keeps)


def _of(
    table: str, row: Before | After, parts: Sequence[Transfer], words: str, keeps: bool
) -> Iterator[Finding]:
    """`keeps`: it lives on with what no row speaks of."""
    for measure, unit in MEASURES.items():
        whole = getattr(row, measure)
        given = [value for each in parts if (value := getattr(each, measure)) is not None]
        if whole is None or not given:
            continue
        complete = len(given) == len(parts) and not keeps
        if sum(given) > whole or (complete and sum(given) != whole):
            detail = f"{row.code} has {whole:,} {unit}, and {sum(given):,} {words}"
            yield found(table, row, measure, RULE, detail)
