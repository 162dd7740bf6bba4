"""What must hold of the leadership of an organisation on every day (INV-POST-1 to 8).

Asked after all commands of a transaction have decided, so their order does not matter. Numbers are
asked where somebody comes to a post or a seat plan takes effect: who came rightly is not thrown out
by a regulation that lowers a number later, nor by the day on which a surplus was to be over; that
shows in the reports. What a post presupposes is judged by the rules of the day it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations
from typing import Protocol, runtime_checkable
from uuid import UUID

from domain.aggregate import Event
from domain.errors import (
    InvalidValue,
    NotActive,
    NotEligible,
    NotFound,
    OutsideTerm,
    PostNotAllowed,
    PostNotHeld,
    SeatsTaken,
)
from domain.leadership.events import Voided
from domain.leadership.record import LeadershipRecord
from domain.leadership.rules import Ceiling, body_rule, ceilings, post_rule
from domain.leadership.values import ACTING, SUSPENDED, Holding, Tenure
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleSet
from domain.structure.neighbourhood import Neighbourhood
from domain.unit import AdministrativeUnit

_DAY = timedelta(days=1)
_ORGANISATIONS = ("organisation", "cell")  # targets that are streams of the register


@runtime_checkable
class ShowsMembership(Protocol):
    """A stream under the key `member:<person_id>` that knows when the person is a full member."""

    def is_official_on(self, day: date) -> bool: ...


@dataclass(frozen=True)
class Standing:
    """A leadership beside its organisation, from the first day that can have changed."""

    leadership: LeadershipRecord
    organisation: PartyOrganisation
    since: date
    around: Neighbourhood

    @classmethod
    def of(cls, leadership: LeadershipRecord, since: date, around: Neighbourhood) -> Standing:
        """Raises NotFound when there is no such Party organisation."""
        organisation = around.find_any(PartyOrganisation, leadership.organisation_id)
        if organisation is None:
            id_ = str(leadership.organisation_id)
            raise NotFound(f"There is no {PartyOrganisation.TOPIC} {id_}", id=id_)
        return cls(leadership, organisation, since, around)

    @cached_property
    def tenures(self) -> list[Tenure]:
        """Those that reach beyond `since`."""
        every = self.leadership.all_tenures()
        return [t for t in every if t.after is None or t.after > self.since]

    @cached_property
    def begun(self) -> dict[UUID, date]:
        """The first day of each holding that has one."""
        first: dict[UUID, date] = {}
        for tenure in self.leadership.all_tenures():
            first.setdefault(tenure.holding.id, tenure.first)
        return first

    def on(self, day: date) -> list[Tenure]:
        """What is held on a day from `since` on."""
        return [t for t in self.tenures if t.first <= day and (t.after is None or day < t.after)]

    def rules(self, day: date) -> RuleSet:
        return self.around.rules.on(day)

    def kind(self, day: date) -> str:
        """What kind of organisation it is; after its end, what it was."""
        return self.organisation.kind.at(day) or ""

    def days(self) -> list[date]:
        """The days from `since` on on which something begins or ends."""
        turns = {day for t in self.tenures for day in (t.first, t.after) if day is not None}
        turns |= {fact.day for line in self.leadership.seats.values() for fact in line.facts()}
        turns |= {f.day for e in self.leadership.established.values() for f in e.facts()}
        return sorted({self.since, *(day for day in turns if day > self.since)})


def refuse_breaches(
    leadership: LeadershipRecord, since: date, events: Sequence[Event], around: Neighbourhood
) -> None:
    """Raises the RuleBroken of the first invariant that it would break from `since` on."""
    standing = Standing.of(leadership, since, around)
    _refuse_facts_outside_life(standing, events)
    _refuse_outside_life(standing)
    _refuse_outside_term(standing)
    _refuse_misplaced_bodies(standing)
    _refuse_idle_assignments(standing)
    for day in standing.days():
        held = standing.on(day)
        _refuse_held_twice(standing, held, day)
        _refuse_unmet_requirements(standing, held, day)
        _refuse_incompatible(standing, held, day)
        _refuse_too_many(standing, held, day)
    _refuse_other_than_official(standing)


# Life and term (INV-POST-4, INV-POST-6)


def _refuse_facts_outside_life(standing: Standing, events: Iterable[Event]) -> None:
    """Every fact lies in the organisation's life; an end may fall on the first day after it."""
    organisation = standing.organisation
    for event in events:
        day = event.effective_on
        if not isinstance(event, Voided) and not (
            organisation.is_active_on(day) or organisation.is_active_on(day - _DAY)
        ):
            raise NotActive(
                f"The organisation is not active on {day:%d/%m/%Y}",
                field="effective_on",
                id=str(organisation.id),
                first_day=organisation.first_day(),
                ended_on=organisation.ended_on(),
            )


def _refuse_outside_life(standing: Standing) -> None:
    for tenure in standing.tenures:
        first = max(tenure.first, standing.since)
        idle = _first_idle_day(standing.organisation, first, tenure.after)
        if idle is not None:
            raise OutsideTerm(
                f"{tenure.holding.body}.{tenure.holding.post} would be held on "
                f"{idle:%d/%m/%Y}, when the organisation is not active",
                field="effective_on",
                rule="INV-POST-6" if idle == standing.organisation.ended_on() else "INV-POST-4",
                id=str(standing.leadership.id),
                holding_id=str(tenure.holding.id),
            )
    closed = standing.leadership.closed_on()
    if closed is not None and standing.organisation.is_active_on(closed):
        raise OutsideTerm(
            f"All posts end on {closed:%d/%m/%Y}, and the organisation does not",
            field="effective_on",
            rule="INV-POST-6",
            id=str(standing.leadership.id),
        )


def _first_idle_day(
    organisation: PartyOrganisation, first: date, after: date | None
) -> date | None:
    if not organisation.is_active_on(first):
        return first
    ended = organisation.ended_on()
    outlived = ended is not None and (after is None or ended < after)
    return ended if outlived else None


def _refuse_outside_term(standing: Standing) -> None:
    """What is held within terms begins in one, and nothing begins after the end of all."""
    for holding in standing.leadership.holdings.values():
        facts = holding.state.facts()
        if not facts or facts[-1].day < standing.since or facts[0].value is None:
            continue
        day = facts[0].day
        has_term = body_rule(standing.rules(day), holding.body).has_term
        if has_term and standing.leadership.term_on(holding.body, day) is None:
            raise OutsideTerm(
                f"No term of {holding.body} is on record for {day:%d/%m/%Y}",
                field="effective_on",
                rule="INV-POST-4",
                id=str(standing.leadership.id),
                holding_id=str(holding.id),
            )
        closed = standing.leadership.closed_on()
        if closed is not None and day >= closed:
            raise OutsideTerm(
                f"All posts ended on {closed:%d/%m/%Y} with the organisation",
                field="effective_on",
                rule="INV-POST-6",
                id=str(standing.leadership.id),
                holding_id=str(holding.id),
            )


def _refuse_idle_assignments(standing: Standing) -> None:
    """Who answers for something holds a post here on the first day; the target is on record."""
    for assignment in standing.leadership.assignments.values():
        facts = assignment.stands.facts()
        if not facts or facts[0].day < standing.since:
            continue
        served = next(standing.leadership.served(assignment), None)
        if served is None or served.first != facts[0].day:
            raise PostNotHeld(
                f"The member holds no post here on {facts[0].day:%d/%m/%Y}",
                field="person_id",
                id=str(standing.leadership.id),
                assignment_id=str(assignment.id),
            )
        id_ = assignment.target_id if assignment.kind in _ORGANISATIONS else None
        if id_ is not None and standing.around.find_any(PartyOrganisation, id_) is None:
            raise NotFound(f"There is no {PartyOrganisation.TOPIC} {id_}", id=str(id_))


# Bodies (2.4)


def _refuse_misplaced_bodies(standing: Standing) -> None:
    """Every body that has a holder is one of an organisation of this kind, and is set up."""
    for tenure in standing.tenures:
        first = standing.begun[tenure.holding.id]
        day = max(first, standing.since)
        rule = body_rule(standing.rules(first), tenure.holding.body)
        kind = standing.kind(day)
        if kind not in rule.kinds:
            raise PostNotAllowed(
                f"An organisation of kind {kind} has no {rule.english}",
                field="body",
                rule=f"body.{rule.code}",
                document=rule.document,
                allowed=list(rule.kinds),
            )
        if rule.is_established and _size(standing, rule.code, first) is None:
            raise PostNotAllowed(
                f"No {rule.english} is set up on {first:%d/%m/%Y}",
                field="effective_on",
                rule=f"body.{rule.code}",
                document=rule.document,
            )
    for line in standing.leadership.established.values():
        for fact in line.facts():
            if fact.day >= standing.since:
                _refuse_size(standing, fact.value.size, fact.day)


def _size(standing: Standing, body: str, day: date) -> int | None:
    line = standing.leadership.established.get(body)
    said = line.at(day) if line else None
    return said.size if said else None


def _refuse_size(standing: Standing, size: int, day: date) -> None:
    rule = body_rule(standing.rules(day), "inspection_committee")
    kind = standing.kind(day)
    if kind not in rule.kinds:
        raise PostNotAllowed(
            f"An organisation of kind {kind} has no {rule.english}",
            field="effective_on",
            rule=f"body.{rule.code}",
            document=rule.document,
            allowed=list(rule.kinds),
        )
    for limit in ceilings(standing.rules(day), kind):
        if limit.posts != ("inspection_committee.member",):
            continue
        least, most = limit.at_least or 1, _at_most(standing, limit, day)
        if not least <= size <= most:
            raise InvalidValue(
                f"An inspection committee here has {least} to {most} members",
                field="size",
                rule=limit.key,
                document=limit.document,
            )


# One seat, one person; what goes together and what does not (INV-POST-2, INV-POST-8)


def _refuse_held_twice(standing: Standing, held: Sequence[Tenure], day: date) -> None:
    seen: set[tuple[UUID, str, str]] = set()
    for tenure in held:
        seat = (tenure.holding.person_id, *tenure.holding.seat)
        if seat in seen:
            raise SeatsTaken(
                f"The person holds {_post(tenure.holding)} already on {day:%d/%m/%Y}",
                field="person_id",
                rule="INV-POST-8",
                id=str(standing.leadership.id),
                holding_id=str(tenure.holding.id),
            )
        seen.add(seat)


def _refuse_unmet_requirements(standing: Standing, held: Sequence[Tenure], day: date) -> None:
    posts = _posts_by_person(held)
    everything = {post for mine in posts.values() for post in mine}
    kind = standing.kind(day)
    for tenure in held:
        holding = tenure.holding
        rule = post_rule(standing.rules(standing.begun[holding.id]), *holding.seat)
        for required in rule.requires:
            if required.kinds and kind not in required.kinds:
                continue
            if required.where_held is not None and required.where_held not in everything:
                continue
            if not posts[holding.person_id] & {*required.one_of}:
                raise NotEligible(
                    f"Who holds {rule.code} must also hold {' or '.join(required.one_of)}; on "
                    f"{day:%d/%m/%Y} the person does not",
                    field="post",
                    rule="INV-POST-2",
                    document=rule.document,
                    id=str(standing.leadership.id),
                    holding_id=str(holding.id),
                )


def _posts_by_person(held: Iterable[Tenure]) -> dict[UUID, set[str]]:
    posts: dict[UUID, set[str]] = {}
    for tenure in held:
        posts.setdefault(tenure.holding.person_id, set()).add(_post(tenure.holding))
    return posts


def _refuse_incompatible(standing: Standing, held: Sequence[Tenure], day: date) -> None:
    """Who acts for another may hold what does not go with the post."""
    mine: dict[UUID, list[Holding]] = {}
    for tenure in held:
        if tenure.state != ACTING:
            mine.setdefault(tenure.holding.person_id, []).append(tenure.holding)
    for one, other in (pair for seats in mine.values() for pair in combinations(seats, 2)):
        both = max(standing.begun[one.id], standing.begun[other.id])
        rule = standing.rules(both).rule("leadership.incompatible")
        if any({_post(one), _post(other)} == {*pair} for pair in rule.value):
            raise NotEligible(
                f"One person does not hold {_post(one)} and {_post(other)} on {day:%d/%m/%Y}",
                field="post",
                rule="INV-POST-8",
                document=rule.document,
                id=str(standing.leadership.id),
                holding_id=str(other.id),
            )


# How many (INV-POST-1)


@dataclass(frozen=True, slots=True)
class _Limit:
    posts: frozenset[str]
    at_most: int
    rule: str
    document: str | None


def _refuse_too_many(standing: Standing, held: Sequence[Tenure], day: date) -> None:
    came = {_post(t.holding) for t in held if standing.begun[t.holding.id] == day}
    planned = _planned_on(standing, day)
    touched = came | planned
    if not touched:
        return
    seated = [_post(t.holding) for t in held if t.state != ACTING]
    working = [_post(t.holding) for t in held if t.state != SUSPENDED]
    for limit in _limits(standing, seated, day):
        if not touched & limit.posts or _surplus_allowed(standing, limit.posts, day):
            continue
        for posts in (seated, working):
            number = sum(post in limit.posts for post in posts)
            if number > limit.at_most:
                raise SeatsTaken(
                    f"{number} would hold {' or '.join(sorted(limit.posts))} on "
                    f"{day:%d/%m/%Y}; {limit.at_most} may",
                    field="post" if came & limit.posts else "number",
                    rule=limit.rule,
                    document=limit.document,
                    id=str(standing.leadership.id),
                )
    if planned:
        _refuse_plans_above_rules(standing, planned, day)


def _planned_on(standing: Standing, day: date) -> set[str]:
    """Posts whose number of seats was set for that day."""
    planned = {
        f"{body}.{post}"
        for (body, post), line in standing.leadership.seats.items()
        if any(fact.day == day for fact in line.facts())
    }
    for body, line in standing.leadership.established.items():
        if any(fact.day == day for fact in line.facts()):
            planned.add(f"{body}.member")
    return planned


def _limits(standing: Standing, seated: Sequence[str], day: date) -> Iterator[_Limit]:
    for post, number in _plans(standing, day).items():
        yield _Limit(frozenset({post}), number, "INV-POST-1", None)
    for body in standing.leadership.established:
        size = _size(standing, body, day)
        if size is not None:
            yield _Limit(frozenset({f"{body}.member"}), size, "INV-POST-1", None)
    for limit in ceilings(standing.rules(day), standing.kind(day)):
        at_most = _at_most(standing, limit, day)
        yield _Limit(frozenset(limit.posts), at_most, limit.key, limit.document)
    yield _share(standing, seated, day)


def _share(standing: Standing, seated: Sequence[str], day: date) -> _Limit:
    """The standing board's part of the committee, as planned or as it is."""
    rule = standing.rules(day).rule("leadership.standing_board.share")
    plans = _plans(standing, day)
    whole = sum(plans.get(post, seated.count(post)) for post in rule.value["of"])
    at_most = whole * rule.value["numerator"] // rule.value["denominator"]
    return _Limit(frozenset(rule.value["posts"]), at_most, rule.key, rule.document)


def _plans(standing: Standing, day: date) -> dict[str, int]:
    lines = standing.leadership.seats.items()
    found = ((f"{body}.{post}", line.at(day)) for (body, post), line in lines)
    return {post: seats.number for post, seats in found if seats is not None}


def _surplus_allowed(standing: Standing, posts: Iterable[str], day: date) -> bool:
    """Whether the plan of one of these posts lets more hold it on that day than there are seats."""
    for post in posts:
        body, _, code = post.partition(".")
        line = standing.leadership.seats.get((body, code))
        seats = line.at(day) if line else None
        if seats is not None and seats.surplus_until is not None and day < seats.surplus_until:
            return True
    return False


def _refuse_plans_above_rules(standing: Standing, planned: set[str], day: date) -> None:
    plans = _plans(standing, day)
    for limit in ceilings(standing.rules(day), standing.kind(day)):
        number = sum(plans.get(post, 0) for post in limit.posts)
        at_most = _at_most(standing, limit, day)
        if planned & {*limit.posts} and number > at_most:
            if _surplus_allowed(standing, limit.posts, day):
                continue
            raise SeatsTaken(
                f"{number} seats are planned for {' and '.join(limit.posts)}, {at_most} may be: "
                "say until when a surplus is allowed, and by which document",
                field="number",
                rule=limit.key,
                document=limit.document,
                id=str(standing.leadership.id),
            )


def _at_most(standing: Standing, limit: Ceiling, day: date) -> int:
    """The ceiling for this organisation: where it stands and of how many it was merged count."""
    if limit.in_units:
        unit_id = standing.organisation.unit_id.at(day)
        unit = standing.around.find_any(AdministrativeUnit, unit_id) if unit_id else None
        code = unit.code("nso").at(day) if unit else None
        return limit.in_units.get(code or "", limit.at_most)
    if limit.merged_from is None or limit.at_most_merged is None:
        return limit.at_most
    givers = len(standing.around.carriers(f"successor:{standing.organisation.id}"))
    if 0 < givers < limit.merged_from:  # where none is on record, nobody knows how many there were
        return limit.at_most
    return limit.at_most_merged


# Members (INV-POST-3)


def _refuse_other_than_official(standing: Standing) -> None:
    """Who begins to hold a Party post is an official member, where the register knows of it."""
    for holding_id, day in standing.begun.items():
        holding = standing.leadership.holdings[holding_id]
        rules = standing.rules(day)
        if day < standing.since or not body_rule(rules, holding.body).of_party:
            continue
        rule = rules.rule("leadership.official_members_only")
        bearers = standing.around.bearers(f"member:{holding.person_id}")
        known = [each for each in bearers if isinstance(each, ShowsMembership)]
        if rule.value and known and not any(each.is_official_on(day) for each in known):
            raise NotEligible(
                f"The person is no official member on {day:%d/%m/%Y}",
                field="person_id",
                rule="INV-POST-3",
                document=rule.document,
                id=str(standing.leadership.id),
                holding_id=str(holding_id),
            )


def keys_around(leadership: LeadershipRecord, since: date) -> set[str]:
    """Keys whose bearers the rules above will ask for: of those who begin to hold something, and
    of what went over into the organisation."""
    begun = (t.holding for t in leadership.all_tenures() if t.first >= since)
    members = {f"member:{holding.person_id}" for holding in begun}
    return members | {f"successor:{leadership.organisation_id}"}


def _post(holding: Holding) -> str:
    return f"{holding.body}.{holding.post}"
