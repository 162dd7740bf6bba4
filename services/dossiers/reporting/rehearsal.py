"""The report that a person reads before approving: all that a dossier would come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.dossier.dossier import Dossier
from domain.dossier.outcome import Balance
from domain.node import Node
from services.dossiers.affairs import Affected
from services.dossiers.rehearsing import Rehearsal
from services.dossiers.reporting.changing import change_tables
from services.dossiers.reporting.crosswalk import crossings
from services.dossiers.reporting.drawing import drawings
from services.dossiers.reporting.frame import Column, DossierReport, Fact, Table, Term
from services.dossiers.reporting.structure import Structure
from services.work import Work


def rehearsal_report(
    work: Work, dossier: Dossier, rehearsal: Rehearsal, estimate_s: float | None = None
) -> DossierReport:
    """Of a rehearsal that was made in `work`; `estimate_s`: how long the carrying out would take.

    People are shown as the ids of their records, never by name.
    """
    heading = dossier.heading
    nodes = [each for each in rehearsal.streams if isinstance(each, Node)]
    structure = Structure(work, nodes, heading.effective_on, heading.scheme)
    return DossierReport(
        name="rehearsal",
        title=Term("Báo cáo chạy thử hồ sơ sắp xếp", "Rehearsal of a reorganisation dossier"),
        about=heading.title,
        verdict=_verdict(rehearsal),
        is_good=not rehearsal.errors,
        facts=tuple(_facts(dossier, rehearsal, estimate_s)),
        tables=(
            _FINDINGS.of(rehearsal.findings),
            balance_table(rehearsal.balances),
            *change_tables(structure.changes()),
            _SETTLED.of(tuple(_counted(rehearsal.affected))),
            _POSTS.of([each for each in rehearsal.affected if each.sort == "posts"]),
            _AFFECTED.of(
                [each for each in map(_shown, rehearsal.affected) if each.sort != "posts"]
            ),
            VACANCIES.of(tuple(map(vacant, rehearsal.vacancies))),
            _CODES.of(rehearsal.codes),
            decision_table(dossier),
        ),
        drawings=drawings(crossings(structure)),
    )


def _verdict(rehearsal: Rehearsal) -> Term:
    errors, warnings = len(rehearsal.errors), len(rehearsal.warnings)
    if errors:
        return Term(
            f"Không đạt: {errors} lỗi, {warnings} lưu ý. Chưa thể phê duyệt.",
            f"Not passed: {errors} errors, {warnings} warnings. It cannot be approved.",
        )
    return Term(f"Đạt: không có lỗi, {warnings} lưu ý.", f"Passed: no errors, {warnings} warnings.")


def heading_facts(dossier: Dossier) -> Iterator[Fact]:
    """What every report on a dossier says of it first."""
    heading = dossier.heading
    yield Fact(Term("Ngày có hiệu lực", "Effective on"), heading.effective_on, "day")
    yield Fact(Term("Trạng thái", "State"), dossier.state, "coded", "state")
    yield Fact(Term("Ký hiệu hồ sơ", "Key"), heading.key, "code")
    yield Fact(Term("Phạm vi (mã)", "Scope (code)"), heading.scope, "code")
    yield Fact(Term("Mã định danh", "Id"), str(dossier.id), "id")


def _facts(dossier: Dossier, rehearsal: Rehearsal, estimate_s: float | None) -> Iterator[Fact]:
    yield from heading_facts(dossier)
    outcome = rehearsal.outcome
    yield Fact(Term("Số thao tác", "Operations"), outcome.operations, "number")
    yield Fact(Term("Số bản ghi sẽ ghi", "Events to be recorded"), outcome.events, "number")
    if estimate_s is not None:
        seconds = max(0.1, round(estimate_s, 1))
        label = Term("Thời gian thực hiện ước tính (giây)", "Estimated time (seconds)")
        yield Fact(label, seconds, "number")
    at = Term("Đối chiếu với sổ đến bản ghi số", "Held against the register up to position")
    yield Fact(at, rehearsal.at, "number")
    yield Fact(Term("Mã kiểm chứng kết quả", "Digest of the outcome"), outcome.digest, "code")


# Tables


@dataclass(frozen=True)
class Frame:
    """A table without its rows."""

    name: str
    title: Term
    columns: tuple[Column, ...]
    if_empty: Term | None = None

    def of(self, rows: Sequence[object]) -> Table:
        return Table(self.name, self.title, self.columns, rows, self.if_empty)


_FINDINGS = Frame(
    "findings",
    Term("Kết quả kiểm tra", "Verdicts"),
    (
        Column("severity", Term("Mức", "Severity"), "coded", "severity"),
        Column("table", Term("Bảng", "Table"), "coded", "table"),
        Column("row", Term("Dòng", "Row"), "number"),
        Column("field", Term("Trường", "Field")),
        Column("rule", Term("Quy tắc", "Rule"), "coded", "rule"),
        Column("words", Term("Nội dung", "What is wrong")),
        Column("document", Term("Văn bản", "Document")),
    ),
    Term("Không có lỗi, không có lưu ý.", "No errors, no warnings."),
)
BALANCES = Frame(
    "balances",
    Term("Cân đối số lượng trước và sau", "Counts before and after"),
    (
        Column("sort", Term("Loại", "Sort"), "coded", "balance"),
        Column("before", Term("Trước", "Before"), "number"),
        Column("begun", Term("Thành lập", "Begun"), "number"),
        Column("changed_in", Term("Chuyển đến loại", "Changed in"), "number"),
        Column("ended", Term("Kết thúc", "Ended"), "number"),
        Column("changed_out", Term("Chuyển khỏi loại", "Changed out"), "number"),
        Column("after", Term("Sau", "After"), "number"),
        Column("holds", Term("Cân đối", "Balances"), "flag"),
    ),
    Term("Không có gì thay đổi về số lượng.", "No counts change."),
)
_SETTLED = Frame(
    "settled",
    Term("Giải quyết các nội dung liên quan", "How all that is affected is settled"),
    (
        Column("sort", Term("Nội dung", "Sort"), "coded", "sort"),
        Column("rule", Term("Cách giải quyết", "Settled"), "coded", "settled"),
        Column("number", Term("Số lượng", "Number"), "number"),
    ),
    Term("Không có gì phụ thuộc vào nơi kết thúc.", "Nothing hangs on what ends."),
)
_POSTS = Frame(
    "posts",
    Term("Người thôi giữ chức vụ", "Holders who lose posts"),
    (
        Column("of_called", Term("Tổ chức", "Organisation")),
        Column("called", Term("Chức vụ", "Post"), "coded", "seat"),
        Column("what", Term("Mã hồ sơ nhân sự", "Record of the person"), "id"),
    ),
    Term("Không ai thôi giữ chức vụ.", "Nobody loses a post."),
)
_AFFECTED = Frame(
    "affected",
    Term("Từng nội dung liên quan", "Everything affected"),
    (
        Column("sort", Term("Nội dung", "Sort"), "coded", "sort"),
        Column("of_called", Term("Thuộc nơi kết thúc", "Hangs on")),
        Column("called", Term("Tên hoặc mã hồ sơ", "Name or record")),
        Column("rule", Term("Cách giải quyết", "Settled"), "coded", "settled"),
        Column("to_called", Term("Chuyển đến", "Taken over by")),
    ),
)
VACANCIES = Frame(
    "vacancies",
    Term("Chức vụ còn khuyết", "Vacancies"),
    (
        Column("called", Term("Tổ chức", "Organisation")),
        Column("seat", Term("Chức vụ", "Post"), "coded", "seat"),
        Column("seats", Term("Số lượng", "Seats"), "number"),
        Column("filled", Term("Đã có", "Filled"), "number"),
        Column("due_on", Term("Hạn kiện toàn", "Due on"), "day"),
    ),
    Term("Không có chức vụ khuyết được ghi nhận.", "No vacancy is on record."),
)
_CODES = Frame(
    "codes",
    Term("Mã thay đổi ý nghĩa (nơi tra cứu theo mã bị ảnh hưởng)", "Codes that change meaning"),
    (
        Column("code", Term("Mã", "Code"), "code"),
        Column("was", Term("Trước là", "Was")),
        Column("is_", Term("Sau là", "Is")),
        Column("change", Term("Thay đổi", "Change"), "coded", "code_change"),
    ),
)
_DECISIONS = Frame(
    "decisions",
    Term("Căn cứ", "Decisions cited"),
    (
        Column("number", Term("Số, ký hiệu", "Number")),
        Column("issued_on", Term("Ngày ban hành", "Issued on"), "day"),
        Column("issuer", Term("Cơ quan ban hành", "Issuer")),
        Column("title", Term("Trích yếu", "Title")),
    ),
)


def balance_table(balances: Sequence[Balance]) -> Table:
    return BALANCES.of(balances)


def decision_table(dossier: Dossier) -> Table:
    return _DECISIONS.of(dossier.tables().decisions)


@dataclass(frozen=True, slots=True)
class Settling:
    """How many of a sort are settled in one way."""

    sort: str
    rule: str
    number: int


def _counted(affected: Sequence[Affected]) -> Iterator[Settling]:
    counts = Counter((each.sort, each.rule or "nobody") for each in affected)
    for (sort, rule), number in sorted(counts.items()):
        yield Settling(sort, rule, number)


@dataclass(frozen=True, slots=True)
class _Shown:
    sort: str
    of_called: str
    called: str
    rule: str
    to_called: str | None


def _shown(each: Affected) -> _Shown:
    return _Shown(each.sort, each.of_called, each.called, each.rule or "nobody", each.to_called)


@dataclass(frozen=True, slots=True)
class Vacant:
    """A vacancy as a row."""

    called: str
    seat: str  # "executive_committee.secretary"
    seats: int
    filled: int
    due_on: object


def vacant(each: object) -> Vacant:
    called, body, post = (getattr(each, name) for name in ("called", "body", "post"))
    rest = (getattr(each, name) for name in ("seats", "filled", "due_on"))
    return Vacant(called, f"{body}.{post}", *rest)
