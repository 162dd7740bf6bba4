"""What can be recorded about who leads an organisation, an endpoint each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api import bodies, openapi
from api import leadership_bodies as said
from api.clerk import AtClerk, Clerk
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Planned, Post
from services import leadership as commands
from services.commands import Void

router = APIRouter(prefix="/organisations/{id}/leadership", tags=["leadership"])


def _about(clerk: Clerk, id_: UUID, body: bodies.Circumstances) -> dict[str, Any]:
    """What every command about the leadership of an organisation has."""
    about = clerk.about(leadership_id(id_), body)
    del about["id"]
    return about | {"organisation_id": id_}


def _seat(clerk: Clerk, id_: UUID, body: said.PostBody) -> dict[str, Any]:
    """What every command by which a person comes to a post has."""
    post = {"person_id": body.person_id, "body": body.body, "post": body.post}
    return _about(clerk, id_, body) | post


def _left(clerk: Clerk, id_: UUID, body: said.Leaving) -> dict[str, Any]:
    """What every command by which a person leaves posts has."""
    posts: dict[str, Any] = {"person_id": body.person_id, "holding_ids": tuple(body.holding_ids)}
    return _about(clerk, id_, body) | posts


# Terms and seats


@router.post("/seat-plans", **openapi.change("Set the number of seats of a post"))
def set_seats(id: UUID, body: said.SeatPlan, clerk: AtClerk) -> Response:
    """So many seats, due by a day; a surplus is allowed before another (xác định số lượng)."""
    names = ("body", "post", "number", "due_on", "surplus_until")
    plan: dict[str, Any] = {name: getattr(body, name) for name in names}
    return clerk.record(commands.SetSeats(**plan, **_about(clerk, id, body)), body)


@router.post("/joint-seat-plans", **openapi.change("Set the seats of several posts"))
def set_seats_together(id: UUID, body: said.JointSeatPlan, clerk: AtClerk) -> Response:
    """One decision sets the numbers of several posts (xác định số lượng, cơ cấu)."""
    plans = tuple(Planned(plan.body, plan.post, plan.number) for plan in body.plans)
    days: dict[str, Any] = {"due_on": body.due_on, "surplus_until": body.surplus_until}
    command = commands.SetSeatsTogether(plans=plans, **days, **_about(clerk, id, body))
    return clerk.record(command, body)


@router.post("/terms", **openapi.change("Start a term"))
def start_term(id: UUID, body: said.TermStart, clerk: AtClerk) -> Response:
    """A term of these bodies begins, and what was held in the one before ends with it."""
    term: dict[str, Any] = {"bodies": tuple(body.bodies), "name": body.name, "until": body.until}
    return clerk.record(commands.StartTerm(**term, **_about(clerk, id, body)), body)


@router.post("/term-extensions", **openapi.change("Extend a term"))
def extend_term(id: UUID, body: said.TermExtension, clerk: AtClerk) -> Response:
    """The running term ends on another day (kéo dài nhiệm kỳ)."""
    term: dict[str, Any] = {"bodies": tuple(body.bodies), "until": body.until}
    return clerk.record(commands.ExtendTerm(**term, **_about(clerk, id, body)), body)


@router.post("/term-ends", **openapi.change("End a term"))
def end_term(id: UUID, body: said.TermEnd, clerk: AtClerk) -> Response:
    """The running term ends, and all that is held in it."""
    bodies_ = tuple(body.bodies)
    return clerk.record(commands.EndTerm(bodies=bodies_, **_about(clerk, id, body)), body)


# Coming to a post


@router.post("/elections", **openapi.change("Record that somebody was elected"))
def elect(id: UUID, body: said.Election, clerk: AtClerk) -> Response:
    """Works from the day of the ballot on, before anybody approves (bầu)."""
    ballot, about = said.ballot(body.ballot), _seat(clerk, id, body)
    return clerk.record(commands.Elect(by=body.by, ballot=ballot, **about), body)


@router.post(
    "/inspection-deputy-elections",
    **openapi.change("Record that the inspection committee elected its deputy chair"),
)
def elect_deputy(id: UUID, body: said.InspectionDeputyElection, clerk: AtClerk) -> Response:
    """The inspection committee elects its deputy chairs itself (bầu phó chủ nhiệm)."""
    how: dict[str, Any] = {"person_id": body.person_id, "ballot": said.ballot(body.ballot)}
    return clerk.record(commands.ElectInspectionDeputy(**how, **_about(clerk, id, body)), body)


@router.post("/approvals", **openapi.change("Approve elections"))
def approve(id: UUID, body: said.Approval, clerk: AtClerk) -> Response:
    """The superior approves what was elected (chuẩn y)."""
    ids = tuple(body.holding_ids)
    return clerk.record(commands.ApproveElection(holding_ids=ids, **_about(clerk, id, body)), body)


@router.post("/refusals", **openapi.change("Refuse to approve elections"))
def refuse(id: UUID, body: said.Approval, clerk: AtClerk) -> Response:
    """The superior does not approve, which ends what came of the election (không chuẩn y)."""
    ids = tuple(body.holding_ids)
    return clerk.record(commands.RefuseElection(holding_ids=ids, **_about(clerk, id, body)), body)


@router.post("/appointments", **openapi.change("Appoint somebody"))
def appoint(id: UUID, body: said.Appointment, clerk: AtClerk) -> Response:
    """The superior appoints (chỉ định)."""
    about = _seat(clerk, id, body)
    return clerk.record(commands.Appoint(occasion=body.occasion, **about), body)


@router.post("/joint-appointments", **openapi.change("Appoint several by one decision"))
def appoint_together(id: UUID, body: said.JointAppointment, clerk: AtClerk) -> Response:
    """The superior appoints a committee, its board and secretaries at once (chỉ định)."""
    holders = tuple((h.person_id, Post(h.body, h.post)) for h in body.holders)
    about = _about(clerk, id, body)
    command = commands.AppointTogether(holders=holders, occasion=body.occasion, **about)
    return clerk.record(command, body)


@router.post("/entries", **openapi.change("Take over who holds what"))
def enter(id: UUID, body: said.HoldersEntry, clerk: AtClerk) -> Response:
    """Who holds posts is taken over as it stands (ghi nhận hiện trạng)."""
    holders = tuple((h.person_id, Post(h.body, h.post), h.place) for h in body.holders)
    command = commands.EnterHolders(holders=holders, **_about(clerk, id, body))
    return clerk.record(command, body)


@router.post("/recognitions", **openapi.change("Recognise, assign, transfer or name somebody"))
def recognise(id: UUID, body: said.Recognition, clerk: AtClerk) -> Response:
    """Comes to a post by recognition, assignment, transfer or naming (công nhận ...)."""
    return clerk.record(commands.Recognise(form=body.form, **_seat(clerk, id, body)), body)


@router.post("/concurrent-posts", **openapi.change("Record a post outside the Party"))
def take_concurrent_post(id: UUID, body: said.ConcurrentPost, clerk: AtClerk) -> Response:
    """Holds a post outside the Party besides (kiêm nhiệm)."""
    about = _seat(clerk, id, body)
    return clerk.record(commands.TakeConcurrentPost(place=body.place, **about), body)


@router.post("/acting", **openapi.change("Let somebody act in a post"))
def assign_acting(id: UUID, body: said.Acting, clerk: AtClerk) -> Response:
    """Does the work of the post until a day, without its seat (giao quyền, giao phụ trách)."""
    return clerk.record(commands.AssignActing(until=body.until, **_seat(clerk, id, body)), body)


# Leaving a post


@router.post("/reassignments", **openapi.change("Reassign somebody to another organisation"))
def reassign(id: UUID, body: said.Reassignment, clerk: AtClerk) -> Response:
    """Leaves posts here for posts there, by one decision that both record (điều động)."""
    target: dict[str, Any] = {
        "to_organisation_id": body.to_organisation_id,
        "to_posts": said.posts(body.to_posts),
    }
    return clerk.record(commands.Reassign(**target, **_left(clerk, id, body)), body)


@router.post("/reliefs", **openapi.change("Relieve somebody of posts"))
def relieve(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """Is relieved (cho thôi giữ chức)."""
    return clerk.record(commands.Relieve(**_left(clerk, id, body)), body)


@router.post("/resignations", **openapi.change("Record a resignation"))
def resign(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """Resigned, and was let go (từ chức)."""
    return clerk.record(commands.Resign(**_left(clerk, id, body)), body)


@router.post("/dismissals", **openapi.change("Dismiss somebody from posts"))
def dismiss(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """Is dismissed (miễn nhiệm)."""
    return clerk.record(commands.Dismiss(**_left(clerk, id, body)), body)


@router.post("/removals", **openapi.change("Remove somebody from posts by discipline"))
def remove(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """Is removed as a disciplinary measure (cách chức)."""
    return clerk.record(commands.RemoveByDiscipline(**_left(clerk, id, body)), body)


@router.post("/ends-by-law", **openapi.change("Record that posts ended by law"))
def end_by_law(id: UUID, body: said.EndByLawBody, clerk: AtClerk) -> Response:
    """Retired, left or died: the posts end without a decision about them."""
    return clerk.record(commands.EndByLaw(cause=body.cause, **_left(clerk, id, body)), body)


@router.post("/suspensions", **openapi.change("Suspend somebody from posts"))
def suspend(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """Is suspended, and keeps the seats (đình chỉ chức vụ)."""
    return clerk.record(commands.SuspendFromPosts(**_left(clerk, id, body)), body)


@router.post("/suspensions-lifted", **openapi.change("Lift a suspension from posts"))
def lift_suspension(id: UUID, body: said.Leaving, clerk: AtClerk) -> Response:
    """The suspension is over (thôi đình chỉ chức vụ)."""
    return clerk.record(commands.LiftSuspension(**_left(clerk, id, body)), body)


# Inspection committees


@router.post("/inspection-committees", **openapi.change("Set up the inspection committee"))
def establish_inspection(id: UUID, body: said.InspectionCommittee, clerk: AtClerk) -> Response:
    """Set up, or of another size from that day on (thành lập ủy ban kiểm tra)."""
    about = _about(clerk, id, body)
    command = commands.EstablishInspectionCommittee(size=body.size, mode=body.mode, **about)
    return clerk.record(command, body)


@router.post("/inspection-approvals", **openapi.change("Approve the inspection committee"))
def approve_inspection(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """The superior approves it (chuẩn y ủy ban kiểm tra)."""
    return clerk.record(commands.ApproveInspectionCommittee(**_about(clerk, id, body)), body)


# Members, regulations


@router.post("/assignments", **openapi.change("Assign a committee member to something"))
def assign_member(id: UUID, body: said.MemberAssignment, clerk: AtClerk) -> Response:
    """Answers for an area, an organisation, a cell or a household (phân công phụ trách)."""
    names = ("person_id", "kind", "target_id", "target", "duties")
    what: dict[str, Any] = {name: getattr(body, name) for name in names}
    return clerk.record(commands.AssignMember(**what, **_about(clerk, id, body)), body)


@router.post("/assignment-ends", **openapi.change("End the assignment of a committee member"))
def end_assignment(id: UUID, body: said.AssignmentEnd, clerk: AtClerk) -> Response:
    """Answers for it no longer (thôi phân công)."""
    about = _about(clerk, id, body)
    return clerk.record(commands.EndAssignment(assignment_id=body.assignment_id, **about), body)


@router.post("/regulations", **openapi.change("Record working regulations"))
def issue_regulations(id: UUID, body: said.Regulations, clerk: AtClerk) -> Response:
    """The body issued its working regulations for a term (quy chế làm việc)."""
    rules: dict[str, Any] = {
        "body": body.body,
        "term": body.term,
        "document": said.document(body.document),
    }
    command = commands.IssueRegulations(model=body.model, **rules, **_about(clerk, id, body))
    return clerk.record(command, body)


@router.post("/regulation-ends", **openapi.change("Record that working regulations are superseded"))
def supersede_regulations(id: UUID, body: said.RegulationsEnd, clerk: AtClerk) -> Response:
    """They hold no longer, and none follow yet (hết hiệu lực)."""
    about = _about(clerk, id, body)
    return clerk.record(commands.SupersedeRegulations(body=body.body, **about), body)


@router.post("/voidings", **openapi.change("Take a record of the leadership back"))
def void(id: UUID, body: bodies.Voiding, clerk: AtClerk) -> Response:
    """Withdraw what was scheduled, or strike what was recorded wrongly; it is final."""
    return clerk.record(Void(of=Leadership, **clerk.about(leadership_id(id), body)), body)
