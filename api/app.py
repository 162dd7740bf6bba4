"""The HTTP face of the register. Everything it needs is handed in; it makes nothing of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from api import (
    audit,
    awards,
    catalogue,
    crosswalk,
    diff,
    dossier_list,
    dossier_reads,
    dossier_reports,
    dossiers,
    events,
    health,
    ids,
    leadership,
    leadership_reads,
    levels,
    membership_reads,
    memberships,
    metrics,
    nodes,
    openapi,
    organisations,
    pages,
    people,
    problems,
    reports,
    reviews,
    rules,
    units,
    why,
)
from api.dossier_bodies import DOSSIER_BYTES_MAX
from api.dossier_jobs import Jobs
from api.middleware import BodyLimit, Heads, RequestIds
from api.once import refuse_repeated
from api.reads import NotModified, not_modified
from services.access import Access
from services.dossiers.rehearsals import Rehearsals
from services.people import People
from services.reading import Readings
from services.register import Register

BODY_BYTES_MAX = 1_000_000

# Its own would tell addresses with their queries: what somebody searches for may be personal.
_UNTOLD: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}

DESCRIPTION = """
The register of record: which units and organisations exist on any day, as known at any time.

Every read takes `valid_at` (a day) and `known_at` (a position in the log, or a time), and says in
headers what it rests on. A change is a fact posted to a collection of facts; nothing is edited.
Whoever recorded something reads it with `Min-Position`. Persons are ids; what is known of them is
sealed, and shown to whoever may see it and says what for (`Sogoc-Purpose`).
"""


def create_app(
    register: Register,
    readings: Readings,
    access: Access,
    follower: health.Follower | None = None,
    measured: metrics.Metrics | None = None,
    *,
    today: Callable[[], date],
    people: People | None = None,
    lag_limit_s: float = 60.0,
    stall_limit_s: float = 30.0,
    release: str = "0.1.0",
    new_id: Callable[[], UUID] = ids.new_id,
) -> FastAPI:
    """An application over an opened register; with no `follower` nobody is asked whether it lives.

    With nobody to measure there is no `/metrics`, without `people` no `/v1/people`. `today` is the
    day that "now" means in Asia/Ho_Chi_Minh. It is degraded once an event has waited longer than
    `lag_limit_s` for the read models, and not ready once nothing has moved besides for
    `stall_limit_s`. `release` is part of every ETag: the same answer may be written otherwise by
    another release.
    """

    @asynccontextmanager
    async def serving(_: FastAPI) -> AsyncIterator[None]:
        async with readings.hot():
            yield
        app.state.jobs.close()

    app = FastAPI(
        lifespan=serving,
        title="Sổ Gốc",
        summary="Units and Party organisations of Vietnam's local government, on every day",
        description=DESCRIPTION,
        version=release,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        redirect_slashes=False,
        docs_url=None,  # those fetch their scripts from elsewhere: api/pages has one of our own
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        telemetry=_UNTOLD,
    )
    app.state.register, app.state.readings, app.state.access = register, readings, access
    app.state.people, app.state.jobs = people, Jobs()
    app.state.rehearsals = Rehearsals(register, today)
    app.state.follower, app.state.today, app.state.new_id = follower, today, new_id
    app.state.lag_limit_s, app.state.stall_limit_s = lag_limit_s, stall_limit_s
    included = _include(app)
    problems.install(app)
    app.add_exception_handler(NotModified, not_modified)
    openapi.install(app)
    pages.add_pages(app)
    app.state.templates = metrics.templates(
        app, [*included, (pages.router, ""), (metrics.router, "")]
    )
    app.add_middleware(Heads)
    app.add_middleware(BodyLimit, limit=BODY_BYTES_MAX, larger={"/v1/dossiers": DOSSIER_BYTES_MAX})
    app.add_middleware(RequestIds)
    if measured is not None:
        app.state.metrics = measured
        app.include_router(metrics.router)
        app.add_middleware(metrics.Measured, metrics=measured)
    return app


def _include(app: FastAPI) -> list[tuple[APIRouter, str]]:
    """The routers that are in it now, with their prefixes."""
    app.router.routes += [
        nodes.hot_route(each.router, each.TRADE) for each in (organisations, units)
    ]
    subjects = [
        units,
        organisations,
        leadership,
        leadership_reads,
        reviews,
        levels,
        awards,
        memberships,
        membership_reads,
        crosswalk,
        diff,
        dossiers,
        dossier_list,
        dossier_reads,
        dossier_reports,
        why,
        audit,
        events,
        rules,
        reports,
        *([people] if app.state.people is not None else []),
    ]
    for subject in subjects:
        app.include_router(subject.router, prefix="/v1", dependencies=[Depends(refuse_repeated)])
    others = (health.index_router, health.router, catalogue.router)
    for router in others:
        app.include_router(router)
    return [*((each.router, "/v1") for each in subjects), *((each, "") for each in others)]


_BESIDE = {"leadership"}
"""What stands beside something else, and has names of its own."""


def _operation_id(route: APIRoute) -> str:
    """units_rename, organisations_tree, leadership_elect ..."""
    parts = [part for part in route.path.split("/") if part not in {"", "v1"}]
    first = next((part for part in parts if part in _BESIDE), (*parts, "index")[0])
    return f"{first}_{route.name}"
