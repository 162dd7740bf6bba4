"""What can be read of one unit or organisation, the same for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from api import openapi
from api.hot import HotRoute
from api.models import Items
from api.parameters import AtPoint, AtPointQuery, HistoryQuery, NodeFilters, TreeQuery
from api.reads import AtDesk, Desk
from domain.errors import NotFound
from domain.node import Node
from projections.nodes import Filters, Nodes
from projections.point import Point
from services.reading import Reading

R = TypeVar("R")
Relatives = Callable[[Nodes[Any], UUID, Point], list[Any]]


class _NodeConvertor(StringConvertor):
    """Leaves the collections beside the nodes alone: there one may post, and not get."""

    regex = "(?!mergers$)[^/]+"


register_url_convertor("node", _NodeConvertor())


@dataclass(frozen=True)
class Trade(Generic[R]):
    """What sets units and organisations apart, as far as reading goes."""

    category: str  # "units"
    of: type[Node]
    nodes: type[Nodes[R]]
    row: type[BaseModel]
    one: type[BaseModel]
    placed: type[BaseModel]
    span: type[BaseModel]

    def told(self, row: R, **more: Any) -> dict[str, Any]:
        """A row as it is answered."""
        return {n: getattr(row, n) for n in self._fields} | {"id": self.id(row)} | more

    def told_span(self, row: R) -> dict[str, Any]:
        known = {n: getattr(row, n) for n in ("known_from", "known_to")}
        return self.told(row, **known)

    @cached_property
    def _fields(self) -> list[str]:
        return [name for name in self.row.model_fields if name != "id"]

    def id(self, row: R) -> UUID:
        found: UUID = getattr(row, self.nodes.id)
        return found

    @property
    def views(self) -> tuple[str, ...]:
        """What its reads rest on."""
        return (self.nodes.view,)

    def asking(self, reading: Reading) -> Nodes[R]:
        return self.nodes(reading.connection, reading.schema)


def list_nodes(
    trade: Trade[Any],
    desk: AtDesk,
    asked: NodeFilters,
    kinds: Mapping[str, list[Any]],
    **more: Any,
) -> Response:
    """A page of those that the filters let through, in the order of the Vietnamese alphabet."""
    filters = Filters(
        superior_id=asked.parent,
        under=asked.subtree,
        roots_only=asked.roots,
        code=asked.code,
        scheme=asked.scheme,
        name=asked.name,
        kinds={column: allowed for column, allowed in kinds.items() if allowed},
        **more,
    )
    with desk.open(asked, trade.views) as answer:
        after = answer.after()
        found = trade.asking(answer.reading).many(
            answer.reading.point,
            filters,
            (str(after[0]), UUID(str(after[1]))) if after else None,
            asked.limit + 1,
        )
        return answer.page(trade.row, found, trade.told, lambda r: (r.sort_key, trade.id(r)))


def add_reads(router: APIRouter, trade: Trade[Any]) -> None:
    """The reads of one node."""
    _add_one(router, trade)
    _add_tree(router, trade)
    _add_history(router, trade)


def hot_route(router: APIRouter, trade: Trade[Any]) -> HotRoute:
    """The quick way of reading one, to be tried before the router."""
    ordinary = next(r for r in router.routes if isinstance(r, APIRoute) and r.name == "one")
    return HotRoute(f"/v1/{trade.category}", ordinary.endpoint, partial(_one, trade))


async def _one(trade: Trade[Any], id_: UUID, desk: Desk, asked: AtPoint) -> Response:
    question = trade.nodes.state(desk.schema, id_)
    answer, found = await desk.ask(asked, question, trade.views)
    if found is None:
        raise await to_thread.run_sync(_not_found, trade, id_, desk, asked)
    told = trade.told(found.row, version=found.version)
    return answer.one(trade.one, told, found.version)


def _add_one(router: APIRouter, trade: Trade[Any]) -> None:
    @router.get(
        "/{id:node}",
        summary="One, at a point in both times",
        responses=openapi.table(trade.one, 404),
    )
    async def one(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
        """What it is on that day, and the version that `If-Match` of a command compares."""
        return await _one(trade, id, desk, asked)


def _add_tree(router: APIRouter, trade: Trade[Any]) -> None:
    placed, rows = Items[trade.placed], Items[trade.row]  # type: ignore[name-defined]

    @router.get(
        "/{id}/tree",
        summary="It and all below it, depth first",
        responses=openapi.table(placed, 404),
    )
    def tree(id: UUID, desk: AtDesk, asked: TreeQuery) -> Response:
        """Each row tells its depth and its superior; siblings follow the Vietnamese alphabet.

        Whole on purpose, at most 50,000 rows: a part of a tree has no meaning by itself. `depth`
        makes it smaller, and the list with `subtree` gives the same ones in pages.
        """
        with desk.open(asked, trade.views) as answer:
            nodes = trade.asking(answer.reading).tree(id, answer.reading.point, asked.depth)
            if not nodes:
                raise _absent(trade, id, answer.reading)
            return answer.whole(trade.placed, [trade.told(p.row, depth=p.depth) for p in nodes])

    def relatives(id_: UUID, desk: Desk, asked: AtPoint, which: Relatives) -> Response:
        with desk.open(asked, trade.views) as answer:
            found = which(trade.asking(answer.reading), id_, answer.reading.point)
            if not found:
                refuse_absent(trade, id_, answer.reading)
            return answer.whole(trade.row, [trade.told(row) for row in found])

    @router.get(
        "/{id}/ancestors",
        summary="Those above it, the nearest first",
        responses=openapi.table(rows, 404),
    )
    def ancestors(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
        """Whole, without pages."""
        return relatives(id, desk, asked, Nodes.ancestors)

    @router.get(
        "/{id}/descendants",
        summary="All below it, depth first",
        responses=openapi.table(rows, 404),
    )
    def descendants(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
        """Whole on purpose, at most 50,000 rows; the list with `subtree` gives them in pages."""
        return relatives(id, desk, asked, Nodes.descendants)


def _add_history(router: APIRouter, trade: Trade[Any]) -> None:
    @router.get(
        "/{id}/history",
        summary="What it has been on every day of its life",
        responses=openapi.table(Items[trade.span], 404),  # type: ignore[name-defined]
    )
    def history(id: UUID, desk: AtDesk, asked: HistoryQuery) -> Response:
        """As known at one time; with `superseded` also what was believed before.

        Whole on purpose, at most 50,000 rows: a life has few changes.
        """
        with desk.open(asked, trade.views) as answer:
            point = answer.reading.point
            rows = trade.asking(answer.reading).history(id, point.known_at, asked.superseded)
            if not rows:
                raise missing(trade, id, answer.reading)
            return answer.whole(trade.span, [trade.told_span(row) for row in rows])


def refuse_absent(trade: Trade[Any], id_: UUID, reading: Reading) -> None:
    """Raises NotFound unless it is active at that point."""
    if trade.asking(reading).one(id_, reading.point) is None:
        raise _absent(trade, id_, reading)


def _not_found(trade: Trade[Any], id_: UUID, desk: Desk, asked: AtPoint) -> NotFound:
    with desk.open(asked, trade.views) as answer:
        return _absent(trade, id_, answer.reading)


def _absent(trade: Trade[Any], id_: UUID, reading: Reading) -> NotFound:
    """Says when it was active if it ever was."""
    point = reading.point
    life = trade.asking(reading).lives([id_], point.known_at).get(id_)
    if life is None:
        return missing(trade, id_, reading)
    return NotFound(
        f"It is not active on {point.valid_at:%d/%m/%Y}; `history` tells its days",
        id=str(id_),
        first_day=life.first_day,
        ended_on=life.ended_on,
    )


def missing(trade: Trade[Any], id_: UUID, reading: Reading) -> NotFound:
    known_at, parked_from = reading.point.known_at, reading.basis.parked.get(id_)
    said = f"Nothing was known of {trade.of.TOPIC} {id_} at {known_at}"
    if parked_from is not None and parked_from <= known_at:
        said = f"The read model could not take in event {parked_from} of {trade.of.TOPIC} {id_}"
    return NotFound(said, id=str(id_), parked_from=parked_from)
