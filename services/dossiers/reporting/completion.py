"""What became of a dossier, told from the log: who did what, what it did, what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.dossier.dossier import Dossier
from domain.dossier.outcome import Settled
from domain.node import Node
from domain.rulebook import RuleBook
from services.dossiers.impact import Impact, impact_of_corrections
from services.dossiers.rehearsals import dossier_of
from services.dossiers.reporting.changing import change_tables
from services.dossiers.reporting.crosswalk import crossings, crosswalk_tables
from services.dossiers.reporting.drawing import drawings
from services.dossiers.reporting.frame import Column, DossierReport, Fact, Table, Term
from services.dossiers.reporting.rehearsal import (
    VACANCIES,
    Frame,
    balance_table,
    decision_table,
    heading_facts,
    vacant,
)
from services.dossiers.reporting.structure import Structure
from services.dossiers.weighing import vacancies
from services.record import read_event
from services.store import Log
from services.work import Work

_PORTIONS = (Dossier.Stated, Dossier.HandedOver)


def completion_report(log: Log, rules: RuleBook, id_: UUID, today: date) -> DossierReport:
    """Of a dossier in any state; what it did is shown once it did it. Raises NotFound."""
    dossier = dossier_of(log, id_)
    told = _Told(log, rules, dossier)
    structure = told.structure()
    return DossierReport(
        name="completion",
        title=Term("Báo cáo kết quả hồ sơ sắp xếp", "What became of a reorganisation dossier"),
        about=dossier.heading.title,
        verdict=_verdict(dossier),
        is_good=dossier.state in ("carried_out", "corrected"),
        facts=tuple(told.facts()),
        tables=(
            _ACTS.of(tuple(told.acts())),
            balance_table(told.done[-1].outcome.balances if told.done else ()),
            _EVENTS.of(told.events()),
            *change_tables(structure.changes()),
            VACANCIES.of(tuple(map(vacant, vacancies(told.streams(), told.work, today)))),
            _HANDED.of(told.handed_over(structure)),
            impact_table(impact_of_corrections(log, dossier)),
            decision_table(dossier),
        ),
        drawings=drawings(crossings(structure)),
    )


def crosswalk_report(log: Log, rules: RuleBook, id_: UUID) -> DossierReport:
    """Old and new codes of a dossier that was carried out, as known now. Raises NotFound."""
    dossier = dossier_of(log, id_)
    structure = _Told(log, rules, dossier).structure()
    return DossierReport(
        name="crosswalk",
        title=Term("Bảng chuyển đổi của hồ sơ sắp xếp", "Crosswalk of a reorganisation dossier"),
        about=dossier.heading.title,
        facts=tuple(heading_facts(dossier)),
        tables=crosswalk_tables(structure),
    )


def impact_report(log: Log, id_: UUID) -> DossierReport:
    """Which answers the corrections of a dossier changed. Raises NotFound."""
    dossier = dossier_of(log, id_)
    return DossierReport(
        name="impact",
        title=Term("Nội dung thay đổi do đính chính", "Answers that corrections changed"),
        about=dossier.heading.title,
        facts=tuple(heading_facts(dossier)),
        tables=(impact_table(impact_of_corrections(log, dossier)),),
    )


def impact_table(rows: Sequence[Impact]) -> Table:
    return _IMPACT.of(tuple(map(_impact, rows)))


def _verdict(dossier: Dossier) -> Term:
    day = f"{dossier.heading.effective_on:%d/%m/%Y}"
    if dossier.state == "withdrawn":
        return Term("Đã rút: không có hiệu lực.", "Withdrawn: it has no effect.")
    if dossier.state == "corrected":
        number = len(dossier.corrections)
        return Term(
            f"Đã thực hiện và đính chính {number} lần.", f"Carried out, corrected {number}×."
        )
    if dossier.state == "carried_out":
        return Term(f"Đã thực hiện, hiệu lực từ {day}.", f"Carried out, in effect from {day}.")
    if dossier.carrying is not None:
        return Term("Đã thực hiện; đang lập đính chính.", "Carried out; a correction is under way.")
    return Term("Chưa thực hiện.", "Not carried out yet.")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done with the dossier itself."""

    position: int
    recorded_at: datetime
    act: str  # topic of the event
    actor: str  # an account or office, never a name
    post: str | None
    authority: str
    reason: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many events of a sort it recorded."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one thing that no event of another stream tells of."""

    sort: str
    of_called: str
    called: str | None
    rule: str
    to_called: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that is another than it was before a correction."""

    subject: str
    id: UUID
    called: str | None
    field: str
    first: date
    after: date | None
    old: str | None
    new: str | None


class _Told:
    """Reads what a dossier did."""

    def __init__(self, log: Log, rules: RuleBook, dossier: Dossier) -> None:
        self.work = Work(log, rules)
        self._log, self._dossier = log, dossier
        self.done = [*filter(None, [dossier.carrying]), *dossier.corrections]
        blocks = list(dossier.own_positions())
        self._own = [event for block in blocks for event in self.work.recorded(block)]
        self._ids = dict.fromkeys(UUID(str(event.originator_id)) for event in self._own)
        self.work.load(self._ids)

    def streams(self) -> list[Aggregate]:
        found = (self.work.find_any(Aggregate, id_) for id_ in self._ids)
        return [each for each in found if each is not None]

    def structure(self) -> Structure:
        heading = self._dossier.heading
        nodes = [each for each in self.streams() if isinstance(each, Node)]
        return Structure(self.work, nodes, heading.effective_on, heading.scheme)

    def facts(self) -> Iterator[Fact]:
        yield from heading_facts(self._dossier)
        for done in self.done:
            last, first = done.position or 0, (done.position or 0) - done.before
            words = Term("Bản ghi số (từ, đến)", "Positions (first, last)")
            yield Fact(words, f"{first - done.outcome.events} - {last}")
            yield Fact(Term("Số bản ghi", "Events"), done.outcome.events, "number")
            yield Fact(Term("Mã kiểm chứng", "Digest"), done.outcome.digest, "code")

    def acts(self) -> Iterator[Act]:
        for stored in self._log.histories([self._dossier.id]):
            event = read_event(stored)
            if not isinstance(event, _PORTIONS):
                yield _act(stored.id, stored.recorded_at, event)

    def events(self) -> tuple[Recorded, ...]:
        counts = Counter(event.TOPIC for event in self._own)
        return tuple(Recorded(topic, number) for topic, number in sorted(counts.items()))

    def handed_over(self, structure: Structure) -> tuple[Handed, ...]:
        settled = self._dossier.settled
        self.work.load({id_ for each in settled for id_ in (each.of, each.to) if id_})
        return tuple(_handed(each, structure) for each in settled)


def _act(position: int, recorded_at: datetime, event: Event) -> Act:
    envelope = event.envelope
    outcome = getattr(event, "outcome", None)
    digest = outcome.digest if outcome else getattr(event, "digest", None)
    by = (envelope.actor.id, envelope.actor.post, envelope.authority.name, envelope.reason)
    return Act(position, recorded_at, event.TOPIC, *by, digest)


def _handed(each: Settled, structure: Structure) -> Handed:
    of = structure.called(each.of, structure.eve) or str(each.of)
    to = structure.called(each.to, structure.day)
    what = str(each.what) if each.what else each.called
    return Handed(each.sort, of, what, each.rule, to)


def _impact(row: Impact) -> Changed:
    old, new = (None if value is None else _value(value) for value in (row.old, row.new))
    return Changed(row.of, row.id, row.called, row.field, row.first, row.after, old, new)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(str(getattr(each, "id", each)) for each in value)
    return str(value)


_ACTS = Frame(
    "acts",
    Term("Diễn biến hồ sơ", "What was done with it"),
    (
        Column("position", Term("Bản ghi số", "Position"), "number"),
        Column("recorded_at", Term("Thời điểm ghi", "Recorded at"), "moment"),
        Column("act", Term("Việc", "Act"), "coded", "act"),
        Column("actor", Term("Người ghi (tài khoản)", "By (account)")),
        Column("post", Term("Chức vụ", "In the post of")),
        Column("authority", Term("Thẩm quyền", "Authority")),
        Column("reason", Term("Lý do", "Reason")),
        Column("digest", Term("Mã kiểm chứng", "Digest"), "code"),
    ),
)
_EVENTS = Frame(
    "events",
    Term("Bản ghi theo loại", "Events by sort"),
    (
        Column("topic", Term("Loại", "Sort"), "coded", "topic"),
        Column("number", Term("Số lượng", "Number"), "number"),
    ),
)
_HANDED = Frame(
    "handed_over",
    Term("Bàn giao tài liệu và công việc", "Archives and matters handed over"),
    (
        Column("sort", Term("Nội dung", "Sort"), "coded", "sort"),
        Column("of_called", Term("Bên giao", "From")),
        Column("called", Term("Tên, số hiệu", "Name or number")),
        Column("rule", Term("Cách giải quyết", "Settled"), "coded", "settled"),
        Column("to_called", Term("Bên nhận", "To")),
    ),
)
_IMPACT = Frame(
    "impact",
    Term("Nội dung thay đổi do đính chính", "Answers that corrections changed"),
    (
        Column("subject", Term("Đối tượng", "Subject"), "coded", "subject"),
        Column("id", Term("Mã định danh", "Id"), "id"),
        Column("called", Term("Tên", "Name")),
        Column("field", Term("Trường", "Field"), "coded", "field"),
        Column("first", Term("Từ ngày", "First day"), "day"),
        Column("after", Term("Đến trước ngày", "Day after the last"), "day"),
        Column("old", Term("Trước đính chính", "Before")),
        Column("new", Term("Sau đính chính", "After")),
    ),
)
