"""What streams recorded because of an event of another, in its transaction, and take back with it.

An organisation ends, and all posts in it; a membership ends, and whatever its member holds;
somebody is transferred, and comes to posts elsewhere. Nobody should have to find the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.envelope import Envelope
from domain.errors import CannotVoid
from domain.leadership import Leadership, leadership_id
from domain.leadership.events import Reassigned, Recognised
from domain.membership import Membership
from domain.membership.events import Ending
from domain.organisation import PartyOrganisation
from services.work import Work

_CAUSES = {"left": "left_party"}  # leadership calls it so; all else has one name in both


class Side(NamedTuple):
    """What the leadership of an organisation recorded of a transfer, and stands."""

    id: UUID  # of that leadership
    event: Reassigned | Recognised
    position: int


def take_back_what_followed(
    stream: Aggregate, voided: Event, envelope: Envelope, work: Work
) -> None:
    """Take back what other streams recorded because of an event that `stream` has taken back."""
    if isinstance(voided, PartyOrganisation.Ended):
        _reopen_leadership(stream.id, envelope, work)
    elif isinstance(stream, Membership) and isinstance(voided, Ending) and stream.person_id:
        take_back_ends(stream.person_id, voided, envelope, work)
    elif isinstance(stream, Leadership):
        for id_, _, position in list(other_side(stream, voided, work)):
            work.get(Leadership, id_).void(replace(envelope, voids=position))


def _reopen_leadership(organisation_id: UUID, envelope: Envelope, work: Work) -> None:
    """The organisation did not end: neither did the posts that are held in it."""
    leadership = work.find_any(Leadership, leadership_id(organisation_id))
    closing = leadership.closing() if leadership else None
    if closing is not None:
        work.get(Leadership, leadership_id(organisation_id)).void(
            replace(envelope, voids=closing.position)
        )


# The end of a membership


def cause_of(ending: Ending) -> str:
    """As leadership tells why posts ended with that membership."""
    return _CAUSES.get(ending.ENDED, ending.ENDED)


def take_back_ends(person_id: UUID, ending: Ending, envelope: Envelope, work: Work) -> None:
    """Take back that posts of a person ended that day for that cause, in any organisation."""
    for bearer in work.bearers(f"holder:{person_id}"):
        if isinstance(bearer, Leadership):
            leadership = work.get(Leadership, bearer.id)
            for end in leadership.ended_by_law(person_id, cause_of(ending), ending.effective_on):
                leadership.void(replace(envelope, voids=end.position))


# Transfers


def other_side(leadership: Leadership, event: Event, work: Work) -> Iterator[Side]:
    """What else was recorded by the transfer that `event` of this leadership is part of."""
    if isinstance(event, Reassigned):
        yield from _comings(event, leadership.organisation_id, work)
    elif isinstance(event, Recognised) and event.from_organisation_id is not None:
        for departure in _departures(event, leadership.organisation_id, work):
            yield departure
            assert isinstance(departure.event, Reassigned)
            for side in _comings(departure.event, event.from_organisation_id, work):
                if side.event is not event:
                    yield side


def refuse_half_a_transfer(leadership: Leadership, envelope: Envelope, work: Work) -> None:
    """Raises CannotVoid when a correction would leave the other side of a transfer standing."""
    wrong = leadership.event_at(envelope.voids or 0)
    sides = other_side(leadership, wrong, work) if wrong is not None else ()
    for departure in (side for side in sides if isinstance(side.event, Reassigned)):
        raise CannotVoid(
            f"It came of the reassignment at position {departure.position}: correct that one, "
            "which tells both rightly",
            field="voids",
            position=envelope.voids,
            reassignment=departure.position,
            organisation_id=str(departure.event.organisation_id),
        )


def _comings(departure: Reassigned, from_id: UUID, work: Work) -> Iterator[Side]:
    """To the posts that a transfer was for."""
    posts = {(post.body, post.post) for post in departure.to_posts}
    for side in _standing(departure.to_organisation_id, work):
        event = side.event
        if (
            isinstance(event, Recognised)
            and event.from_organisation_id == from_id
            and (event.body, event.post) in posts
            and _is_of_one_decision(event, departure)
        ):
            yield side


def _departures(coming: Recognised, to_id: UUID, work: Work) -> Iterator[Side]:
    """From the posts that were left for one of another organisation."""
    assert coming.from_organisation_id is not None
    for side in _standing(coming.from_organisation_id, work):
        event = side.event
        if (
            isinstance(event, Reassigned)
            and event.to_organisation_id == to_id
            and any((p.body, p.post) == (coming.body, coming.post) for p in event.to_posts)
            and _is_of_one_decision(coming, event)
        ):
            yield side


def _is_of_one_decision(coming: Recognised, departure: Reassigned) -> bool:
    return (coming.person_id, coming.effective_on) == (departure.person_id, departure.effective_on)


def _standing(organisation_id: UUID, work: Work) -> Iterator[Side]:
    """What stands on record there of any transfer."""
    leadership = work.find_any(Leadership, leadership_id(organisation_id))
    if leadership is None:
        return
    for version, event in leadership.events.items():
        stands = version not in leadership.voided_by and event.position is not None
        if isinstance(event, Reassigned | Recognised) and stands:
            yield Side(leadership.id, event, event.position or 0)
