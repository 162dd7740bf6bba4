"""Members in both times: rows say what folding says, and nobody is lost between two days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import given as whenever
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from domain.membership import Membership
from projections.engine.following import create, follow
from projections.engine.layout import lay_out
from projections.engine.marks import namespace
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS
from projections.rolls import Rolls
from services.record import to_event
from tests.logs import PaperLog
from tests.members import CELLS, DAYS, MEMBERS, TREE, YEAR_LATER, histories
from tests.projections.test_known import within

ONE_DAY = timedelta(days=1)
DAYS_ASKED = [*(d + ONE_DAY * n for d in DAYS for n in (-1, 0)), YEAR_LATER]
VIEWS = [ORGANISATIONS, MEMBERSHIPS]


def said(member: Membership | None, day: date) -> tuple[Any, ...] | None:
    """What folding says of a day; None when he is no member."""
    if member is None or not member.is_active_on(day):
        return None
    return (member.cell_id.at(day), member.degree.at(day), member.came_by.at(day))


@whenever(log=histories, who=st.sampled_from(MEMBERS))
def test_rows_say_of_every_day_and_position_what_folding_up_to_there_says(log, who):
    laid = lay_out(log.histories([who]), to_event, {MEMBERSHIPS: 0})
    rows = [
        dict(zip(MEMBERSHIPS.columns, row, strict=True)) for c in laid.values() for row in c.added
    ]
    for known_at in range(log.position() + 1):
        member = log.node_or_none(who, known_at)
        for day in DAYS_ASKED:
            found = [
                (row["cell_id"], row["degree"], row["came_by"])
                for row in rows
                if within(row["valid"], day.isoformat()) and within(row["known"], str(known_at))
            ]
            expected = said(member, day)
            assert found == ([] if expected is None else [expected])


def anew(connection: Any, home: str, log: PaperLog) -> Rolls:
    """The views of that log, and of nothing before."""
    for view in VIEWS:
        place = Identifier(namespace(home, view.name))
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(place))
        create(connection, home, view)
    follow(connection, home, log.source(), VIEWS)
    return Rolls(connection, home)


def below(nodes: dict[UUID, Any], root: UUID, day: date) -> set[UUID]:
    """Organisations under it on a day, and itself, by folding."""
    active = {id_: node for id_, node in nodes.items() if node.is_active_on(day)}
    found = {root} & active.keys()
    for _ in range(3):
        found |= {id_ for id_, node in active.items() if node.superior_id.at(day) in found}
    return found


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@whenever(log=histories, data=st.data())
def test_the_movement_of_members_balances_at_every_point(connection, home, log, data):
    rolls = anew(connection, home, log)
    begins, ends = sorted(data.draw(st.tuples(*2 * [st.sampled_from(DAYS_ASKED)])))
    known_at = data.draw(st.integers(len(TREE), log.position()))
    nodes = {id_: log.node(id_, known_at) for id_ in TREE}
    members = [m for id_ in MEMBERS if (m := log.node_or_none(id_, known_at))]
    for root in TREE:
        moved = rolls.movement(root, begins, ends + ONE_DAY, known_at)
        assert moved.is_balanced, moved
        shown = [(begins - ONE_DAY, moved.members.opening), (ends, moved.members.closing)]
        for day, number in shown:
            cells = below(nodes, root, day)
            assert number == sum(1 for member in members if member.cell_on(day) in cells)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@whenever(log=histories)
def test_what_goes_from_one_cell_to_another_is_counted_on_both_sides(connection, home, log):
    rolls, known_at = anew(connection, home, log), log.position()
    moves = [
        (root, move)
        for root in CELLS
        for move in rolls.moves(root, DAYS[0], DAYS[-1] + ONE_DAY, known_at)
        if move.how in ("transfer", "reorganisation") and move.other_id is not None
    ]
    for root, move in moves:
        side = move.day if not move.is_in else move.day - ONE_DAY
        if move.other_id != root and log.node(move.other_id).is_active_on(side):
            there = [m for r, m in moves if r == move.other_id and m.day == move.day]
            assert any(m.membership_id == move.membership_id for m in there), move
