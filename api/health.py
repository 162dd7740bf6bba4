"""Is it alive, is it ready, and where is everything?"""

from __future__ import annotations

from typing import Any, Protocol

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import openapi
from api.errors import NotReady
from api.events import Tide
from api.models import Alive, Index
from api.reads import basis_headers
from api.render import to_json
from services.reading import Basis, NotYetThere, Readings
from services.register import Register

router = APIRouter(prefix="/health", tags=["operation"])
index_router = APIRouter(tags=["operation"])

PATIENCE_S = 2.0
_LOOKERS = CapacityLimiter(4)  # of their own: whoever asks for health waits behind no other request
_NO_STORE = {"Cache-Control": "no-store"}


class Follower(Tide, Protocol):
    """What keeps the read models level with the log."""

    @property
    def is_alive(self) -> bool: ...

    @property
    def error(self) -> str | None:
        """What went wrong last; None: all is well."""

    @property
    def stopped(self) -> str | None:
        """Names of the read models that cannot go on, with commas."""

    @property
    def idle_s(self) -> float:
        """Seconds since it last took something in, or found that there was nothing to take in."""

    @property
    def rate(self) -> float:
        """Events a second that it has taken in of late."""


@router.get("/live", summary="Is it alive?", responses=openapi.plain(Alive))
async def live() -> Response:
    """It answers; whether it can do its work is another question."""
    return _json({"status": "alive"}, _NO_STORE)


@router.get("/ready", summary="Is it ready?", responses=openapi.readiness())
async def ready(request: Request) -> Response:
    """The log can be read, the read models are there, and somebody keeps them level.

    Who does that slowly is degraded, and ready all the same: answers say what they rest on. Who
    does not move while there is something to do has stalled, and is not ready.
    """
    follower: Follower | None = request.app.state.follower
    if follower is not None:
        _refuse_unless_it_goes_on(follower)
    try:
        with fail_after(PATIENCE_S):
            basis, lag_s = await to_thread.run_sync(
                _measured, request, limiter=_LOOKERS, abandon_on_cancel=True
            )
    except TimeoutError:
        said = f"The database did not answer within {PATIENCE_S:g} seconds"
        raise NotReady.because("database", said) from None
    lag_limit_s, stall_limit_s = request.app.state.lag_limit_s, request.app.state.stall_limit_s
    if follower is not None:
        _refuse_stalled(follower, basis.lag, lag_s, stall_limit_s)
    elif lag_s > lag_limit_s:
        said = f"An event has waited {lag_s:.0f} seconds for the read models"
        raise NotReady.because("lag", said, lag=basis.lag, lag_s=lag_s)
    told: dict[str, Any] = {
        "status": "ready" if lag_s <= lag_limit_s else "degraded",
        "position": basis.position,
        "head": basis.head,
        "lag": basis.lag,
        "lag_s": lag_s,
        "epoch": basis.epoch,
        "projections": basis.versions,
        "parked": len(basis.parked),
    }
    if follower is not None:
        told |= _pace(follower, basis.lag)
    return _json(told, _NO_STORE | basis_headers(basis))


def _refuse_unless_it_goes_on(follower: Follower) -> None:
    if not follower.is_alive:
        said = "Nobody keeps the read models level with the log"
        raise NotReady.because("no-follower", said)
    if follower.error:
        which = follower.stopped or "The read models"
        said = f"{which} cannot be brought level with the log; see the log lines"
        raise NotReady.because("stopped" if follower.stopped else "failing", said)


def _refuse_stalled(follower: Follower, lag: int, lag_s: float, limit_s: float) -> None:
    """An event has waited too long, and nothing has moved for as long.

    Either alone is no fault: whoever has much to do lets events wait, and whoever has nothing to
    do does not move.
    """
    idle_s = follower.idle_s
    if min(idle_s, lag_s) > limit_s:
        said = (
            f"The read models have not moved for {idle_s:.0f} seconds, and events wait ({lag}):"
            " what keeps them level has stalled, on a lock perhaps;"
            " see docs/operations.md, Watching it"
        )
        raise NotReady.because("stalled", said, lag=lag, lag_s=lag_s, idle_s=round(idle_s, 3))


def _pace(follower: Follower, lag: int) -> dict[str, float]:
    """How fast events are taken in, and when it will be level if no more come (None: who knows)."""
    rate = round(follower.rate, 1)
    told = {"rate": rate}
    if rate or not lag:
        told["level_in_s"] = round(lag / rate, 1) if lag else 0.0
    return told


def _measured(request: Request) -> tuple[Basis, float]:
    """What an answer would rest on now, and its lag in seconds. Raises NotReady."""
    readings: Readings = request.app.state.readings
    try:
        with readings.at(wait_s=0) as reading:
            basis = reading.basis
    except NotYetThere as error:
        raise NotReady.because("outdated", error.detail) from None
    if basis.lag < 0:
        raise NotReady.because(
            "ahead",
            "The read models have seen more than the log holds: it lost its end; see "
            "docs/operations.md, Restore",
            position=basis.position,
            head=basis.head,
        )
    return basis, _lag_s(request.app.state.register, basis)


def _lag_s(register: Register, basis: Basis) -> float:
    """How long the first event that is not yet in the read models has been on record."""
    recorded_at = register.store.recorded_at(basis.position + 1) if basis.lag else None
    if recorded_at is None:
        return 0.0
    return round(max((basis.now - recorded_at).total_seconds(), 0.0), 3)


@index_router.get("/v1", summary="Where everything is", responses=openapi.plain(Index))
def index(request: Request) -> Response:
    """The collections, and where the log stands."""
    register: Register = request.app.state.register
    names = ("units", "organisations", "crosswalk", "events", "audit", "diff", "why", "dossiers")
    links = {name: f"/v1/{name}" for name in names}
    links |= {"rules": "/v1/rules", "problems": "/problems"}
    links |= {"docs": "/docs", "openapi": "/openapi.json"}
    told = {
        "release": request.app.version,
        "position": register.store.position(),
        "epoch": register.store.epoch(),
        "links": links,
    }
    return _json(told, {"Cache-Control": "no-cache"})


def _json(told: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(to_json(told), 200, headers, "application/json")
