"""Memberships of the Party: what can be recorded about them, an endpoint each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api import bodies, openapi
from api import membership_bodies as said
from api.clerk import AtClerk
from api.errors import MalformedRequest
from domain.membership import Membership
from services import membership as commands
from services.commands import EstablishOrganisation, Void

router = APIRouter(tags=["members"])


# Beginning


@router.post("/admissions", **openapi.change("Admit somebody to the Party"))
def admit(body: said.Admission, clerk: AtClerk) -> Response:
    """For the first time, or again with `former_id` (kết nạp, kết nạp lại)."""
    id_ = body.id or clerk.new_id()
    return clerk.found(commands.Admit(**_admission(body), **_begun(clerk, id_, body)), body)


@router.post("/memberships", **openapi.change("Enter a member of before"))
def enter(body: said.Entry, clerk: AtClerk) -> Response:
    """As it stood, or with `place` received from outside this register (ghi nhận, tiếp nhận)."""
    id_ = body.id or clerk.new_id()
    return clerk.found(commands.TakeOver(**_entry(body), **_begun(clerk, id_, body)), body)


@router.post(
    "/memberships/{id}/admission-corrections", **openapi.change("Correct how it began: admitted")
)
def correct_admission(id: UUID, body: said.Admission, clerk: AtClerk) -> Response:
    """Record rightly how somebody was admitted; `voids` names the wrong record (đính chính)."""
    return clerk.record(commands.Admit(**_admission(body), **_corrected(clerk, id, body)), body)


@router.post(
    "/memberships/{id}/entry-corrections", **openapi.change("Correct how it began: entered")
)
def correct_entry(id: UUID, body: said.Entry, clerk: AtClerk) -> Response:
    """Record rightly how a member of before stood; `voids` names the wrong record (đính chính)."""
    return clerk.record(commands.TakeOver(**_entry(body), **_corrected(clerk, id, body)), body)


def _begun(clerk: AtClerk, id_: UUID, body: said.Beginning) -> dict[str, Any]:
    if body.voids is not None:
        raise MalformedRequest.at("body", "voids", "a beginning takes nothing back: correct it")
    return {"id": id_, "envelope": clerk.envelope(body)} | _placed(body)


def _corrected(clerk: AtClerk, id_: UUID, body: said.Beginning) -> dict[str, Any]:
    if body.voids is None or body.id is not None:
        raise MalformedRequest.at("body", "voids", "name the wrong record, and no id")
    return clerk.about(id_, body) | _placed(body)


def _placed(body: said.Beginning) -> dict[str, Any]:
    return {"person_id": body.person_id, "cell_id": body.cell_id}


def _admission(body: said.Admission) -> dict[str, Any]:
    return {
        "cell_decided_on": body.cell_decided_on,
        "introducer_ids": tuple(body.introducer_ids),
        "is_endorsed_by_union": body.is_endorsed_by_union,
        "born_on": body.born_on,
        "vote": said.vote(body.vote),
        "former_id": body.former_id,
    }


def _entry(body: said.Entry) -> dict[str, Any]:
    names = ("degree", "party_age_on", "ceremony_on", "official_on", "badge_years", "place")
    return {name: getattr(body, name) for name in names}


# From probationer to official member


@router.post("/memberships/{id}/ceremonies", **openapi.change("Record the ceremony"))
def hold_ceremony(id: UUID, body: said.Ceremony, clerk: AtClerk) -> Response:
    """The probation counts from this day (lễ kết nạp)."""
    received = body.decision_received_on
    command = commands.HoldCeremony(decision_received_on=received, **clerk.about(id, body))
    return clerk.record(command, body)


@router.post("/memberships/{id}/recognitions", **openapi.change("Recognise as an official member"))
def recognise(id: UUID, body: said.Recognition, clerk: AtClerk) -> Response:
    """As of the day on which the probation ended (công nhận chính thức)."""
    decided: dict[str, Any] = {
        "cell_decided_on": body.cell_decided_on,
        "vote": said.vote(body.vote),
    }
    return clerk.record(commands.Recognise(**decided, **clerk.about(id, body)), body)


# Moving


@router.post("/memberships/{id}/introductions", **openapi.change("Introduce elsewhere"))
def introduce(id: UUID, body: said.Introduction, clerk: AtClerk) -> Response:
    """The sender stays responsible until he is received (giới thiệu chuyển sinh hoạt đảng)."""
    goal: dict[str, Any] = {"to_id": body.to_id, "place": body.place}
    return clerk.record(commands.Introduce(**goal, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/receptions", **openapi.change("Receive who was introduced"))
def receive(id: UUID, body: said.Reception, clerk: AtClerk) -> Response:
    """Once, in the cell to which he was introduced or below that organisation (tiếp nhận)."""
    about = clerk.about(id, body)
    return clerk.record(commands.Receive(cell_id=body.cell_id, **about), body)


@router.post("/memberships/{id}/lapses", **openapi.change("Let a transfer lapse"))
def lapse(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """He was not received within the time, and is still where he was (hết thời hạn)."""
    return clerk.record(commands.LetTransferLapse(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/returns", **openapi.change("Send back who was introduced"))
def give_back(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """With a reason; he is still where he was (trả lại hồ sơ)."""
    return clerk.record(commands.ReturnTransfer(**clerk.about(id, body)), body)


@router.post(
    "/memberships/{id}/temporary-transfers", **openapi.change("Let him take part elsewhere")
)
def start_temporary(id: UUID, body: said.TemporaryTransfer, clerk: AtClerk) -> Response:
    """For a time; he votes where he belongs (chuyển sinh hoạt đảng tạm thời)."""
    place: dict[str, Any] = {"cell_id": body.cell_id, "until": body.until}
    return clerk.record(commands.StartTemporary(**place, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/temporary-transfer-ends", **openapi.change("Let him come back"))
def end_temporary(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """He takes part again where he belongs."""
    return clerk.record(commands.EndTemporary(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/moves", **openapi.change("Move to another cell of the base"))
def move(id: UUID, body: said.MoveBody, clerk: AtClerk) -> Response:
    """Without an introduction (chuyển sinh hoạt đảng nội bộ)."""
    goal: dict[str, Any] = {"cell_id": body.cell_id, "way": body.way}
    return clerk.record(commands.Move(**goal, **clerk.about(id, body)), body)


# Rights and duties


@router.post("/memberships/{id}/exemptions", **openapi.change("Exempt from cell life"))
def exempt(id: UUID, body: said.Exemption, clerk: AtClerk) -> Response:
    """Miễn công tác và sinh hoạt đảng."""
    facts: dict[str, Any] = {"ground": body.ground, "until": body.until}
    return clerk.record(commands.Exempt(**facts, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/exemption-ends", **openapi.change("End an exemption"))
def end_exemption(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """He takes part again."""
    return clerk.record(commands.EndExemption(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/suspensions", **openapi.change("Suspend cell life"))
def suspend(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """Đình chỉ sinh hoạt đảng."""
    return clerk.record(commands.SuspendMember(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/suspension-ends", **openapi.change("Lift a suspension"))
def lift_suspension(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """Chấm dứt đình chỉ sinh hoạt đảng."""
    return clerk.record(commands.LiftSuspension(**clerk.about(id, body)), body)


# Ending


@router.post("/memberships/{id}/strikings-off", **openapi.change("Strike off the roll"))
def strike_off(id: UUID, body: said.Voted, clerk: AtClerk) -> Response:
    """All posts end the same day (xóa tên)."""
    voted = said.vote(body.vote)
    return clerk.record(commands.StrikeOff(vote=voted, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/leavings", **openapi.change("Let him leave on his request"))
def leave(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """All posts end the same day (cho ra khỏi Đảng)."""
    return clerk.record(commands.Leave(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/expulsions", **openapi.change("Expel"))
def expel(id: UUID, body: said.Voted, clerk: AtClerk) -> Response:
    """All posts end the same day (khai trừ)."""
    voted = said.vote(body.vote)
    return clerk.record(commands.Expel(vote=voted, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/deaths", **openapi.change("Record a death"))
def die(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """`effective_on` is the day of death; all posts end then (từ trần)."""
    return clerk.record(commands.RecordDeath(**clerk.about(id, body)), body)


@router.post("/memberships/{id}/restorations", **openapi.change("Restore a membership"))
def restore(id: UUID, body: said.Restoration, clerk: AtClerk) -> Response:
    """The decision that ended it was found wrong (khôi phục quyền đảng viên)."""
    facts: dict[str, Any] = {"cell_id": body.cell_id, "degree": body.degree}
    return clerk.record(commands.Restore(**facts, **clerk.about(id, body)), body)


# Party age


@router.post("/memberships/{id}/badges", **openapi.change("Award a badge"))
def award_badge(id: UUID, body: said.Badge, clerk: AtClerk) -> Response:
    """For so many years in the Party (tặng Huy hiệu Đảng)."""
    facts: dict[str, Any] = {"years": body.years, "way": body.way}
    return clerk.record(commands.AwardBadge(**facts, **clerk.about(id, body)), body)


@router.post("/memberships/{id}/party-ages", **openapi.change("Determine the Party age anew"))
def determine_party_age(id: UUID, body: said.PartyAge, clerk: AtClerk) -> Response:
    """It counts from another day (xác định lại tuổi đảng)."""
    since = body.party_age_on
    return clerk.record(
        commands.DeterminePartyAge(party_age_on=since, **clerk.about(id, body)), body
    )


@router.post("/memberships/{id}/voidings", **openapi.change("Take a record back"))
def void(id: UUID, body: bodies.Voiding, clerk: AtClerk) -> Response:
    """Withdraw what was scheduled, or strike what was recorded wrongly; it is final."""
    return clerk.record(Void(of=Membership, **clerk.about(id, body)), body)


# Cells


@router.post("/cell-mergers", **openapi.change("Merge cells with their members"))
def merge_cells(body: said.CellMerger, clerk: AtClerk) -> Response:
    """The cells end and their members go to the one, or as allocated, all at once (sáp nhập)."""
    if (body.into_id is None) == (body.founding is None):
        raise MalformedRequest.at("body", "into_id", "say into_id, or founding")
    id_, envelope = body.into_id or clerk.new_id(), clerk.envelope(body)
    founding = None
    if body.founding is not None:
        facts = bodies.organisation_facts(body.founding)
        founding = EstablishOrganisation(id=id_, envelope=envelope, way="merger", **facts)
    command = commands.MergeCells(
        id=id_,
        envelope=envelope,
        sources=tuple(body.sources),
        founding=founding,
        allocation={each.membership_id: each.cell_id for each in body.allocation},
    )
    return clerk.found(command, body)
