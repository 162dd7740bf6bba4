"""How every read is answered: one snapshot, one point, one form, and a word on what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.access import AtReader
from api.cursors import Cursor, Ground, question
from api.errors import AnswerTooLarge
from api.negotiation import CSV, JSON, NDJSON, TABLES, chosen
from api.parameters import POSITION_MAX, Asked, Pages
from api.render import plain, to_csv, to_json, to_ndjson
from projections.question import Question
from services.groups import Groups
from services.people import People
from services.reading import ALL, Basis, Footing, Reading, Readings
from services.register import Register
from services.vault import Reader

R = TypeVar("R")
Row = Mapping[str, Any]

ROWS_MAX = 50_000
"""Rows of an answer without pages: several times the country."""


class NotModified(Exception):
    """The reader has this answer already."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers


async def not_modified(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)
    return Response(None, 304, error.headers)


class Desk:
    """Where one read request is dealt with."""

    def __init__(
        self,
        request: Request,
        min_position: int,
        if_none_match: str,
        form: str | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.request = request
        self.reader = reader  # who is to see names; then nothing that was shown before holds still
        if_none_match = if_none_match if reader is None else ""
        self.form = form or chosen(request.headers.get("Accept"), TABLES)
        tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
        self._seen = {tag.strip('"').rpartition(".")[2]: tag for tag in tags if tag}  # by digest
        self._min_position = min_position
        self._readings: Readings = request.app.state.readings

    @contextmanager
    def open(self, asked: Asked, views: tuple[str, ...] = ALL) -> Iterator[Answer]:
        """A reading of these views at the point that is asked about.

        Raises NotModified, RegisterError.
        """
        text = asked.cursor if isinstance(asked, Pages) else None
        cursor = Cursor.parse(text) if text else None
        valid_at, known_at = asked.day, asked.knowing
        if cursor:
            cursor.refuse_epoch(self._epoch())  # before its point, which means nothing elsewhere
            valid_at = valid_at or cursor.ground.valid_at
            known_at = cursor.ground.known_at if known_at is None else known_at
        self._refuse_remembered(asked, valid_at, known_at, views)
        with self._readings.at(valid_at, known_at, self._min_position, views=views) as reading:
            answer = Answer(self, reading, asked)
            if cursor:
                cursor.refuse_other(answer.ground)
            self._refuse_seen(answer)
            yield answer

    def position_at(self, time: datetime, views: tuple[str, ...]) -> int:
        """The last position recorded at or before a time. Raises as `open`."""
        with self._readings.at(known_at=time, views=views) as reading:
            return reading.point.known_at

    async def ask(
        self, asked: Asked, question: Question[R], views: tuple[str, ...]
    ) -> tuple[Answer, R | None]:
        """The one row that is asked for, without a thread. Raises NotModified, RegisterError."""
        self._refuse_remembered(asked, asked.day, asked.knowing, views)
        place = (asked.day, asked.knowing, self._min_position, views)
        if self._seen:
            self._refuse_seen(Answer(self, await self._readings.look(*place), asked))
        footing, found = await self._readings.ask(question, *place)
        return Answer(self, footing, asked), found

    @property
    def schema(self) -> str:
        return self._readings.schema

    def _refuse_remembered(
        self,
        asked: Asked,
        valid_at: date | None,
        known_at: int | datetime | None,
        views: tuple[str, ...],
    ) -> None:
        """Raises NotModified where that can be told without asking the database."""
        if self._seen and asked.is_pinned:
            place = (valid_at, known_at, self._min_position, views)
            if footing := self._readings.remembered(*place):
                self._refuse_seen(Answer(self, footing, asked))

    def _refuse_seen(self, answer: Answer) -> None:
        """Raises NotModified when the reader has shown an ETag of this answer."""
        if self.request.method == "GET" and (tag := self._seen.get(answer.digest)):
            raise NotModified(answer.headers() | {"ETag": tag})

    def _epoch(self) -> UUID:
        register: Register = self.request.app.state.register
        return register.store.epoch()

    def names_of(self, ids: Iterable[UUID], reading: Reading) -> dict[UUID, str]:
        """The names of persons, for who may see them; nobody's where none has asked to."""
        people: People | None = self.request.app.state.people
        if self.reader is None or people is None:
            return {}
        point = reading.point
        return people.names_of(ids, self.reader, point.valid_at, point.known_at)

    def groups_of(self, ids: Iterable[UUID], reading: Reading, on: date) -> dict[UUID, Groups]:
        """To which groups persons belong, for who may see that; of nobody where none has asked."""
        people: People | None = self.request.app.state.people
        if self.reader is None or people is None:
            return {}
        return people.groups_of(ids, self.reader, on, reading.point.known_at)

    @property
    def release(self) -> str:
        return str(self.request.app.version)


MinPosition = Annotated[
    int,
    Header(
        alias="Min-Position",
        ge=0,
        le=POSITION_MAX,
        description="Wait until the read models have reached this position.",
    ),
]
IfNoneMatch = Annotated[
    str, Header(alias="If-None-Match", description="ETags of answers that one has already.")
]


async def _desk(
    request: Request, min_position: MinPosition = 0, if_none_match: IfNoneMatch = ""
) -> Desk:
    return Desk(request, min_position, if_none_match)  # not in a thread, as a class would be made


async def _naming_desk(
    request: Request,
    reader: AtReader,
    min_position: MinPosition = 0,
    if_none_match: IfNoneMatch = "",
) -> Desk:
    return Desk(request, min_position, if_none_match, reader=reader)


AtDesk = Annotated[Desk, Depends(_desk)]
AtNamingDesk = Annotated[Desk, Depends(_naming_desk)]
"""Where persons are called by their names, for who may see them and says what for."""


@dataclass
class Answer:
    """An answer in the making, within its reading."""

    desk: Desk
    footing: Footing
    asked: Asked

    @property
    def reading(self) -> Reading:
        """Where more can be asked; not of an answer that was read without a thread."""
        assert isinstance(self.footing, Reading)
        return self.footing

    @cached_property
    def ground(self) -> Ground:
        """What a cursor is bound to."""
        point, basis = self.footing.point, self.footing.basis
        asked = question(self.desk.request.scope["path"], self.asked.filters())
        return Ground(basis.epoch, layouts(basis), point.valid_at, point.known_at, asked)

    @cached_property
    def digest(self) -> str:
        """What this answer's bytes depend on."""
        page = self.asked.model_dump(include={"limit", "cursor"})
        parked = sorted(self.footing.basis.parked.items())
        relies_on = [self.ground, page, self.desk.release, self.desk.form, parked]
        return sha256(to_json(relies_on)).hexdigest()[:32]

    def headers(self, version: int | None = None) -> dict[str, str]:
        """What the answer rests on; `version` is that of the one stream it shows."""
        point = self.footing.point
        at = {
            "Sogoc-Valid-At": point.valid_at.isoformat(),
            "Sogoc-Known-At": str(point.known_at),
            "Vary": "Accept",
        }
        return basis_headers(self.footing.basis) | self._held_back() | at | self._kept(version)

    def _kept(self, version: int | None) -> dict[str, str]:
        """How long it may be kept; with names in it not at all, for a key may be destroyed."""
        if self.desk.reader is not None:
            return {"Cache-Control": "no-store"}
        tag = self.digest if version is None else f"{version}.{self.digest}"
        return {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}

    def _held_back(self) -> dict[str, str]:
        """Of a thing that is parked: from where on it is not shown."""
        parked = self.footing.basis.parked
        if not parked or "id" not in (asked := self.desk.request.path_params):
            return {}
        position = parked.get(UUID(str(asked["id"])))
        return {} if position is None else {"Sogoc-Parked-From": str(position)}

    def one(self, model: type[BaseModel], row: Row, version: int | None = None) -> Response:
        """One thing: an object in JSON, else a table of one row."""
        body = to_json(row) if self.desk.form == JSON else table(self.desk.form, model, [row])
        return Response(body, 200, self.headers(version), media_type(self.desk.form))

    def rows(
        self,
        model: type[BaseModel],
        rows: Sequence[Row],
        next_url: str | None = None,
        **more: Any,
    ) -> Response:
        """Many things; `more` stands beside them in JSON."""
        headers = self.headers()
        if next_url:
            headers["Link"] = f'<{next_url}>; rel="next"'
        if self.desk.form == JSON:
            point = self.footing.point
            said = {"valid_at": point.valid_at, "known_at": point.known_at}
            body = to_json(said | more | {"items": rows, "next": next_url})
        else:
            body = table(self.desk.form, model, rows)
        return Response(body, 200, headers, media_type(self.desk.form))

    def whole(self, model: type[BaseModel], rows: Sequence[Row], **more: Any) -> Response:
        """Many things without pages. Raises AnswerTooLarge."""
        if len(rows) > ROWS_MAX:
            raise AnswerTooLarge(f"A whole answer has at most {ROWS_MAX} rows", limit=ROWS_MAX)
        return self.rows(model, rows, None, **more)

    def page(
        self,
        model: type[BaseModel],
        found: Sequence[Any],
        row: Callable[[Any], Row],
        key: Callable[[Any], tuple[str | int | UUID | None, ...]],
        **more: Any,
    ) -> Response:
        """A page of `found`, which holds one more than the page when there is a next one."""
        assert isinstance(self.asked, Pages)
        shown = found[: self.asked.limit]
        further = self.next(key(shown[-1])) if len(found) > len(shown) else None
        return self.rows(model, [row(each) for each in shown], further, **more)

    def after(self) -> tuple[Any, ...] | None:
        """The sort key of the last row of the page before; None on the first page."""
        text = self.asked.cursor if isinstance(self.asked, Pages) else None
        return Cursor.parse(text).after if text else None

    def next(self, after: tuple[Any, ...]) -> str:
        """The address of the page beyond `after`."""
        cursor = Cursor(self.ground, tuple(plain(after)))
        at = [(self.asked.KNOWN, str(cursor.ground.known_at))]
        if self.asked.DAY:
            at.insert(0, (self.asked.DAY, cursor.ground.valid_at.isoformat()))
        apart = {"cursor", *(name for name, _ in at)}
        asked = self.desk.request.query_params.multi_items()
        given = [(name, value) for name, value in asked if name not in apart]
        return f"{self.desk.request.url.path}?{urlencode([*given, *at, ('cursor', str(cursor))])}"


def layouts(basis: Basis) -> str:
    """The read models and the versions of their layouts.

    After a decision about parked streams older answers may differ: its position goes along.
    """
    return ", ".join(
        f"{view}/{version}+{basis.decided[view]}" if view in basis.decided else f"{view}/{version}"
        for view, version in sorted(basis.versions.items())
    )


def basis_headers(basis: Basis) -> dict[str, str]:
    headers = {
        "Sogoc-Position": str(basis.position),
        "Sogoc-Epoch": str(basis.epoch),
        "Sogoc-Projection": layouts(basis),
        "Sogoc-Lag": str(basis.lag),
    }
    return headers | {"Sogoc-Parked": str(len(basis.parked))} if basis.parked else headers


def table(form: str, model: type[BaseModel], rows: Sequence[Row]) -> bytes:
    """Rows as NDJSON or CSV, with the fields of `model` as columns."""
    if form == NDJSON:
        return to_ndjson(rows)
    return to_csv(list(model.model_fields), rows)


def static(request: Request, body: bytes, form: str) -> Response:
    """A table that rests on this release alone, not on the read models; 304 for who has it."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"}
    if tag in [seen.strip() for seen in request.headers.get("If-None-Match", "").split(",")]:
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type(form))


def media_type(form: str) -> str:
    return "text/csv; charset=utf-8; header=present" if form == CSV else form
