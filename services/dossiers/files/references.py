"""References among the rows of a dossier: each document once, and none that is not there."""

from __future__ import annotations

from collections.abc import Mapping

from domain.dossier.tables import Tables
from services.dossiers.files.gathered import Gathered
from services.dossiers.files.nearest import nearest
from services.dossiers.files.rows import Places


def refuse_loose_references(
    tables: Tables, places: Mapping[str, Places], gathered: Gathered
) -> None:
    """A ref of a document that is itself wrong is known here, so that one slip is told once."""
    refs: dict[str, int] = {}
    decisions = places.get("decisions")
    is_whole = decisions is not None and len(decisions.rows) == len(tables.decisions)
    for decision in tables.decisions:
        at = decisions.rows[decision.row - 1] if decisions else 0
        first = refs.setdefault(decision.ref, at)
        if first != at and decisions:
            words = f"{decision.ref!r} stands in row {first} already"
            gathered.error(decisions.file, decisions.sheet, at, "ref", "ref-once", words)
    if decisions is not None and not is_whole:
        return
    for decision in tables.decisions:
        for ref in decision.cites:
            _refuse_unknown(ref, refs, "cites", decision.row, decisions, gathered)
    for name, rows in (("before", tables.before), ("after", tables.after)):
        for row in rows:
            if row.decision is not None:
                _refuse_unknown(row.decision, refs, "decision", row.row, places.get(name), gathered)


def _refuse_unknown(
    ref: str,
    refs: Mapping[str, int],
    field: str,
    row: int,
    places: Places | None,
    gathered: Gathered,
) -> None:
    if ref in refs or places is None:
        return
    near = nearest(ref, refs)
    words = f"no document of this dossier has the ref {ref!r}"
    words += f"; did you mean {near!r}?" if near else ""
    gathered.error(places.file, places.sheet, places.rows[row - 1], field, "ref-known", words)
