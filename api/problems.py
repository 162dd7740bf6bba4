"""One translation of everything that can go wrong into RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import psycopg
import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api import errors, paths
from api.faults import fault
from api.render import to_json
from domain.errors import (
    CommandReused,
    ConcurrentChange,
    InvalidValue,
    NotFound,
    OutcomeUnknown,
    RegisterError,
    RuleBroken,
    StreamUnreadable,
    TryAgain,
)
from services.store import InDoubt

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

STATUS: dict[type[RegisterError], int] = {
    errors.MalformedBody: 400,
    errors.Unauthenticated: 401,
    errors.NotPermitted: 403,
    NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.NotAcceptable: 406,
    RuleBroken: 409,
    errors.OtherEpoch: 409,
    errors.PositionNotReached: 409,
    StreamUnreadable: 409,
    ConcurrentChange: 412,
    errors.PreconditionFailed: 412,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    InvalidValue: 422,
    CommandReused: 422,
    TryAgain: 503,
    OutcomeUnknown: 503,
    errors.NotReady: 503,
    errors.RequestRefused: 400,
    RegisterError: 500,
}
"""Families of errors; the nearest ancestor of an error's class decides."""

_OF_STATUS: dict[int, type[RegisterError]] = {
    400: errors.MalformedBody,
    404: errors.NoSuchRoute,
    405: errors.MethodNotAllowed,
    406: errors.NotAcceptable,
    413: errors.BodyTooLarge,
    415: errors.UnsupportedMediaType,
}

_METHODS = ("GET", "POST", "PUT")
_log = structlog.get_logger("api")


def status_of(error: type[RegisterError]) -> int:
    """The HTTP status that errors of this class are told with."""
    return next(STATUS[family] for family in error.__mro__ if family in STATUS)


def problem(error: RegisterError, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """The problem details of an error, with its facts as extension members."""
    status = status_of(type(error))
    body = error.facts | {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "instance": paths.told(path),
    }
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        body["request_id"] = request_id
    return Response(
        to_json(body), status, _headers(error, status) | dict(headers or {}), MEDIA_TYPE
    )


def _headers(error: RegisterError, status: int) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == 401:
        why = error.facts.get("error")  # RFC 6750, section 3: not when no token was shown
        said = f', error="{why}"' if why else ""
        headers["WWW-Authenticate"] = f'Bearer realm="sogoc"{said}'
    version = error.facts.get("version")
    if status == 412 and version is not None:
        headers["ETag"] = f'"{version}"'
    return headers


def install(app: FastAPI) -> None:
    """Let every error of this application be told as a problem."""
    for error, tell in _TELLING.items():
        app.add_exception_handler(error, tell)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RegisterError)
    if status_of(type(error)) == 500:
        return await unexpected(request, error)
    return problem(error, request.url.path)


async def _in_doubt(request: Request, error: Exception) -> Response:
    _log.error("command.in_doubt", path=paths.told(request.url.path))
    detail = "Nobody can say whether this was recorded; ask again with the same Idempotency-Key"
    return problem(OutcomeUnknown(detail), request.url.path)


async def _database(request: Request, error: Exception) -> Response:
    """It is not there, has no room, or all connections are in use: of that, nothing is told."""
    _log.error("database.unavailable", path=paths.told(request.url.path), why=str(error))
    unready = errors.NotReady.because("database", "The database cannot answer now; ask again")
    return problem(unready, request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    found = _OF_STATUS.get(error.status_code)
    if found is None:
        return await unexpected(request, error)
    detail = str(error.detail)
    if isinstance(error.__cause__, UnicodeDecodeError):
        detail = "The body is not in UTF-8, as JSON is (RFC 8259, section 8.1)"
    elif found is errors.MalformedBody:
        detail = "The body cannot be read as JSON"
    if found is errors.NoSuchRoute:
        detail = f"There is nothing at {paths.told(request.url.path)}; GET /v1 lists what there is"
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return problem(found(detail), request.url.path, headers)


def _allowed(request: Request) -> str:
    """All methods of this address: the router looks at its first route only."""
    here, routes = request.scope, request.app.routes
    taken = [m for m in _METHODS if any(_takes(route, {**here, "method": m}) for route in routes)]
    return ", ".join(taken).replace("GET", "GET, HEAD")


def _takes(route: BaseRoute, scope: Scope) -> bool:
    return route.matches(scope)[0] is Match.FULL


async def unexpected(request: Request, error: Exception) -> Response:
    """Tell nothing, log everything."""
    _log.error("request.failed", path=paths.told(request.url.path), exc_info=error)
    detail = "This was not foreseen; the operators find it under the request id"
    return problem(errors.InternalError(detail), request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [fault(each) for each in error.errors()]
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return problem(errors.MalformedBody("The body is not JSON", errors=found), request.url.path)
    said = "; ".join(f"{each['field']}: {each['message']}" for each in found[:5])
    refusal = errors.MalformedRequest(said, field=found[0]["field"], errors=found)
    return problem(refusal, request.url.path)


_TELLING: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    RegisterError: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http,
    InDoubt: _in_doubt,
    psycopg.OperationalError: _database,  # PoolTimeout too
    psycopg.InterfaceError: _database,
    OperationalError: _database,
    InterfaceError: _database,
    Exception: unexpected,
}

TOLD = tuple(_TELLING)
"""The errors that `install` sees to."""
