"""The rule book: which values hold on a day, and which document sets each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import RuleRow, Shape
from api.negotiation import JSON, TABLES, chosen
from api.parameters import Asked, Day
from api.reads import static, table
from api.render import to_json
from domain.rulebook import RuleSetName, RuleValue

router = APIRouter(prefix="/rules", tags=["explaining"])


class RulesAsked(Asked):
    on: Day | None = Field(None, description="In force on that day; left out: today.")


class Rules(Shape):
    """The rule set of a day."""

    on: date
    id: str
    title: str
    valid_from: date | None
    valid_to: date | None
    verified: bool = Field(description="false: known from secondary sources, to be confirmed.")
    items: list[RuleRow]


@router.get("", summary="The rules of a day", responses=openapi.static(Rules))
async def rules(request: Request, asked: Annotated[RulesAsked, Query()]) -> Response:
    """Every value with its days and its document; commands record which set they used.

    Whole on purpose, without pages: some dozens of values.
    """
    form = chosen(request.headers.get("Accept"), TABLES)
    today: Callable[[], date] = request.app.state.today
    on = asked.on or today()
    book = request.app.state.register.rules
    found = book.on(on)
    items = [_row(found.id, found.values[key]) for key in sorted(found.values)]
    name: RuleSetName = next(each for each in book.names if each.id == found.id)
    told = {f.name: getattr(name, f.name) for f in fields(name)} | {"on": on, "items": items}
    body = to_json(told) if form == JSON else table(form, RuleRow, items)
    return static(request, body, form)


def _row(rule_set: str, rule: RuleValue) -> dict[str, Any]:
    return {"rule_set": rule_set} | {f.name: getattr(rule, f.name) for f in fields(rule)}
