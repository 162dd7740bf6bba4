"""Logs about who leads, that a year of clerks might have written, for property tests.

What is recorded need not make sense: rows must say what folding says, whatever there is to fold.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import strategies as st

from domain.aggregate import Event
from domain.errors import RegisterError
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Ballot, Planned, Seated
from domain.legal_basis import LegalBasis
from tests.logs import DAYS, ORGANISATIONS, PaperLog, envelope

ORGANISATION = ORGANISATIONS[0]
PEOPLE = [uuid5(NAMESPACE_URL, f"person/{n}") for n in range(3)]
POSTS = [
    ("executive_committee", "secretary"),
    ("executive_committee", "member"),
    ("standing_board", "member"),
]
BODIES = ("executive_committee", "standing_board")
WHATS = (
    *(
        "plans",
        "together",
        "seats",
        "appoint",
        "appoint",
        "elect",
        "act",
        "relieve",
        "relieve",
        "refuse",
        "suspend",
    ),
    *("lift", "start", "end", "close", "assign", "release", "regulate", "repeal", "set up"),
    *("void", "void", "correct"),
)


@dataclass(frozen=True)
class Wish:
    what: str
    on: date
    choice: int  # of person, post, number, event


wishes = st.builds(
    Wish,
    what=st.sampled_from(WHATS),
    on=st.sampled_from(DAYS),
    choice=st.integers(0, 11),
)


def carry_out(log: PaperLog, wished: Wish) -> None:
    """Record it, unless even that is refused."""
    leadership = log.node_or_none(leadership_id(ORGANISATION)) or Leadership.of(ORGANISATION)
    try:
        _record(leadership, wished)
        log.append(leadership)
    except RegisterError:
        return


def _record(leadership: Leadership, wished: Wish) -> None:
    positions = [event.position for event in leadership.events.values()]
    voided = positions[wished.choice % len(positions)] if positions else None
    if wished.what == "void" and voided:
        leadership.void(envelope(wished.on, voided))
    elif wished.what == "correct" and voided:
        event = leadership.event_at(voided)
        assert event is not None
        leadership.happen(type(event), envelope(wished.on, voided), **_again(event, wished))
    elif wished.what not in ("void", "correct"):
        event_class, facts = _said(leadership, wished)
        if event_class is not None:
            leadership.happen(event_class, envelope(wished.on), **facts)


def _again(event: Event, wished: Wish) -> dict[str, Any]:
    """What it said, but of another person and post where it says such."""
    known = {field.name for field in fields(Event)} | {"organisation_id"}
    facts = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in known}
    other = {"person_id": PEOPLE[wished.choice % 3], "post": POSTS[wished.choice % 2][1]}
    return {name: other.get(name, value) for name, value in facts.items()}


def _said(leadership: Leadership, wished: Wish) -> tuple[Any, dict[str, Any]]:
    lead, choice = Leadership, wished.choice
    body, post = POSTS[choice % 3]
    holding_id = uuid5(NAMESPACE_URL, f"holding/{leadership.version}")
    come: dict[str, Any] = {"holding_id": holding_id, "person_id": PEOPLE[choice // 3 % 3]}
    come |= {"body": body, "post": post}
    held = list(leadership.holdings.values())
    left = held[choice % len(held)] if held else None
    leave: dict[str, Any] = {"holding_ids": (left.id,)} if left else {}
    until = wished.on + timedelta(days=20 * choice) if choice % 2 else None
    said: dict[str, Any]
    match wished.what:
        case "seats":
            plan = {"number": choice % 4, "due_on": DAYS[choice], "surplus_until": None}
            return lead.SeatPlanSet, {"body": body, "post": post, **plan}
        case "plans":
            plans = tuple(Planned(*each, choice % 3) for each in POSTS[choice % 2 :])
            return lead.SeatPlansSet, {"plans": plans, "due_on": None, "surplus_until": None}
        case "together":
            return lead.AppointedTogether, {
                "holders": _holders(leadership, choice),
                "occasion": "new",
            }
        case "appoint":
            return lead.Appointed, {**come, "occasion": "new"}
        case "elect":
            ballot = Ballot(wished.on, None, None, None, None)
            return lead.Elected, {**come, "ballot": ballot, "by": "congress"}
        case "act":
            return lead.ActingAssigned, {**come, "until": until}
        case "start":
            name = f"{2020 + choice % 2}"
            return lead.TermStarted, {
                "bodies": BODIES[: choice % 2 + 1],
                "name": name,
                "until": until,
            }
        case "end":
            return lead.TermEnded, {"bodies": BODIES[choice % 2 :]}
        case "close":
            return lead.Closed if choice == 0 else None, {}
        case "assign":
            target = {"kind": "area", "target_id": None, "target": f"thôn {choice}", "duties": None}
            id_ = uuid5(NAMESPACE_URL, f"assignment/{leadership.version}")
            return lead.MemberAssigned, {
                "assignment_id": id_,
                **target,
                "person_id": PEOPLE[choice % 3],
            }
        case "release":
            ids = list(leadership.assignments)
            if not ids:
                return None, {}
            return lead.AssignmentEnded, {"assignment_id": ids[choice % len(ids)]}
        case "regulate":
            document = LegalBasis(f"{choice + 1}-QC/ĐU", wished.on)
            said = {"body": body, "term": f"{2020 + choice % 2}", "document": document}
            return lead.WorkingRegulationsIssued, {**said, "model": None}
        case "repeal":
            return lead.WorkingRegulationsSuperseded, {"body": body}
        case "set up":
            return lead.InspectionCommitteeEstablished, {"size": choice, "mode": "elected"}
    if left is None:
        return None, {}
    if wished.what == "refuse":
        return lead.ElectionNotApproved, leave
    leaving = {"relieve": lead.Relieved, "suspend": lead.Suspended, "lift": lead.SuspensionLifted}
    return leaving[wished.what], {**leave, "person_id": left.person_id}


def _holders(leadership: Leadership, choice: int) -> tuple[Seated, ...]:
    """Two come to posts at once."""
    ids = [uuid5(NAMESPACE_URL, f"holding/{leadership.version}/{n}") for n in range(2)]
    who = (PEOPLE[choice % 3], PEOPLE[(choice + 1) % 3])
    posts = (POSTS[choice % 3], POSTS[choice // 3 % 3])
    return tuple(
        Seated(id_, person, *post, None) for id_, person, post in zip(ids, who, posts, strict=True)
    )


def written(wished: list[Wish]) -> PaperLog:
    """The log after these wishes."""
    log = PaperLog()
    for each in wished:
        carry_out(log, each)
    return log


logs = st.integers(0, 40).flatmap(lambda n: st.lists(wishes, min_size=n, max_size=n)).map(written)


def written_log(count: int = 120, seed: int = 2025) -> PaperLog:
    """A log that is the same each time."""
    drawn = random.Random(seed)
    return written(
        [Wish(drawn.choice(WHATS), drawn.choice(DAYS), drawn.randrange(12)) for _ in range(count)]
    )


def leadership_at(log: PaperLog, known_at: int) -> Leadership:
    """What was known then, by folding."""
    id_: UUID = leadership_id(ORGANISATION)
    found: Leadership | None = log.node_or_none(id_, known_at)
    return found or Leadership.of(ORGANISATION)
