"""Is it alive, is it ready, and where is everything?"""

from __future__ import annotations

from typing import Any, Protocol

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import openapi
from api.errors import NotReady
from api.events import Tide
from api.models import Alive, Index, Ready
from api.reads import basis_headers
from api.render import to_json
from services.reading import Basis, Readings
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


@router.get("/live", summary="Is it alive?", responses=openapi.plain(Alive))
async def live() -> Response:
    """It answers; whether it can do its work is another question."""
    return _json({"status": "alive"}, _NO_STORE)


@router.get("/ready", summary="Is it ready?", responses=openapi.plain(Ready, 503))
async def ready(request: Request) -> Response:
    """The log can be read, the read models are there, and somebody keeps them level in time."""
    follower: Follower | None = request.app.state.follower
    if follower is not None and not follower.is_alive:
        raise NotReady("Nobody keeps the read models level with the log")
    if follower is not None and follower.error:
        which = follower.stopped or "The read models"
        raise NotReady(f"{which} cannot be brought level with the log; see the log lines")
    try:
        with fail_after(PATIENCE_S):
            basis, lag_s = await to_thread.run_sync(
                _measured, request, limiter=_LOOKERS, abandon_on_cancel=True
            )
    except TimeoutError:
        raise NotReady(f"The database did not answer within {PATIENCE_S:g} seconds") from None
    if lag_s > request.app.state.lag_limit_s:
        said = f"An event has waited {lag_s:.0f} seconds for the read models"
        raise NotReady(said, lag=basis.lag, lag_s=lag_s)
    told: dict[str, Any] = {
        "status": "ready",
        "position": basis.position,
        "head": basis.head,
        "lag": basis.lag,
        "lag_s": lag_s,
        "epoch": basis.epoch,
        "projections": basis.versions,
    }
    return _json(told, _NO_STORE | basis_headers(basis))


def _measured(request: Request) -> tuple[Basis, float]:
    """What an answer would rest on now, and its lag in seconds. Raises NotReady."""
    readings: Readings = request.app.state.readings
    with readings.at(wait_s=0) as reading:
        basis = reading.basis
    if basis.lag < 0:
        raise NotReady(
            "The read models have seen more than the log holds: it lost its end; see the guide to "
            "restoring",
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
    links = {
        name: f"/v1/{name}"
        for name in ("units", "organisations", "crosswalk", "events", "audit", "diff", "why")
    }
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
