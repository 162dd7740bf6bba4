"""Counts before and after: what is touched must add up, and come to what the decision declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.aggregate import Aggregate
from domain.dossier.findings import Finding, found
from domain.dossier.outcome import Balance
from domain.dossier.tables import Declared, Tables
from domain.leadership import Leadership
from domain.membership import Membership
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit

_DAY = timedelta(days=1)


def balances(streams: Iterable[Aggregate], day: date) -> list[Balance]:
    """Of units by level and type, organisations by kind, members, and posts that are held."""
    counts: dict[str, _Count] = {}
    for stream in streams:
        for was, is_ in _sorts(stream, day):
            if was is not None:
                _count(counts, was).leave(is_)
            if is_ is not None:
                _count(counts, is_).come(was)
    return [counts[sort].balance() for sort in sorted(counts)]


@dataclass
class _Count:
    sort: str
    before: int = 0
    after: int = 0
    begun: int = 0
    ended: int = 0
    changed_in: int = 0
    changed_out: int = 0

    def leave(self, for_: str | None) -> None:
        """One was of this sort on the eve, and is of that one on the day."""
        self.before += 1
        self.ended += for_ is None
        self.changed_out += for_ not in {None, self.sort}

    def come(self, from_: str | None) -> None:
        """One is of this sort on the day, and was of that one on the eve."""
        self.after += 1
        self.begun += from_ is None
        self.changed_in += from_ not in {None, self.sort}

    def balance(self) -> Balance:
        return Balance(**vars(self))


def _count(counts: dict[str, _Count], sort: str) -> _Count:
    return counts.setdefault(sort, _Count(sort))


def _sorts(stream: Aggregate, day: date) -> Iterator[tuple[str | None, str | None]]:
    """(sort on the eve, sort on the day) of all that the stream counts for."""
    eve = day - _DAY
    if isinstance(stream, Leadership):
        for tenure in stream.all_tenures():
            held = tuple(
                tenure.first <= on and (tenure.after is None or on < tenure.after)
                for on in (eve, day)
            )
            if any(held):
                yield ("posts" if held[0] else None, "posts" if held[1] else None)
        return
    was, is_ = _sort(stream, eve), _sort(stream, day)
    if was or is_:
        yield was, is_


def _sort(stream: Aggregate, on: date) -> str | None:
    if not stream.is_active_on(on):
        return None
    if isinstance(stream, AdministrativeUnit):
        return f"unit.{stream.level}.{stream.type.at(on)}"
    if isinstance(stream, PartyOrganisation):
        return f"organisation.{stream.kind.at(on)}"
    return "members" if isinstance(stream, Membership) else None


def refuse_undeclared(tables: Tables, counted: Sequence[Balance]) -> Iterator[Finding]:
    """Findings where the counts are not what the decision declares, or do not add up."""
    for declared in tables.declared:
        for side in ("before", "after"):
            stated = getattr(declared, side)
            counts = [getattr(each, side) for each in counted if _falls_under(each.sort, declared)]
            if stated is not None and stated != sum(counts):
                words = f"The rows come to {sum(counts):,}, the decision declares {stated:,}"
                yield found("declared", declared, side, "INV-DOS-5", words)
    for balance in counted:
        if not balance.holds:
            words = f"{balance.sort}: {balance.before} before does not become {balance.after}"
            yield Finding("dossier", 0, "balances", "INV-DOS-5", words)


def _falls_under(sort: str, declared: Declared) -> bool:
    subject, *kinds = sort.split(".")
    wanted = (declared.level, declared.type)
    return subject == declared.subject and all(
        w in {"*", kind} for w, kind in zip(wanted, kinds, strict=False)
    )
