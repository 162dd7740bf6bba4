"""What was recorded about one thing, in words, and the documents that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from api.pages.words import Term
from projections.audit import Audit, AuditFilters, Line
from services.documents import addresses
from services.reading import Reading
from services.telling import told

_NODES = ("unit", "organisation")  # what others say that mention it is not about its life
TRAIL_MAX = 200  # lines of the audit trail on a page; the JSON has them all


@dataclass(frozen=True, slots=True)
class Document:
    """A deciding document, and where it can be read."""

    number: str | None
    issued_on: date | None
    issuer: str | None
    title: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the audit trail in words."""

    position: int
    told: Term
    recorded_at: datetime
    by: str
    account: str
    reason: str | None
    stands: bool
    documents: tuple[Document, ...]


def trail(reading: Reading, id_: UUID) -> tuple[list[Line], tuple[Recorded, ...]]:
    """The latest lines, the newest first; in values, and in words."""
    audit, known_at = Audit(reading.connection, reading.schema), reading.point.known_at
    wanted = AuditFilters(subject=id_, known_at=known_at)
    lines = audit.lines(wanted, limit=TRAIL_MAX, newest_first=True)
    names = audit.names(lines, known_at)
    return lines, tuple(_recorded(line, names) for line in lines)


def enters(line: Line) -> bool:
    """Whether it says, and nobody took it back, that the subject was there already."""
    told = line.changes if line.category in _NODES else []
    said = [change["to"] for change in told if change["field"] == "way"]
    return line.voided_by is None and "entered" in said


def ending(lines: Sequence[Line]) -> Document | None:
    """The deciding document of the end that stands; None: it has not ended."""
    own = (line for line in lines if line.category in _NODES)
    ended = (line for line in own if line.event_type.endswith(".ended") and not line.voided_by)
    return next((_document(line.basis[0]) for line in ended if line.basis), None)


def _recorded(line: Line, names: dict[str, str]) -> Recorded:
    return Recorded(
        position=line.position,
        told=Term(told(line, "vi", names), told(line, "en", names)),
        recorded_at=line.recorded_at,
        by=line.actor_post or line.actor_id,
        account=line.actor_id,
        reason=line.reason,
        stands=line.voided_by is None,
        documents=tuple(_document(each) for each in line.basis),
    )


def _document(basis: dict[str, str | None]) -> Document:
    number, issued_on = basis["number"], basis["issued_on"]
    return Document(
        number=number,
        issued_on=date.fromisoformat(issued_on) if issued_on else None,
        issuer=basis["issuer"],
        title=basis["title"],
        url=addresses().get(number) if number else None,
    )


def documents(trail: Sequence[Recorded]) -> tuple[Document, ...]:
    """Each once, the latest first; those without a number last."""
    found = dict.fromkeys(d for line in trail if line.stands for d in line.documents)
    return tuple(sorted(found, key=lambda d: d.number is None))
