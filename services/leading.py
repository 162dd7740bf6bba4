"""Who leads, what is vacant, what is regulated: rows of the views with what people ask besides.

A person is an id here; whoever may see names has them joined at the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from projections.assignments import ASSIGNMENTS, Assigned
from projections.audit import AUDIT, Audit, AuditFilters, Line
from projections.bodies import BODIES, Bodies, CoverageFilters, Covered
from projections.holdings import HOLDINGS, Held
from projections.lineage import LINEAGE
from projections.organisations import ORGANISATIONS, Organisations
from projections.seats import SEATS, Seating
from projections.units import UNITS, Units
from services.reading import Reading
from services.rulebook import rule_book
from services.telling import term

LEADERS = (HOLDINGS.name, SEATS.name, BODIES.name, AUDIT.name, ORGANISATIONS.name)
VACANCIES = (SEATS.name, ORGANISATIONS.name)
COVERAGE = (BODIES.name, ORGANISATIONS.name, LINEAGE.name)
ASSIGNED = (ASSIGNMENTS.name, HOLDINGS.name, ORGANISATIONS.name, UNITS.name)

Row = dict[str, Any]
InPost = TypeVar("InPost", Held, Seating)


def names(reading: Reading, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The last names known of these organisations."""
    wanted = list({id_ for id_ in ids if id_ is not None})
    organisations = Organisations(reading.connection, reading.schema)
    return organisations.names(wanted, reading.point.known_at)


def seat_terms(body: str, post: str) -> Row:
    """The official Vietnamese terms for a post and its body."""
    return {"body_name": term("body", body), "post_name": term("post", f"{body}.{post}")}


def by_rank(rows: Iterable[InPost]) -> list[InPost]:
    """In the order in which the rule book lists posts: a secretary stands before the members."""
    ranks = _ranks()
    return sorted(rows, key=lambda row: ranks.get(f"{row.body}.{row.post}", len(ranks)))


def posts() -> list[str]:
    """All there are, "executive_committee.secretary" the first, in the order of rank."""
    return list(_ranks())


@cache
def _ranks() -> dict[str, int]:
    posts = [rule.key for rule in rule_book().rules if rule.key.startswith("post.")]
    return {key.removeprefix("post."): rank for rank, key in enumerate(dict.fromkeys(posts))}


def leaders(reading: Reading, held: Sequence[Held]) -> list[Row]:
    """Holders with the decision that gave them the post, and who recorded that when."""
    called = names(reading, (each.organisation_id for each in held))
    decided = _decisions(reading, {each.position for each in held})
    return [
        _values(each)
        | seat_terms(each.body, each.post)
        | {"organisation": called.get(each.organisation_id)}
        | decided[each.position]
        for each in held
    ]


def _values(row: Any) -> Row:
    # fields() makes a tuple anew for each row, and of the whole country there are 150,000.
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _decisions(reading: Reading, positions: Iterable[int]) -> dict[int, Row]:
    """By which decision, on whose authority, and by whom recorded, by position of the event."""
    audit = Audit(reading.connection, reading.schema)
    wanted = sorted(positions)
    lines = audit.lines(AuditFilters(positions=wanted), limit=len(wanted)) if wanted else []
    return {line.position: _decision(line) for line in lines}


def _decision(line: Line) -> Row:
    document = line.basis[0] if line.basis else {}
    return {
        "decision": document.get("number"),
        "signatory": document.get("signatory"),
        "decided_on": line.decided_on,
        "authority": line.authority_name,
        "recorded_by": line.actor_id,
        "recorded_post": line.actor_post,
        "recorded_at": line.recorded_at,
    }


def _superiors(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The name of the direct superior on the day, of those that have one."""
    rows = Organisations(reading.connection, reading.schema).named(ids, reading.point)
    above = {row.organisation_id: row.superior_id for row in rows if row.superior_id}
    called = names(reading, above.values())
    return {id_: called[superior] for id_, superior in above.items() if superior in called}


def seats(reading: Reading, found: Sequence[Seating]) -> list[Row]:
    """Seats with names, how many are vacant, and how long they are overdue on the day.

    Names recur in the country: the direct superior of that day tells them apart.
    """
    called, day = names(reading, (each.organisation_id for each in found)), reading.point.valid_at
    above = _superiors(reading, list(called))
    return [
        _values(each)
        | seat_terms(each.body, each.post)
        | {
            "organisation": called.get(each.organisation_id),
            "superior": above.get(each.organisation_id),
            "vacant": each.vacant,
            "overdue_days": each.overdue_days(day),
        }
        for each in found
    ]


def covered(
    reading: Reading,
    filters: CoverageFilters,
    after: tuple[str, UUID, str] | None = None,
    limit: int = 10_000_000,
) -> list[Covered]:
    """Organisations with the bodies that need working regulations by the rules of the day.

    Source: rule book leadership.regulations.bodies, body.*.kinds.
    """
    rules = rule_book().on(reading.point.valid_at)
    needing = {
        body: rules.value(f"body.{body}")["kinds"]
        for body in rules.value("leadership.regulations.bodies")
    }
    of_kind = {kind: [b for b in needing if kind in needing[b]] for kind in rules.kinds()}
    bodies = Bodies(reading.connection, reading.schema)
    return bodies.coverage(reading.point, of_kind, filters, after, limit)


def coverage(reading: Reading, found: Sequence[Covered]) -> list[Row]:
    """Coverage with names, also of those who are no more."""
    ids = {each.superior_id for each in found} | {id_ for each in found for id_ in each.ended}
    called = names(reading, ids)
    return [
        _values(each)
        | {
            "body_name": term("body", each.body),
            "kind_name": term("kind", each.kind),
            "superior": called.get(each.superior_id) if each.superior_id else None,
            "ended_names": [called.get(id_, str(id_)) for id_ in each.ended],
        }
        for each in found
    ]


def assigned(reading: Reading, found: Sequence[Assigned]) -> list[Row]:
    """Assignments with the names of organisations and units that they are about."""
    ids = {each.target_id for each in found} | {each.organisation_id for each in found}
    called = names(reading, ids)
    units = Units(reading.connection, reading.schema)
    targets = [id_ for id_ in ids if id_ is not None and id_ not in called]
    called |= units.names(targets, reading.point.known_at)
    return [
        _values(each)
        | {
            "organisation": called.get(each.organisation_id),
            "target_name": called.get(each.target_id) if each.target_id else each.target,
        }
        for each in found
    ]
