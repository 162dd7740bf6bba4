"""Reads without a thread: basis and row in one statement, at the same point as any other."""

import asyncio
from datetime import UTC, date, datetime

import psycopg
import pytest

from domain.errors import InvalidValue
from domain.unit import AdministrativeUnit
from projections.units import Units
from services.reading import NotYetSettled, NotYetThere
from tests.services.conftest import claiming
from tests.services.test_register import JULY, OPENING, end, id_of, rename, unit

VIEWS = ("units",)
MAY = date(2025, 5, 1)


@pytest.fixture
def ask(readings, schema):
    """`ask(name, …)` -> the footing, and the state of a unit or None."""

    async def found(name, point):
        async with readings.hot():
            return await readings.ask(Units.state(schema, id_of(name)), views=VIEWS, **point)

    return lambda name, **point: asyncio.run(found(name, point))


@pytest.fixture
def xa(register, level):
    """A commune that was renamed in May and ended in July."""
    register.execute(
        unit("Tỉnh An"),
        unit("Huyện Bình", "district", "Tỉnh An"),
        unit("Xã 1", "commune", "Huyện Bình"),
    )
    register.execute(rename("Xã 1", "Xã Mới", on=MAY))
    register.execute(end("Xã 1", way="dissolution", on=JULY))
    level()
    return "Xã 1"


def test_a_hot_read_says_what_any_other_reading_says(register, readings, schema, xa, ask):
    for day in (OPENING, MAY, JULY):
        for known_at in (None, *range(register.store.position() + 1)):
            point = {"valid_at": day, "known_at": known_at}
            footing, state = ask(xa, **point)
            with readings.at(**point, views=VIEWS) as reading:
                assert footing.point == reading.point
                assert footing.basis.versions == reading.basis.versions
                assert footing.basis.position == reading.basis.position
                row = Units(reading.connection, schema).one(id_of(xa), reading.point)
            node = register.node(AdministrativeUnit, id_of(xa), footing.point.known_at)
            assert (state and state.row) == row
            assert state is None or state.version == node.version


def test_a_hot_read_by_a_time_at_which_somebody_records_is_refused_until_he_is_done(
    register, postgres, schema, xa, ask, monkeypatch
):
    monkeypatch.setattr("services.reading.WAIT_S", 0.1)
    with claiming(postgres, schema):
        now = datetime.now(UTC)
        with pytest.raises(NotYetSettled):
            ask(xa, known_at=now)
        assert ask(xa, valid_at=MAY, known_at=4)[1]  # a position is what it is
    assert ask(xa, known_at=now)[0].point.known_at == register.store.position()


def test_a_hot_read_may_be_asked_by_time(register, xa, ask):
    renamed = register.store.recorded_at(4)
    footing, state = ask(xa, valid_at=MAY, known_at=renamed)
    assert (footing.point.known_at, state.row.name) == (4, "Xã Mới")
    with pytest.raises(InvalidValue):
        ask(xa, known_at=datetime(2200, 1, 1, tzinfo=UTC))


def test_a_hot_read_waits_for_a_position_and_refuses_one_that_is_not_there(
    register, readings, level, xa, schema
):
    recorded = register.execute(rename("Tỉnh An", "Tỉnh Bình", on=JULY)).position
    question = Units.state(schema, id_of("Tỉnh An"))

    async def while_followed():
        async with readings.hot():
            waiting = asyncio.create_task(readings.ask(question, JULY, min_position=recorded))
            await asyncio.to_thread(level)
            return await waiting

    footing, state = asyncio.run(while_followed())
    assert (footing.point.known_at, state.row.name) == (recorded, "Tỉnh Bình")
    with pytest.raises(InvalidValue):
        asyncio.run(asked_once(readings, question, known_at=recorded + 1))


async def asked_once(readings, question, **point):
    async with readings.hot():
        return await readings.ask(question, **point)


def test_a_view_that_is_exchanged_is_seen_by_who_has_asked_before(
    postgres, schema, readings, xa, ask
):
    """Prepared statements follow the names of the schemas."""
    question = Units.state(schema, id_of(xa))

    async def over_and_over(connection):
        async with readings.hot():
            names = []
            for old, new in ((None, None), ("units", "away"), ("away", "units")):
                if old:
                    connection.execute(f"ALTER SCHEMA {schema}_{old} RENAME TO {schema}_{new}")
                try:
                    _, state = await readings.ask(question, MAY, views=VIEWS)
                    names.append(state.row.name)
                except NotYetThere as error:
                    names.append(error.detail)
            return names

    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        names = asyncio.run(over_and_over(connection))
    assert names == ["Xã Mới", "The read model units must be rebuilt first", "Xã Mới"]


def test_who_stands_still_stops_only_those_who_need_it(postgres, schema, readings, xa, ask):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"UPDATE {schema}_audit.mark SET position = 1")
    with readings.at() as reading:
        assert reading.basis.position == 1
    with readings.at(views=VIEWS) as reading:
        assert reading.basis.position == 5
    assert ask(xa)[0].basis.position == 5


def test_a_layout_of_another_release_stops_only_those_who_need_it(
    postgres, schema, readings, xa, ask
):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"UPDATE {schema}_audit.mark SET version = 99")
        assert ask(xa)[0].basis.position == 5
        with pytest.raises(NotYetThere, match="audit"), readings.at():
            pass
        connection.execute(f"UPDATE {schema}_units.mark SET version = 99")
    with pytest.raises(NotYetThere, match="units"):
        ask(xa)


def test_a_view_that_was_never_built_is_named(postgres, schema, readings):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema}_lineage CASCADE")
    with pytest.raises(NotYetThere, match="lineage"), readings.at():
        pass
    with readings.at(views=VIEWS) as reading:
        assert reading.basis.lag == 0


def test_what_was_seen_a_moment_ago_is_known_without_asking(readings, xa, monkeypatch):
    monkeypatch.setattr("services.reading.REMEMBERED_S", 3600)
    assert readings.remembered(MAY, 2, views=VIEWS) is None  # nobody has looked yet
    with readings.at(views=VIEWS) as reading:
        basis = reading.basis
    found = readings.remembered(MAY, 2, views=VIEWS)
    assert (found.point.valid_at, found.point.known_at, found.basis) == (MAY, 2, basis)
    for unknown in (None, 6, datetime(2025, 7, 1, tzinfo=UTC)):
        assert readings.remembered(MAY, unknown, views=VIEWS) is None
    assert readings.remembered(MAY, 2, min_position=6, views=VIEWS) is None
    assert readings.remembered(MAY, 2, views=("audit",)) is None
    monkeypatch.setattr("services.reading.REMEMBERED_S", -1)
    assert readings.remembered(MAY, 2, views=VIEWS) is None
