"""All that a page about one dossier shows, made from what it is and what it would come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from api.pages.dossier_change import Changes, changes
from api.pages.dossier_words import balance_of, post_of, rule_of, sort_of, turn_of
from api.pages.words import Term
from domain.aggregate import Aggregate
from domain.dossier.dossier import DONE, OPEN, Dossier
from domain.dossier.outcome import Balance
from domain.node import Node
from services.dossiers.affairs import Affected
from services.dossiers.rehearsals import Rehearsals, Rehearsed, dossier_of
from services.dossiers.rehearsing import Rehearsal
from services.record import replayed
from services.register import Register
from services.store import Log


@dataclass(frozen=True)
class Line:
    """One line of the table of counts."""

    term: Term
    balance: Balance


@dataclass(frozen=True)
class Sort:
    """Things of one sort that hang on what ends, and how each is settled."""

    term: Term
    ways: tuple[tuple[Term, int], ...]  # how, and how many
    things: tuple[tuple[Affected, Term], ...]


@dataclass(frozen=True)
class Vacant:
    """Posts of one organisation that nobody holds on the day."""

    called: str
    posts: tuple[tuple[Term, int, int, date | None], ...]  # (post, seats, filled, due)


@dataclass(frozen=True)
class Sheet:
    """One dossier, as a person reads it before approving."""

    dossier: Dossier
    acts: tuple[Any, ...]
    rehearsed: Rehearsed | None  # None: it was carried out, or withdrawn
    digest: str | None
    lines: tuple[Line, ...]
    changes: tuple[Changes, ...]
    names: dict[UUID, str]
    sorts: tuple[Sort, ...]
    losing: tuple[tuple[Affected, Term], ...]
    vacant: tuple[Vacant, ...]

    @property
    def found(self) -> Rehearsal | None:
        return self.rehearsed.rehearsal if self.rehearsed else None

    @property
    def is_balanced(self) -> bool:
        return all(line.balance.holds for line in self.lines)

    @property
    def is_done(self) -> bool:
        return self.dossier.state in DONE

    def turns(self, of: Changes) -> list[tuple[Term, int]]:
        """In how many ways those that live on change."""
        ways = ("renamed", "moved", "changed_kind", "recoded", "ceded")
        return [(turn_of(way), of.turned(way)) for way in ways if of.turned(way)]


def sheet(register: Register, rehearsals: Rehearsals, id_: UUID) -> Sheet:
    """Raises NotFound."""
    dossier = dossier_of(register.store, id_)
    rehearsed = rehearsals.of(id_) if dossier.state in OPEN else None
    found = rehearsed.rehearsal if rehearsed else None
    streams = found.streams if found else tuple(_carried_out(register, dossier))
    day = dossier.heading.effective_on
    names = _names(register.store, streams, day)
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    balances = found.balances if found else done.outcome.balances if done else ()
    affected = found.affected if found else ()
    return Sheet(
        dossier=dossier,
        acts=tuple(e for e in dossier.events.values() if not isinstance(e, _PARTS)),
        rehearsed=rehearsed,
        digest=found.outcome.digest if found else done.outcome.digest if done else None,
        lines=tuple(Line(balance_of(b.sort, day), b) for b in balances),
        changes=tuple(
            changes(s, streams, lambda i: names.get(i, "?"), day, dossier.heading.scheme)
            for s in ("unit", "organisation")
        ),
        names=names,
        sorts=tuple(_sorts(a for a in affected if a.sort != "posts")),
        losing=tuple((a, post_of(*a.called.split("."))) for a in affected if a.sort == "posts"),
        vacant=tuple(_vacant(found) if found else ()),
    )


_PARTS = (Dossier.Stated, Dossier.HandedOver)


def _carried_out(register: Register, dossier: Dossier) -> Iterable[Aggregate]:
    """What it touched, as it is on record now."""
    ids: dict[UUID, None] = {}
    for block in dossier.own_positions():
        for event in register.events_between(block.start, block.stop - 1):
            ids.setdefault(UUID(str(event.originator_id)))
    return _streams(register.store, ids)


def _streams(log: Log, ids: Iterable[UUID]) -> list[Aggregate]:
    histories: dict[Any, list[Any]] = {}
    for stored in log.histories(list(ids)):
        histories.setdefault(stored.originator_id, []).append(stored)
    return [replayed(history) for history in histories.values()]


def _names(log: Log, streams: Sequence[Aggregate], day: date) -> dict[UUID, str]:
    """Of all nodes that are touched, and of those they stand under, take from or give to."""
    nodes = [each for each in streams if isinstance(each, Node)]
    names = {node.id: node.called(day) or "?" for node in nodes}
    others: set[UUID] = set()
    for node in nodes:
        others |= {id_ for _, id_ in _superiors(node, day) if id_}
        others |= {s.id for on, all_ in node.hand_overs() if on == day for s in all_}
    missing = _streams(log, others - names.keys())
    return names | {each.id: each.called(day) or "?" for each in missing}


def _superiors(node: Node, day: date) -> list[tuple[date, UUID | None]]:
    eve = date.fromordinal(day.toordinal() - 1)
    return [(on, node.superior_id.at(on)) for on in (eve, day)]


def _sorts(affected: Iterable[Affected]) -> Iterable[Sort]:
    by_sort: dict[str, list[Affected]] = {}
    for each in affected:
        by_sort.setdefault(each.sort, []).append(each)
    for sort, things in by_sort.items():
        ways = Counter(each.rule for each in things)
        yield Sort(
            sort_of(sort),
            tuple((rule_of(rule), number) for rule, number in ways.most_common()),
            tuple((each, rule_of(each.rule)) for each in things),
        )


def _vacant(found: Rehearsal) -> Iterable[Vacant]:
    by_organisation: dict[UUID, list[Any]] = {}
    for each in found.vacancies:
        by_organisation.setdefault(each.organisation_id, []).append(each)
    for those in by_organisation.values():
        posts = ((post_of(v.body, v.post), v.seats, v.filled, v.due_on) for v in those)
        yield Vacant(those[0].called, tuple(posts))
