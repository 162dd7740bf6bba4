"""What binds a membership to others: one at a time, cells that are there, who may receive, vote and
decide. Asked after all commands of a transaction have decided (INV-MEM-1 to 6, INV-ORG-1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.aggregate import Event
from domain.calendar import months_after
from domain.errors import AlreadyMember, MembersLeft, NotActive, NotFound, PostsLeft, RuleBroken
from domain.leadership.record import LeadershipRecord
from domain.membership import competence, events
from domain.membership.record import MembershipRecord
from domain.membership.terms import probation_end
from domain.membership.votes import Vote, refuse_uncountable, roll_on
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleBook
from domain.structure.neighbourhood import Neighbourhood, either
from domain.structure.superiors import first_idle_day, superiors_on


def refuse_second_membership(
    membership: MembershipRecord, since: date, around: Neighbourhood
) -> None:
    """A person has at most one membership on a day."""
    for other in _memberships(f"only:membership:{membership.person_id}", around):
        if other.id != membership.id and _overlap(membership, other, since):
            raise AlreadyMember(
                "This person has another membership on one of those days",
                field="person_id",
                rule="INV-MEM-1",
                id=str(membership.id),
                other_id=str(other.id),
            )


def _overlap(one: MembershipRecord, other: MembershipRecord, since: date) -> bool:
    lives = [[s for s in each.is_active.spans(since) if s.value] for each in (one, other)]
    return any(
        (a.after is None or b.first < a.after) and (b.after is None or a.first < b.after)
        for a in lives[0]
        for b in lives[1]
    )


def refuse_idle_cells(
    membership: MembershipRecord, since: date, around: Neighbourhood, only: UUID | None = None
) -> None:
    """The cells where he belongs or takes part are cells, and active on every one of those days.

    With `only`, that organisation is looked at, which changes: it cannot end, nor become anything
    else, while members are left (INV-ORG-1).
    """
    for cell_id, first, after in membership.places(since):
        if only is not None and cell_id != only:
            continue
        cell, begun = around.find_any(PartyOrganisation, cell_id), max(first, since)
        if cell is None:
            raise NotFound(f"There is no cell {cell_id}", field="cell_id", cell_id=str(cell_id))
        idle = first_idle_day(cell, begun, after)
        about = {"id": str(membership.id), "cell_id": str(cell_id)}
        if idle is not None and only is not None:
            raise MembersLeft(
                f"Members belong to it on {idle:%d/%m/%Y}, when it would not be active: move "
                "them with it, or before",
                field="effective_on",
                rule="INV-ORG-1",
                **about,
            )
        if idle is not None:
            words = f"The cell is not active on {idle:%d/%m/%Y}"
            raise NotActive(words, field="cell_id", rule="INV-MEM-1", **about)
        for day in [begun, *_kind_changes(cell, begun, after)]:
            _refuse_no_cell(cell, day, around, about)


def _kind_changes(cell: PartyOrganisation, first: date, after: date | None) -> Iterator[date]:
    days = (span.first for span in cell.kind.spans(first))
    return (day for day in days if day > first and (after is None or day < after))


def _refuse_no_cell(
    cell: PartyOrganisation, day: date, around: Neighbourhood, about: dict[str, str]
) -> None:
    rule = around.rules.on(day).rule("membership.cell_kinds")
    if cell.kind.at(day) not in rule.value:
        raise RuleBroken(
            f"Members belong to {either(rule.value)}; on {day:%d/%m/%Y} it is a "
            f"{cell.kind.at(day)}",
            field="cell_id",
            rule=rule.key,
            document=rule.document,
            **about,
        )


def refuse_wrong_recognition(membership: MembershipRecord, rules: RuleBook) -> None:
    """Who was recognised here was so as of the day on which his probation ended (INV-MEM-3)."""
    for event in membership.standing_events():
        if not isinstance(event, events.Recognised):
            continue
        ceremony = membership.ceremony_on.at(event.effective_on)
        due = ceremony and probation_end(ceremony, rules.on(event.effective_on))[0]
        if due != event.effective_on:
            raise RuleBroken(
                "His recognition is on record as of another day than his probation ends: void it "
                "first",
                field="effective_on",
                rule="INV-MEM-3",
                id=str(membership.id),
                position=event.position,
                due_on=due,
            )


def refuse_posts_left(membership: MembershipRecord, event: Event, around: Neighbourhood) -> None:
    """Who is no longer a member holds nothing from that day on (INV-MEM-6)."""
    person_id, day = membership.person_id, event.effective_on
    if not isinstance(event, events.Ending) or person_id is None:
        return
    for leadership in around.bearers(f"holder:{person_id}"):
        if isinstance(leadership, LeadershipRecord) and leadership.held_by(person_id, day):
            raise PostsLeft(
                f"The member would hold posts on {day:%d/%m/%Y}: end them in the same transaction",
                field="effective_on",
                rule="INV-MEM-6",
                id=str(membership.id),
                organisation_id=str(leadership.organisation_id),
            )


def refuse_event(membership: MembershipRecord, event: Event, around: Neighbourhood) -> None:
    """Raises the RuleBroken of what this event asks of others."""
    match event:
        case events.Admission():
            _refuse_unfit_introducers(event, around)
            _refuse_early_readmission(event, around)
            _refuse_wrong_count(event, event.cell_id, event.cell_decided_on, event.vote, around)
        case events.TransferIntroduced():
            _refuse_unknown_destination(event, around)
        case events.TransferReceived():
            _refuse_wrong_receiver(membership, event, around)
        case events.Moved(way="internal"):
            _refuse_far_move(membership, event, around)
        case events.Recognised(cell_decided_on=date() as day):
            cell_id = membership.cell_on(day)
            _refuse_wrong_count(event, cell_id, day, event.vote, around)
    refuse_posts_left(membership, event, around)
    competence.refuse_incompetent(membership, event, around)


def _refuse_unfit_introducers(event: events.Admission, around: Neighbourhood) -> None:
    """Introducers are official members on the day of the cell's decision (INV-MEM-4)."""
    day = event.cell_decided_on
    for person_id in event.introducer_ids:
        held = _memberships(f"only:membership:{person_id}", around)
        if not any(each.is_official_on(day) for each in held):
            raise RuleBroken(
                f"An introducer is no official member on {day:%d/%m/%Y}",
                field="introducer_ids",
                rule="INV-MEM-4",
                person_id=str(person_id),
            )


def _refuse_early_readmission(event: events.Admission, around: Neighbourhood) -> None:
    """Who is admitted again was a member, left in a way that allows it, and long enough ago."""
    if not isinstance(event, events.Readmitted):
        return
    rule = around.rules.on(event.effective_on).rule("membership.readmission")
    about = {"field": "former_id", "rule": rule.key, "document": rule.document}
    former = around.find_any(MembershipRecord, event.former_id)
    if former is None or former.person_id != event.person_id:
        raise NotFound("There is no such membership of this person", field="former_id")
    ended_on = former.ended_on()
    if ended_on is None or former.ended_by.at(ended_on) not in rule.value["after"]:
        raise RuleBroken("That membership did not end in a way that allows it", **about)
    due = months_after(ended_on, rule.value["months_min"])
    if event.effective_on < due:
        words = f"Admission again is possible from {due:%d/%m/%Y} on"
        raise RuleBroken(words, due_on=due, **about)


def _refuse_wrong_count(
    event: Event, cell_id: UUID | None, day: date, vote: Vote | None, around: Neighbourhood
) -> None:
    """Who was entitled to vote follows from the roll of that day (INV-MEM-5)."""
    if vote is not None and cell_id is not None:
        roll = roll_on(day, cell_id, _memberships(f"on:{cell_id}", around))
        refuse_uncountable(vote, roll, {"id": str(event.originator_id), "cell_id": str(cell_id)})


def _refuse_unknown_destination(event: events.TransferIntroduced, around: Neighbourhood) -> None:
    if event.to_id is None:
        return
    found = around.find_any(PartyOrganisation, event.to_id)
    if found is None or not found.is_active_on(event.effective_on):
        raise NotActive(
            f"The organisation is not active on {event.effective_on:%d/%m/%Y}",
            field="to_id",
            to_id=str(event.to_id),
        )


def _refuse_wrong_receiver(
    membership: MembershipRecord, event: events.TransferReceived, around: Neighbourhood
) -> None:
    """The receiving cell is the one introduced to, below it, or an heir of it (INV-MEM-2)."""
    introduced = membership.introduced_to_id.change(event.effective_on, event.originator_version)
    to_id = introduced[0] if introduced else None
    if event.cell_id is None or to_id is None:
        return
    day = event.effective_on
    cell = around.find(event.cell_id)
    above = {event.cell_id} | (
        {s.id for s in superiors_on(cell, day, around.find)} if cell else set()
    )
    if not above & set(_heirs(to_id, day, around)):
        raise RuleBroken(
            "He was introduced to another organisation",
            field="cell_id",
            rule="INV-MEM-2",
            to_id=str(to_id),
        )


def _heirs(id_: UUID, day: date, around: Neighbourhood) -> Iterator[UUID]:
    """It, and who has taken over from it up to that day, and from those in turn."""
    waiting, seen = [id_], {id_}
    while waiting:
        yield (current := waiting.pop())
        node = around.find(current)
        for on, successors in node.hand_overs() if node else ():
            new = {s.id for s in successors if on <= day} - seen
            waiting += new
            seen |= new


def _refuse_far_move(
    membership: MembershipRecord, event: events.Moved, around: Neighbourhood
) -> None:
    """An internal transfer stays within one base organisation (R-MEM-12)."""
    day = event.effective_on
    rules = around.rules.on(day)
    rule = rules.rule("membership.internal_levels")
    change = membership.cell_id.change(day, event.originator_version)
    cells = [around.find(id_) for id_ in (change[0] if change else None, event.cell_id) if id_]
    bases = [
        {
            above.id
            for above in superiors_on(cell, day, around.find)
            if isinstance(above, PartyOrganisation)
            and rules.kind(above.kind.at(day) or "").level in rule.value
        }
        for cell in cells
        if cell is not None
    ]
    if len(bases) == 2 and not bases[0] & bases[1]:
        raise RuleBroken(
            "The cells are not within one base organisation: introduce him to the other",
            field="cell_id",
            rule=rule.key,
            document=rule.document,
        )


def _memberships(key: str, around: Neighbourhood) -> list[MembershipRecord]:
    return [each for each in around.bearers(key) if isinstance(each, MembershipRecord)]
