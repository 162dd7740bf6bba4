"""Which codes became which by a dossier, as its rows say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.dossier.tables import After, Tables


@dataclass(frozen=True)
class OldToNew:
    """How much of an old one went to a new one."""

    step: int
    subject: str
    old: str
    old_name: str | None  # None: the dossier does not say
    new: str | None  # None: it ends, and nobody takes over
    new_name: str | None
    extent: str | None
    is_default: bool
    population: int | None  # people
    area: int | None  # square metres


def old_to_new(tables: Tables) -> Iterator[OldToNew]:
    """In the order of steps and rows. One that stands before and after under one code, and of
    which nothing is said to go anywhere, lives on whole; each old one has a row at least.
    """
    before = {(b.step, b.subject, b.code): b.name for b in tables.before}
    after = {(a.step, a.subject, a.code): a.name for a in tables.after}
    gave = {(t.step, t.subject, t.old) for t in tables.transfers}
    rows = [
        OldToNew(
            step=t.step,
            subject=t.subject,
            old=t.old,
            old_name=before.get((t.step, t.subject, t.old)),
            new=t.new,
            new_name=after.get((t.step, t.subject, t.new)),
            extent=t.extent,
            is_default=t.is_default,
            population=t.population,
            area=t.area,
        )
        for t in tables.transfers
    ]
    kept = {(a.step, a.subject, a.keeps): a for a in tables.after if a.keeps}
    same = {(a.step, a.subject, a.code): a for a in tables.after if a.keeps is None}
    for key, name in before.items():
        if key not in gave:
            rows.append(_alone(key, name, kept.get(key) or same.get(key)))
    yield from sorted(rows, key=lambda row: (row.step, row.subject != "unit", row.old))


def _alone(key: tuple[int, str, str], name: str | None, heir: After | None) -> OldToNew:
    """One of which no row says where it goes."""
    step, subject, code = key
    nowhere = OldToNew(step, subject, code, name, None, None, None, False, None, None)
    if heir is None:
        return nowhere
    called = heir.name or name
    return replace(nowhere, new=heir.code, new_name=called, extent="whole", is_default=True)
