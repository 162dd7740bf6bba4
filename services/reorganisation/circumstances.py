"""The envelopes of the reorganisation: who decided, on which documents, and what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from services.reorganisation import terms
from services.reorganisation.checking import Index
from services.reorganisation.reading import District, Province, Resolution

ACTOR = Actor(id=f"import:{terms.UNDERTAKING}", post="Nạp dữ liệu ban đầu")

ENTERED_UNIT = (
    "Ghi nhận hiện trạng: danh mục đơn vị hành chính sau các thay đổi từ tháng 01 đến tháng 3/2025;"
    " đơn vị đã có từ trước ngày này."
)
ENTERED_ORGANISATION = (
    "Ghi nhận hiện trạng: tổ chức đảng lập tương ứng với đơn vị hành chính, tên theo mẫu chung; "
    "chưa có danh sách chính thức."
)
DECISION_UNKNOWN = "Chưa rõ số và ngày của quyết định; ghi theo đơn vị hành chính tương ứng."

POLITBURO = "Bộ Chính trị"
GUIDE = LegalBasis("31-HD/BTCTW", date(2025, 4, 23), "Ban Tổ chức Trung ương")
THE_LIST = LegalBasis(None, None, terms.LIST_ISSUER, terms.LIST_TITLE)


@dataclass(frozen=True)
class Circumstances:
    """Makes the envelopes of one import, `correlation_id` being common to all."""

    index: Index
    correlation_id: str

    # Units

    def unit_entered(self) -> Envelope:
        authority = Authority(terms.LIST_ISSUER)
        return self._envelope(terms.OPENING, None, authority, (THE_LIST,), ENTERED_UNIT)

    def province_units(self) -> Envelope:
        """Provinces merged, or changed otherwise."""
        return self._resolved(self.index.national[terms.MERGER_OF_PROVINCES])

    def district_units(self) -> Envelope:
        return self._resolved(self.index.national[terms.END_OF_DISTRICTS])

    def commune_units(self, province_code: str) -> Envelope:
        """`province_code` of the new province, whose resolution it is."""
        return self._resolved(self.index.resolutions[province_code])

    def _resolved(self, resolution: Resolution) -> Envelope:
        authority = Authority(resolution.issuer)
        return self._envelope(
            terms.REORGANISATION, resolution.date, authority, (document(resolution),)
        )

    # Party organisations

    def organisation_entered(self, above: Province | District | None) -> Envelope:
        """`above`: the unit of the organisation that had the power; None: the Centre had it."""
        if above is None:
            authority = Authority(POLITBURO)
        else:
            level = "province" if isinstance(above, Province) else "district"
            authority = board(above, terms.old_id("organisation", level, above.code))
        basis = (_unknown(authority, "Quyết định thành lập tổ chức đảng"), THE_LIST)
        return self._envelope(terms.OPENING, None, authority, basis, ENTERED_ORGANISATION)

    def province_organisations(self) -> Envelope:
        """Provincial organisations merged into a new one."""
        authority = Authority(POLITBURO)
        merger = self.index.national[terms.MERGER_OF_PROVINCES]
        unknown = _unknown(authority, "Quyết định thành lập đảng bộ tỉnh, thành phố")
        return self._decided(authority, (unknown, document(merger)))

    def district_organisations(self, board: Authority) -> Envelope:
        end = self.index.national[terms.END_OF_DISTRICTS]
        unknown = _unknown(board, "Quyết định kết thúc hoạt động đảng bộ cấp huyện")
        return self._decided(board, (unknown, GUIDE, document(end)))

    def commune_organisations(self, board: Authority, province_code: str) -> Envelope:
        resolution = self.index.resolutions[province_code]
        unknown = _unknown(board, "Quyết định thành lập, sắp xếp đảng bộ cấp xã")
        return self._decided(board, (unknown, GUIDE, document(resolution)))

    def _decided(self, authority: Authority, basis: tuple[LegalBasis, ...]) -> Envelope:
        return self._envelope(terms.REORGANISATION, None, authority, basis, DECISION_UNKNOWN)

    def _envelope(
        self,
        effective_on: date,
        decided_on: date | None,
        authority: Authority,
        basis: tuple[LegalBasis, ...],
        reason: str | None = None,
    ) -> Envelope:
        return Envelope(
            effective_on=effective_on,
            decided_on=decided_on,
            actor=ACTOR,
            authority=authority,
            basis=basis,
            reason=reason,
            correlation_id=self.correlation_id,
        )


def board(unit: Province | District, organisation_id: UUID) -> Authority:
    """The standing board of the organisation upon a province or district."""
    return Authority(terms.standing_board(unit.name, unit.type), organisation_id)


def document(resolution: Resolution) -> LegalBasis:
    return LegalBasis(resolution.number, resolution.date, resolution.issuer, resolution.title_vi)


def _unknown(authority: Authority, title: str) -> LegalBasis:
    """A decision that must exist, and whose number nobody has found yet."""
    return LegalBasis(None, None, authority.name, title)
