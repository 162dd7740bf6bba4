"""The envelopes of the opening: who decided, on which documents, and what is unknown."""

from __future__ import annotations

from dataclasses import dataclass

from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from services.patterns import standing_board
from services.reorganisation import terms
from services.reorganisation.reading import District, Province

ACTOR = Actor(id=f"import:{terms.UNDERTAKING}", post="Nạp dữ liệu ban đầu")

ENTERED_UNIT = (
    "Ghi nhận hiện trạng: danh mục đơn vị hành chính sau các thay đổi từ tháng 01 đến tháng 3/2025;"
    " đơn vị đã có từ trước ngày này."
)
ENTERED_ORGANISATION = (
    "Ghi nhận hiện trạng: tổ chức đảng lập tương ứng với đơn vị hành chính, tên theo mẫu chung; "
    "chưa có danh sách chính thức."
)

POLITBURO = "Bộ Chính trị"
THE_LIST = LegalBasis(None, None, terms.LIST_ISSUER, terms.LIST_TITLE)


@dataclass(frozen=True)
class Circumstances:
    """Makes the envelopes of the opening, `correlation_id` being common to all."""

    correlation_id: str

    def unit_entered(self) -> Envelope:
        return self._entered(Authority(terms.LIST_ISSUER), (THE_LIST,), ENTERED_UNIT)

    def organisation_entered(self, above: Province | District | None) -> Envelope:
        """`above`: the unit of the organisation that had the power; None: the Centre had it."""
        if above is None:
            authority = Authority(POLITBURO)
        else:
            level = "province" if isinstance(above, Province) else "district"
            board = standing_board(above.name, above.type)
            authority = Authority(board, terms.old_id("organisation", level, above.code))
        # a decision that must exist, and whose number nobody has found yet
        unknown = LegalBasis(None, None, authority.name, "Quyết định thành lập tổ chức đảng")
        return self._entered(authority, (unknown, THE_LIST), ENTERED_ORGANISATION)

    def _entered(
        self, authority: Authority, basis: tuple[LegalBasis, ...], reason: str
    ) -> Envelope:
        return Envelope(
            effective_on=terms.OPENING,
            decided_on=None,
            actor=ACTOR,
            authority=authority,
            basis=basis,
            reason=reason,
            correlation_id=self.correlation_id,
        )
