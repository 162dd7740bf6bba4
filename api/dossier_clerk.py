"""The door for acts about dossiers: an act is told without the thousands of rows it may have."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from api.access import authenticated
from api.clerk import Clerk, IdempotencyKey, IfMatch, Prefer
from api.dossier_bodies import Act, drawn, file_only
from api.dossier_jobs import Job, Jobs, progress_of
from api.errors import PreconditionFailed
from api.preferences import wants_async
from api.render import to_json
from domain.dossier.dossier import DONE, Dossier
from domain.dossier.tables import Heading, Tables
from domain.envelope import Actor, Authority, Envelope
from services.commands import Command
from services.dossiers.commands import CarryOut, DrawUp
from services.dossiers.rehearsals import dossier_of
from services.register import Outcome


class DossierClerk(Clerk):
    """Carries an act about a dossier to the register, in the name of whoever sent it."""

    def acts_on(self, id_: UUID, body: Act) -> dict[str, Any]:
        """What every act about a dossier that is there has."""
        correlation_id: str = self._request.state.correlation_id
        envelope = body.envelope(self._actor, correlation_id, self.today)
        return {"id": id_, "envelope": envelope, "expected_version": self._version(id_)}

    @property
    def today(self) -> date:
        found: date = self._request.app.state.today()
        return found

    @property
    def position(self) -> int:
        """Of the log, before anything is read for a check."""
        return self._register.store.position()

    @property
    def would_rather_not_wait(self) -> bool:
        """Whether the answer may come before the work is done; a trial is always waited for."""
        return not self._dry_run and wants_async(self._request.headers.getlist("Prefer"))

    def act(self, command: Command, body: Act) -> Response:
        """Let the register carry it out, and tell what became of it. Raises RegisterError."""
        return self.told(command, self.done(command, body))

    def carry_out(self, command: CarryOut, body: Act) -> Response:
        """At once, or while whoever asked does something else. Raises RegisterError."""
        if not self.would_rather_not_wait:
            return self.act(command, body)
        dossier = dossier_of(self._register.store, command.id)
        if dossier.state not in DONE:
            dossier.refuse_unless_due(self.today)
        jobs: Jobs = self._request.app.state.jobs
        operations = dossier.check.outcome.operations if dossier.check else 0
        job = jobs.begin(command.id, operations, lambda job: self._do(job, command, body))
        headers = {
            "Cache-Control": "no-store",
            "Location": f"/v1/dossiers/{command.id}/carrying-out",
            "Preference-Applied": "respond-async",
        }
        return Response(to_json(progress_of(job)), 202, headers, "application/json")

    def _do(self, job: Job, command: CarryOut, body: Act) -> None:
        self.done(replace(command, progress=job.progress), body)

    def done(self, command: Command, body: Act) -> Outcome:
        """What became of it. Raises RegisterError."""
        return self.carried(command, self._command_key(body))

    def told(self, command: Command, outcome: Outcome) -> Response:
        """What became of it, and how many events of each type that took."""
        status, headers = self._about(command, outcome)
        told = {
            "id": _of(command, outcome),
            "position": outcome.position,
            "recorded_at": outcome.recorded_at,
            "events": Counter(event.TOPIC for event in outcome.events),
            "digest": _digest(outcome),
            "detail": self._said(outcome),
        }
        return Response(to_json(told), status, headers, "application/json")


AtDossierClerk = Annotated[DossierClerk, Depends(DossierClerk)]


class Drafter(DossierClerk):
    """Draws dossiers up from files."""

    def __init__(
        self,
        request: Request,
        actor: Annotated[Actor, Depends(authenticated)],
        content: Annotated[bytes, Depends(file_only)],
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
        prefer: Prefer = None,
    ) -> None:
        super().__init__(request, actor, None, if_match, idempotency_key, prefer)
        self._content = content

    def draw_up(self) -> Response:
        """A new one. Raises RegisterError."""
        heading, tables = self._drawn()
        if "If-Match" in self._request.headers:
            raise PreconditionFailed("What is founded has no version; leave If-Match out")
        return self._drawn_up(self.new_id(), heading, tables, None)

    def draw_up_anew(self, id_: UUID) -> Response:
        """Other rows for one that is there. Raises RegisterError."""
        heading, tables = self._drawn()
        expected = self._version(id_)
        dossier_of(self._register.store, id_)
        return self._drawn_up(id_, heading, tables, expected)

    def _drawn(self) -> tuple[Heading, Tables]:
        return drawn(self._request, self._content)

    def _drawn_up(
        self, id_: UUID, heading: Heading, tables: Tables, expected: int | None
    ) -> Response:
        command = DrawUp(
            id=id_,
            envelope=self._envelope(),
            expected_version=expected,
            heading=heading,
            tables=tables,
        )
        key = self._key_with(sha256(self._content).hexdigest())
        return self.told(command, self.carried(command, key))

    def _envelope(self) -> Envelope:
        """Nobody has decided yet: it is drawn up in the name of the post of whoever does it."""
        return Envelope(
            effective_on=self.today,
            decided_on=None,
            actor=self._actor,
            authority=Authority(self._actor.post or self._actor.id),
            basis=(),
            correlation_id=self._request.state.correlation_id,
        )


AtDrafter = Annotated[Drafter, Depends(Drafter)]


def _of(command: Command, outcome: Outcome) -> UUID:
    """The dossier; when its founding is told again, the id that it was given the first time."""
    of = (e.originator_id for e in outcome.events if e.AGGREGATE is Dossier)
    return next(of, command.id)


def _digest(outcome: Outcome) -> str | None:
    """Of what was checked or carried out by it; None: neither."""
    acts = [e for e in outcome.events if isinstance(e, (Dossier.Checked, Dossier.CarriedOut))]
    return acts[-1].outcome.digest if acts else None
