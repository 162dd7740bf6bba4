"""What happens in a membership of the Party. A person is an id here, and nothing else.

The classes are known by their names in `Membership`, which lists them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.aggregate import Event
from domain.membership.votes import Vote

if TYPE_CHECKING:
    from domain.membership.record import MembershipRecord

PROBATIONARY, OFFICIAL = "probationary", "official"
DEGREES = (PROBATIONARY, OFFICIAL)
"""Dự bị and chính thức."""

MOVES = ("internal", "reorganisation")
"""Ways of moving to another cell without an introduction: within the base, or with the cell."""

AWARDS = ("regular", "early", "posthumous")
"""On an occasion of the year, before it for grave illness, after death."""


class Begun(Event):
    """A membership begins in this register, in one of several ways."""

    CAME: ClassVar[str]

    person_id: UUID
    cell_id: UUID

    def mentions(self) -> tuple[UUID, ...]:
        return (self.person_id, self.cell_id)

    def _begin(self, membership: MembershipRecord, degree: str) -> None:
        day, order = self.effective_on, self.originator_version
        membership.person_id = self.person_id
        membership.is_active.set(day, True, order)
        membership.degree.set(day, degree, order)
        membership.cell_id.set(day, self.cell_id, order)
        membership.came_by.set(day, self.CAME, order)
        membership.begun_by.set(day, self.CAME, order)


class Admission(Begun):
    """What is said of an admission, the first or a later one.

    `effective_on` is the day of the decision, from which the Party age counts.
    """

    cell_decided_on: date  # day of the cell's meeting: age and introducers are those of that day
    introducer_ids: tuple[UUID, ...]  # persons
    is_endorsed_by_union: bool  # the Youth Union's base committee stands for one introducer
    is_above_age: bool  # older than the rule allows: decided by a committee under the Centre
    vote: Vote | None  # None: not told

    def days_behind(self) -> Mapping[str, date | None]:
        return {"cell_decided_on": self.cell_decided_on}

    def mentions(self) -> tuple[UUID, ...]:
        return (*super().mentions(), *self.introducer_ids)

    def apply(self, aggregate: MembershipRecord) -> None:
        self._begin(aggregate, PROBATIONARY)
        aggregate.party_age_on.set(self.effective_on, self.effective_on, self.originator_version)


class Admitted(Admission):
    """Admitted to the Party by decision (kết nạp); on probation from the ceremony."""

    TOPIC = "membership.admitted"
    TITLE = "kết nạp đảng viên"
    CAME = "admitted"


class Readmitted(Admission):
    """Admitted again after an earlier membership (kết nạp lại)."""

    TOPIC = "membership.readmitted"
    TITLE = "kết nạp lại đảng viên"
    CAME = "readmitted"
    former_id: UUID  # the membership that ended

    def mentions(self) -> tuple[UUID, ...]:
        return (*super().mentions(), self.former_id)


class TakenOver(Begun):
    """A member of before: what he is and has been on the day from which he is known here."""

    degree: str  # one of DEGREES
    party_age_on: date | None  # from which the Party age counts; None: not known yet
    ceremony_on: date | None  # from which the probation counts
    official_on: date | None
    badge_years: int | None  # of the last badge; None: none yet

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        self._begin(aggregate, self.degree)
        aggregate.party_age_on.set(day, self.party_age_on, order)
        aggregate.ceremony_on.set(day, self.ceremony_on, order)
        aggregate.official_on.set(day, self.official_on, order)
        aggregate.badge_years.set(day, self.badge_years, order)


class Entered(TakenOver):
    """Taken into the register as it stood (ghi nhận hiện trạng): a member of before."""

    TOPIC = "membership.entered"
    TITLE = "ghi nhận đảng viên"
    CAME = "entered"
    way: ClassVar[str] = "entered"


class Arrived(TakenOver):
    """Received from an organisation outside this register (tiếp nhận từ nơi khác đến)."""

    TOPIC = "membership.arrived"
    TITLE = "tiếp nhận đảng viên từ nơi khác chuyển đến"
    CAME = "arrived"
    place: str  # the organisation that introduced him


class CeremonyHeld(Event):
    """The admission was solemnised (lễ kết nạp): the probation counts from this day."""

    TOPIC = "membership.ceremony-held"
    TITLE = "tổ chức lễ kết nạp"
    HAPPENED = True
    decision_received_on: date | None  # day on which the cell received the decision

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.ceremony_on.set(self.effective_on, self.effective_on, self.originator_version)


class Recognised(Event):
    """Recognised as an official member (công nhận chính thức), as of the end of the probation."""

    TOPIC = "membership.recognised"
    TITLE = "công nhận đảng viên chính thức"
    cell_decided_on: date | None
    vote: Vote | None

    def days_behind(self) -> Mapping[str, date | None]:
        return {"cell_decided_on": self.cell_decided_on}

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.degree.set(day, OFFICIAL, order)
        aggregate.official_on.set(day, day, order)


# Moving


class TransferIntroduced(Event):
    """Introduced to another organisation (giới thiệu chuyển); the sender stays responsible."""

    TOPIC = "membership.transfer-introduced"
    TITLE = "giới thiệu chuyển sinh hoạt đảng chính thức"
    to_id: UUID | None  # a cell, or a committee above it; None: outside this register
    place: str | None  # the organisation outside

    def mentions(self) -> tuple[UUID, ...]:
        return (self.to_id,) if self.to_id else ()

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.introduced_on.set(day, day, order)
        aggregate.introduced_to_id.set(day, self.to_id, order)


class TransferOver(Event):
    """A transfer is no longer under way."""

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.introduced_on.set(day, None, order)
        aggregate.introduced_to_id.set(day, None, order)


class TransferReceived(TransferOver):
    """Received by the cell to which he was introduced (tiếp nhận)."""

    TOPIC = "membership.transfer-received"
    TITLE = "tiếp nhận sinh hoạt đảng chính thức"
    cell_id: UUID | None  # None: outside this register, as introduced

    def mentions(self) -> tuple[UUID, ...]:
        return (self.cell_id,) if self.cell_id else ()

    def apply(self, aggregate: MembershipRecord) -> None:
        super().apply(aggregate)
        aggregate.cell_id.set(self.effective_on, self.cell_id, self.originator_version)
        aggregate.came_by.set(self.effective_on, "received", self.originator_version)


class TransferLapsed(TransferOver):
    """Not received within the time (hết thời hạn): he is still where he was."""

    TOPIC = "membership.transfer-lapsed"
    TITLE = "hết thời hạn chuyển sinh hoạt đảng"


class TransferReturned(TransferOver):
    """Sent back by the receiver (trả lại hồ sơ): he is still where he was."""

    TOPIC = "membership.transfer-returned"
    TITLE = "trả lại hồ sơ chuyển sinh hoạt đảng"


class TemporaryTransferStarted(Event):
    """Takes part in another cell for a time (sinh hoạt tạm thời); votes where he belongs."""

    TOPIC = "membership.temporary-transfer-started"
    TITLE = "chuyển sinh hoạt đảng tạm thời"
    cell_id: UUID
    until: date | None  # as planned; it ends when that is recorded

    def mentions(self) -> tuple[UUID, ...]:
        return (self.cell_id,)

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.temporary_cell_id.set(self.effective_on, self.cell_id, self.originator_version)


class TemporaryTransferEnded(Event):
    """Back in the official cell (trở về nơi sinh hoạt chính thức)."""

    TOPIC = "membership.temporary-transfer-ended"
    TITLE = "kết thúc sinh hoạt đảng tạm thời"

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.temporary_cell_id.set(self.effective_on, None, self.originator_version)


class Moved(Event):
    """Moved to another cell within the base (chuyển nội bộ), or because the cells changed."""

    TOPIC = "membership.moved"
    TITLE = "chuyển sinh hoạt đảng nội bộ"
    way: str  # one of MOVES
    cell_id: UUID

    def mentions(self) -> tuple[UUID, ...]:
        return (self.cell_id,)

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.cell_id.set(self.effective_on, self.cell_id, self.originator_version)
        aggregate.came_by.set(self.effective_on, self.way, self.originator_version)


# Rights and duties


class Exempted(Event):
    """Exempted from work and cell life (miễn công tác và sinh hoạt đảng)."""

    TOPIC = "membership.exempted"
    TITLE = "miễn công tác và sinh hoạt đảng"
    ground: str  # code of the rule book: "age_or_health"
    until: date | None  # as decided; it ends when that is recorded

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.is_exempt.set(self.effective_on, True, self.originator_version)


class ExemptionEnded(Event):
    """Takes part again (thôi miễn công tác và sinh hoạt đảng)."""

    TOPIC = "membership.exemption-ended"
    TITLE = "thôi miễn công tác và sinh hoạt đảng"

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.is_exempt.set(self.effective_on, False, self.originator_version)


class Suspended(Event):
    """Cell life is suspended (đình chỉ sinh hoạt đảng)."""

    TOPIC = "membership.suspended"
    TITLE = "đình chỉ sinh hoạt đảng"

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.is_suspended.set(self.effective_on, True, self.originator_version)


class SuspensionLifted(Event):
    """Cell life goes on (chấm dứt đình chỉ sinh hoạt đảng)."""

    TOPIC = "membership.suspension-lifted"
    TITLE = "chấm dứt đình chỉ sinh hoạt đảng"

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.is_suspended.set(self.effective_on, False, self.originator_version)


# Endings


class Ending(Event):
    """No longer a member: `effective_on` is the first day he is none."""

    ENDED: ClassVar[str]

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.is_active.set(day, False, order)
        aggregate.ended_by.set(day, self.ENDED, order)


class ProbationerStruckOff(Ending):
    """A probationary member is struck off (xóa tên đảng viên dự bị)."""

    TOPIC = "membership.probationer-struck-off"
    TITLE = "xóa tên đảng viên dự bị"
    ENDED = "struck_off"
    vote: Vote | None


class StruckOff(Ending):
    """An official member is struck off the roll (xóa tên trong danh sách đảng viên)."""

    TOPIC = "membership.struck-off"
    TITLE = "xóa tên trong danh sách đảng viên"
    ENDED = "struck_off"
    vote: Vote | None


class Left(Ending):
    """Left on request (cho ra khỏi Đảng)."""

    TOPIC = "membership.left"
    TITLE = "cho ra khỏi Đảng"
    ENDED = "left"


class Expelled(Ending):
    """Expelled, the gravest measure of discipline (khai trừ)."""

    TOPIC = "membership.expelled"
    TITLE = "khai trừ ra khỏi Đảng"
    ENDED = "expelled"
    vote: Vote | None


class Died(Ending):
    """Died (từ trần)."""

    TOPIC = "membership.died"
    TITLE = "từ trần"
    HAPPENED = True
    ENDED = "died"


class Restored(Event):
    """A member again, because the decision that ended it was wrong (khôi phục quyền đảng viên)."""

    TOPIC = "membership.restored"
    TITLE = "khôi phục quyền đảng viên"
    cell_id: UUID
    degree: str  # one of DEGREES

    def mentions(self) -> tuple[UUID, ...]:
        return (self.cell_id,)

    def apply(self, aggregate: MembershipRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.is_active.set(day, True, order)
        aggregate.ended_by.set(day, None, order)
        aggregate.degree.set(day, self.degree, order)
        aggregate.cell_id.set(day, self.cell_id, order)
        aggregate.came_by.set(day, "restored", order)
        aggregate.begun_by.set(day, "restored", order)


# Party age


class BadgeAwarded(Event):
    """Was given the badge for so many years in the Party (tặng Huy hiệu Đảng)."""

    TOPIC = "membership.badge-awarded"
    TITLE = "tặng Huy hiệu Đảng"
    years: int
    way: str  # one of AWARDS

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.badge_years.set(self.effective_on, self.years, self.originator_version)


class PartyAgeDetermined(Event):
    """The day from which the Party age counts was determined anew (xác định lại tuổi đảng)."""

    TOPIC = "membership.party-age-determined"
    TITLE = "xác định lại tuổi đảng"
    party_age_on: date

    def apply(self, aggregate: MembershipRecord) -> None:
        aggregate.party_age_on.set(self.effective_on, self.party_age_on, self.originator_version)


class Voided(Event):
    """An earlier record is taken back (thu hồi, hủy bỏ); the envelope says which."""

    TOPIC = "membership.voided"
    TITLE = "hủy bỏ nội dung đã ghi"
