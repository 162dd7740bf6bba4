"""Seats of those that begin: who is to be found for them, and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from domain.dossier.findings import Finding, found
from domain.dossier.tables import Seats, Tables
from domain.leadership.values import Planned as Seat
from domain.organisation import PartyOrganisation
from services.dossiers.compiling import Planned
from services.leadership import SetSeatsTogether


def seats_for(
    tables: Tables, begun: Sequence[tuple[PartyOrganisation, int]], findings: list[Finding]
) -> Iterator[Planned]:
    """Set the seats that the rows state for the kind of each; rows for no kind here are told."""
    stated: dict[str, dict[date | None, list[Seats]]] = defaultdict(lambda: defaultdict(list))
    for row in tables.seats:
        stated[row.kind][row.due_on].append(row)
    met: set[str] = set()
    for organisation, place in begun:
        [kind] = {fact.value for fact in organisation.kind.facts()}
        met.add(kind)
        beginning = organisation.standing_beginning()
        for due_on, rows in stated.get(kind, {}).items():
            command = SetSeatsTogether(
                organisation_id=organisation.id,
                envelope=beginning.envelope,
                plans=tuple(Seat(each.body, each.post, each.number) for each in rows),
                due_on=due_on,
            )
            yield Planned(command, "after", place, "set_seats")
    for each in tables.seats:
        if each.kind not in met:
            words = f"No organisation of kind {each.kind!r} begins here"
            findings.append(found("seats", each, "kind", "seats-used", words))
