"""Histories of members that a few years of clerks might have written, for property tests.

Two provinces with two communes each and five cells, six people. Clerks wish for this and that, late
and early, and take it back; cells are merged, and come under other communes. What a life by itself
refuses is skipped; what binds several lives is not asked here, so that counting holds even there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import strategies as st

from domain.errors import RegisterError
from domain.lineage import Successor
from domain.membership import DEGREES, Membership
from domain.organisation import PartyOrganisation
from services.rulebook import rule_book
from tests.logs import PaperLog, envelope

DAYS = [date(2025, 7, 1) + timedelta(days=20 * n) for n in range(9)]
YEAR_LATER = date(2026, 8, 10)  # twelve months after the ceremony of DAYS[2]
PROVINCES = [uuid5(NAMESPACE_URL, f"province/{n}") for n in range(2)]
COMMUNES = [uuid5(NAMESPACE_URL, f"commune/{n}") for n in range(4)]
CELLS = [uuid5(NAMESPACE_URL, f"cell/{n}") for n in range(5)]
TREE = [*PROVINCES, *COMMUNES, *CELLS]
MEMBERS = [uuid5(NAMESPACE_URL, f"membership/{n}") for n in range(6)]
WAYS = ["strike_off", "leave", "expel", "die"]


@dataclass(frozen=True)
class Wish:
    """What a clerk wants recorded."""

    what: str
    who: int  # of a member, or an organisation
    on: date
    choice: int
    voids: int  # the how-many-eth event of that stream is taken back, of a voiding


WHATS = [
    *["begin"] * 4,
    *["move", "introduce", "receive", "receive", "outside", "end", "restore", "recognise"],
    *["void", "void", "void_organisation", "merge", "merge", "resubordinate", "resubordinate"],
]
wishes = st.builds(
    Wish,
    what=st.sampled_from(WHATS),
    who=st.integers(0, 5),
    on=st.sampled_from(DAYS),
    choice=st.integers(0, 7),
    voids=st.integers(0, 5),
)


def written(wished: list[Wish]) -> PaperLog:
    """The log after these wishes, over the whole tree and four members."""
    log = PaperLog()
    for n, id_ in enumerate(TREE):
        superior = None if id_ in PROVINCES else PROVINCES[n % 2]
        superior = COMMUNES[n % 4] if id_ in CELLS else superior
        _founded(log, id_, superior)
    for n in range(4):
        _carry_out(log, Wish("begin", n, DAYS[0], n, 0))
    for each in wished:
        try:
            _carry_out(log, each)
        except RegisterError:
            continue
    return log


def _founded(log: PaperLog, id_: UUID, superior: UUID | None) -> None:
    kind = "cell" if id_ in CELLS else "commune_upper" if superior else "province"
    founded = PartyOrganisation.establish(
        id_,
        way="entered",
        kind=kind,
        name=f"Tổ chức {id_.hex[:6]}",
        superior_id=superior,
        unit_id=None,
        setting=None,
        codes=(),
        envelope=envelope(date(2025, 1, 1)),
        rules=rule_book().on(DAYS[0]),
    )
    log.record(founded)


def _carry_out(log: PaperLog, wish: Wish) -> None:
    given, rules = envelope(wish.on), rule_book().on(wish.on)
    if wish.what in ("merge", "resubordinate", "void_organisation"):
        return _reorganise(log, wish)
    known: Membership | None = log.node_or_none(MEMBERS[wish.who])
    cell = CELLS[wish.choice % len(CELLS)]
    if wish.what == "begin":
        if known is None:
            log.append(_begun(wish, cell))
        return None
    if known is None:
        return None
    member: Any = known
    match wish.what:
        case "move":
            member.move(cell, "internal", given)
        case "introduce":
            member.introduce(cell, None, given)
        case "outside":
            member.introduce(None, "Đảng bộ nơi khác", given)
        case "receive":
            to_id = member.introduced_to_id.at(wish.on)
            member.receive(to_id, given)
        case "end" if wish.choice % 4 in (0, 2):
            getattr(member, WAYS[wish.choice % 4])(None, given, rules)
        case "end":
            getattr(member, WAYS[wish.choice % 4])(given)
        case "restore":
            member.restore(cell, DEGREES[wish.choice % 2], given)
        case "recognise":
            _recognise(member)
        case "void":
            member.void(envelope(wish.on, voids=_position(member, wish)))
    log.append(member)
    return None


def _begun(wish: Wish, cell: UUID) -> Membership:
    person = uuid5(NAMESPACE_URL, f"person/{wish.who}")
    facts: dict[str, Any] = {"person_id": person, "cell_id": cell, "envelope": envelope(wish.on)}
    if wish.choice % 3 == 0:
        return Membership.admit(
            MEMBERS[wish.who],
            **facts,
            cell_decided_on=wish.on,
            introducer_ids=MEMBERS[:2] if wish.who > 1 else MEMBERS[2:4],
            is_endorsed_by_union=False,
            born_on=None,
            vote=None,
            former_id=MEMBERS[0] if wish.choice == 6 else None,
            rules=rule_book().on(wish.on),
        )
    return Membership.take_over(
        MEMBERS[wish.who],
        **facts,
        degree=DEGREES[wish.choice % 2],
        party_age_on=None,
        ceremony_on=None,
        official_on=None,
        badge_years=None,
        place="Đảng bộ nơi khác" if wish.choice == 5 else None,
    )


def _recognise(member: Any) -> None:
    """The ceremony, and what follows from it a year later."""
    member.hold_ceremony(None, envelope(DAYS[2]), rule_book().on(DAYS[2]))
    member.recognise(None, None, envelope(YEAR_LATER), rule_book().on(YEAR_LATER))


def _reorganise(log: PaperLog, wish: Wish) -> None:
    cell = CELLS[wish.who % len(CELLS)]
    if wish.what == "resubordinate":
        node = log.node(cell if wish.choice % 2 else COMMUNES[wish.who % 4])
        above = PROVINCES[wish.choice % 2] if node.id in COMMUNES else COMMUNES[wish.choice % 4]
        node.resubordinate(above, envelope(wish.on))
        log.record(node)
    elif wish.what == "void_organisation":
        node = log.node(cell)
        node.void(envelope(wish.on, voids=_position(node, wish)))
        log.record(node)
    else:
        _merge(log, cell, CELLS[wish.choice % len(CELLS)], wish.on)


def _merge(log: PaperLog, cell: UUID, heir: UUID, on: date) -> None:
    """The cell ends, and whoever belongs to it then goes to the heir."""
    node = log.node(cell)
    node.end("merger", [Successor(heir, "whole", is_default=True)], envelope(on))
    log.record(node)
    for id_ in MEMBERS:
        member: Membership | None = log.node_or_none(id_)
        if member is not None and member.cell_on(on) == cell:
            member.move(heir, "reorganisation", envelope(on))
            log.append(member)


def _position(stream: Any, wish: Wish) -> int | None:
    positions = [event.position for event in stream.events.values()]
    position: int | None = positions[wish.voids % len(positions)]
    return position


histories = st.lists(wishes, max_size=30).map(written)
