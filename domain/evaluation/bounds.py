"""What binds a round to others and to all of its days: who decides, one level each, the ceiling.

Asked after all commands of a transaction have decided, over the round as it would then be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Authority
from domain.errors import AlreadyExists, NotCompetent, NotFound, RuleBroken
from domain.evaluation.authority import above, is_central
from domain.evaluation.events import UNREVIEWED, LevelsDecided, SubjectsListed
from domain.evaluation.parts import Subject
from domain.evaluation.review import Review, refuse_over_ceiling
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood

_DECIDING = (Review.LevelsDecided, Review.LeftUnreviewed)
_RULED_FROM_ABOVE = (Review.LevelChanged, Review.ReopeningRequested, Review.Reopened)


def refuse_breaches(
    review: Review, since: date, events: Sequence[Event], around: Neighbourhood
) -> None:
    """Raises the RuleBroken of the first invariant that `review` would break."""
    for event in events:
        judged = review.event_at(event.envelope.voids or 0) if _takes_back(event) else event
        _refuse_wrong_authority(review, event, judged or event, around)
        if isinstance(event, Review.SubjectsListed):
            _refuse_unknown_subjects(review, event, around)
    _refuse_unlisted_levels(review)
    _refuse_rivals(review, since, around)
    if review.opening is not None:
        for day in _days(review, since):
            refuse_over_ceiling(review.levels(day), review.opened.terms)
    if review.state == "closed":
        review.totals()


def _takes_back(event: Event) -> bool:
    return isinstance(event, Review.Voided)


def _days(review: Review, since: date) -> Iterator[date]:
    """The days from then on that change a level."""
    lines = (line for field, line in review.fields().items() if field.startswith("level."))
    yield from sorted({day for line in lines for day in line.days() if day >= since} | {since})


def _refuse_unlisted_levels(review: Review) -> None:
    stray = review.outcomes().keys() - review.subjects().keys()
    if stray:
        raise RuleBroken(
            "A subject that has an outcome stays on the list: take that back first",
            field="voids",
            rule="INV-REV-5",
            id=str(min(stray)),
        )


def _refuse_rivals(review: Review, since: date, around: Neighbourhood) -> None:
    """One level a subject and period: nobody is listed in two rounds, unless left out of one."""
    outcomes = review.outcomes()
    for key in review.keys(since):
        if not key.startswith("only:"):
            continue
        subject_id = UUID(key.split(":")[3])
        if outcomes.get(subject_id) == UNREVIEWED:
            continue
        for other in around.bearers(key):
            if isinstance(other, Review) and other.id != review.id and _claims(other, subject_id):
                raise AlreadyExists(
                    "It is judged in another round of that period, and not left out there",
                    field="subjects",
                    rule="INV-REV-1",
                    id=str(subject_id),
                    other_id=str(other.id),
                )


def _claims(review: Review, subject_id: UUID) -> bool:
    outcome = review.outcome(subject_id)
    return review.is_listed(subject_id) and outcome != UNREVIEWED


def _refuse_unknown_subjects(review: Review, event: SubjectsListed, around: Neighbourhood) -> None:
    for subject in event.subjects:
        if review.opened.subjects_are == "organisation":
            there = around.find_any(PartyOrganisation, subject.id) is not None
        else:
            found = around.stream(subject.id)
            there = found is not None and found.TOPIC == "person"
        if not there:
            words = f"There is no {review.opened.subjects_are} {subject.id}"
            raise NotFound(words, field="subjects.id", id=str(subject.id))


# Who decides


def _refuse_wrong_authority(
    review: Review, event: Event, judged: Event, around: Neighbourhood
) -> None:
    authority, day = event.envelope.authority, event.effective_on
    opening = review.opening or judged
    assert isinstance(opening, Review.Opened)
    decider_id = opening.decider_id
    if isinstance(judged, _RULED_FROM_ABOVE):
        if not _is_above(authority, decider_id, day, around):
            raise _incompetent(review, "the level above the deciding body", around, day)
    elif isinstance(judged, (Review.Opened, Review.Closed, *_DECIDING)):
        if not _is(authority, decider_id, day, around):
            raise _incompetent(review, "the deciding body of this round", around, day)
        if isinstance(event, Review.LevelsDecided):
            _refuse_other_superior(review, event, around)


def _is(authority: Authority, decider_id: UUID | None, day: date, around: Neighbourhood) -> bool:
    """Whether that authority is the deciding body, and there on that day."""
    if decider_id is None:
        return is_central(authority, day, around)
    body = around.find_any(PartyOrganisation, decider_id)
    return authority.organisation_id == decider_id and body is not None and body.is_active_on(day)


def _is_above(
    authority: Authority, decider_id: UUID | None, day: date, around: Neighbourhood
) -> bool:
    """Whether it stands above the deciding body, or above those that took that one's place."""
    if is_central(authority, day, around):
        return True
    body = around.find(decider_id) if decider_id else None
    return body is not None and authority.organisation_id in above(body, day, around)


def _refuse_other_superior(review: Review, event: LevelsDecided, around: Neighbourhood) -> None:
    """The deciding body is the direct superior of each subject on that day (INV-REV-4).

    Who leaves one out need not be: it may have ended, or gone elsewhere.
    """
    day, opened, subjects = event.effective_on, review.opened, review.subjects()
    rule = around.rules.on(day).rule("evaluation.deciders")
    ways = rule.value[opened.subjects_are]
    for id_ in event.mentions():
        if opened.decider_id not in _deciders(subjects[id_], ways, day, around):
            raise NotCompetent(
                f"The deciding body is not the direct superior on {day:%d/%m/%Y}",
                field="decisions.subject_id",
                rule="INV-REV-4",
                document=rule.document,
                id=str(id_),
            )


def _deciders(
    subject: Subject, ways: Sequence[str], day: date, around: Neighbourhood
) -> set[UUID | None]:
    place = around.find_any(PartyOrganisation, subject.organisation_id or subject.id)
    if place is None or not place.is_active_on(day):
        return set()
    found: set[UUID | None] = {place.superior_id.at(day)} if "superior" in ways else set()
    return found | ({place.id} if "own" in ways else set())


def _incompetent(review: Review, wanted: str, around: Neighbourhood, day: date) -> NotCompetent:
    rule = around.rules.on(day).rule("evaluation.deciders")
    return NotCompetent(
        f"This is for {wanted}: name it in authority.organisation_id",
        field="authority",
        rule="INV-REV-4",
        document=rule.document,
        id=str(review.id),
    )
