"""Memberships: where each person belongs on every day, in which standing, and how it came there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.membership import Membership
from domain.timeline import together
from projections.engine.view import View
from projections.known import Known, Stretch


def stretches(membership: Membership, since: date) -> Iterator[Stretch]:
    """The days of a membership, as far as they reach beyond `since`; the last one says its end."""
    m = membership
    lines = (
        *(m.is_active, m.ended_by, m.cell_id, m.temporary_cell_id, m.degree),
        *(m.is_exempt, m.is_suspended, m.begun_by, m.came_by),
        *(m.introduced_on, m.introduced_to_id),
        *(m.ceremony_on, m.official_on, m.party_age_on, m.badge_years),
    )
    held: Stretch | None = None
    for values, first, after in together(*lines, since=since):
        active, ended_by, cell_id, away, degree, exempt, suspended, *rest = values
        if held is not None:
            yield held._replace(values=(*held.values, None if active else ended_by))
        standing = (degree, bool(exempt), bool(suspended))
        row = (m.id, m.person_id, cell_id, away, *standing, *map(_plain, rest))
        held = Stretch(row, first, after) if active else None
    if held is not None:
        yield held._replace(values=(*held.values, None))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


MEMBERSHIPS = View(
    name="memberships",
    version=1,
    aggregates=(Membership,),
    table="spans",
    stream="membership_id",
    columns=(
        "membership_id",
        "person_id",
        "cell_id",
        "temporary_cell_id",
        "degree",
        "is_exempt",
        "is_suspended",
        "begun_by",
        "came_by",
        "introduced_on",
        "introduced_to_id",
        "ceremony_on",
        "official_on",
        "party_age_on",
        "badge_years",
        "ended_by",
        "valid",
        "known",
    ),
    begin=lambda reached: Known(stretches),
    key="valid",
)
