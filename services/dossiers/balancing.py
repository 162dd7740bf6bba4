"""Counts before and after: what is touched must add up, and come to what the decision declares.

How many there are on the eve and on the day is read off the lives; how many began, ended and
changed is counted from the dossier's own events. So where something else takes effect on that day
as well, the two do not agree, and the dossier does not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.aggregate import Aggregate, Event
from domain.dossier.findings import Finding, found
from domain.dossier.outcome import Balance
from domain.dossier.tables import Declared, Tables
from domain.leadership import Leadership
from domain.membership import Membership
from domain.node import Ended, Established
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit

_DAY = timedelta(days=1)


def balances(streams: Iterable[Aggregate], day: date, about: str) -> list[Balance]:
    """Of units by level and type, organisations by kind, members, and posts that are held.

    `about` is the correlation id of the dossier's events.
    """
    counts: dict[str, _Count] = {}
    for stream in streams:
        if isinstance(stream, Leadership):
            _count_posts(stream, day, about, counts)
        else:
            _count_one(stream, day, about, counts)
    return [Balance(**vars(counts[sort])) for sort in sorted(counts)]


@dataclass
class _Count:
    sort: str
    before: int = 0
    begun: int = 0
    ended: int = 0
    changed_in: int = 0
    changed_out: int = 0
    after: int = 0


def _count(counts: dict[str, _Count], sort: str) -> _Count:
    return counts.setdefault(sort, _Count(sort))


def _count_one(stream: Aggregate, day: date, about: str, counts: dict[str, _Count]) -> None:
    was, is_ = _sort(stream, day - _DAY), _sort(stream, day)
    own = _own(stream, about)
    if was is not None:
        of = _count(counts, was)
        of.before += 1
        of.ended += any(isinstance(event, Ended) for event in own)
    if is_ is not None:
        of = _count(counts, is_)
        of.after += 1
        of.begun += any(isinstance(event, Established) for event in own)
    if was is not None and is_ not in {None, was} and any(map(_changes_sort, own)):
        _count(counts, was).changed_out += 1
        _count(counts, is_).changed_in += 1


def _count_posts(stream: Leadership, day: date, about: str, counts: dict[str, _Count]) -> None:
    closes = any(isinstance(event, Leadership.Closed) for event in _own(stream, about))
    for tenure in stream.all_tenures():
        was, is_ = (
            tenure.first <= on and (tenure.after is None or on < tenure.after)
            for on in (day - _DAY, day)
        )
        if was or is_:
            of = _count(counts, "posts")
            of.before += was
            of.after += is_
            of.ended += was and closes


def _own(stream: Aggregate, about: str) -> list[Event]:
    """What the dossier says of it, and stands."""
    standing = (e for version, e in stream.events.items() if version not in stream.voided_by)
    return [event for event in standing if event.envelope.correlation_id == about]


def _changes_sort(event: Event) -> bool:
    return isinstance(event, AdministrativeUnit.TypeChanged | PartyOrganisation.KindChanged)


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
            words = (
                f"{balance.sort}: of {balance.before:,} before, {balance.begun:,} begun and "
                f"{balance.ended:,} ended do not come to {balance.after:,}: something else takes "
                "effect on that day"
            )
            yield Finding("dossier", 0, "balances", "INV-DOS-5", words)


def _falls_under(sort: str, declared: Declared) -> bool:
    subject, *kinds = sort.split(".")
    wanted = (declared.level, declared.type)
    return subject == declared.subject and all(
        w in {"*", kind} for w, kind in zip(wanted, kinds, strict=False)
    )
