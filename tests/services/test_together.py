"""Who asks at one moment shares a statement, and hears what was read after it had asked."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from projections.units import Units
from services.together import ABREAST, TOGETHER_MAX, Together
from tests.services.test_register import id_of, unit


class Clock:
    """Answers with the moment at which a statement began; keeps what was asked together."""

    def __init__(self):
        self.moment = 0
        self.asked: list[tuple[str, list[int]]] = []
        self.under_way = self.most = 0

    async def fetch(self, kind, things):
        self.asked.append((kind, list(things)))
        began = self.moment
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        if -1 in things:
            raise ValueError("that one")
        return began


async def ask(together, clock, kind, thing):
    clock.moment += 1
    asked_at = clock.moment
    return asked_at, await together.ask(kind, thing)


def test_who_asks_while_others_are_under_way_shares_the_next_statement():
    async def at_once():
        clock = Clock()
        together = Together(clock.fetch)
        answers = await asyncio.gather(*(ask(together, clock, "a", n) for n in range(50)))
        return clock, answers

    clock, answers = asyncio.run(at_once())
    assert sorted(n for _, things in clock.asked for n in things) == list(range(50))
    assert len(clock.asked) == ABREAST + 1
    assert clock.most == ABREAST
    assert all(began >= asked_at for asked_at, began in answers)


def test_kinds_are_apart_and_nothing_is_kept_of_them():
    async def two():
        clock = Clock()
        together = Together(clock.fetch)
        await asyncio.gather(*(ask(together, clock, kind, 1) for kind in "abab"))
        return clock, together

    clock, together = asyncio.run(two())
    assert {(kind, n) for kind, things in clock.asked for n in things} == {("a", 1), ("b", 1)}
    assert not together._waiting
    assert not together._under_way


def test_a_statement_has_its_most():
    async def many():
        clock = Clock()
        together = Together(clock.fetch)
        await asyncio.gather(*(ask(together, clock, "a", n) for n in range(3 * TOGETHER_MAX)))
        return clock

    sizes = [len(things) for _, things in asyncio.run(many()).asked]
    assert sum(sizes) == 3 * TOGETHER_MAX
    assert max(sizes) == TOGETHER_MAX


def test_a_failure_is_told_to_those_who_shared_it_and_to_no_other():
    async def failing():
        clock = Clock()
        together = Together(clock.fetch)
        asking = (ask(together, clock, "a", n) for n in (0, 1, -1, 2))
        told = await asyncio.gather(*asking, return_exceptions=True)
        return told, await ask(together, clock, "a", 3)

    told, after = asyncio.run(failing())
    assert [isinstance(each, ValueError) for each in told] == [False, False, True, True]
    assert after[1] == after[0]


def test_who_goes_away_takes_nobody_along():
    async def leaving():
        clock = Clock()
        together = Together(clock.fetch)
        asking = [asyncio.create_task(ask(together, clock, "a", n)) for n in range(5)]
        await asyncio.sleep(0)
        for gone in (asking[0], asking[3]):
            gone.cancel()
        return await asyncio.gather(*asking, return_exceptions=True)

    told = asyncio.run(leaving())
    assert [isinstance(each, asyncio.CancelledError) for each in told] == [
        *(True, False, False, True, False)
    ]


@pytest.mark.parametrize("cut", [1, 7])
def test_hot_reads_that_share_a_statement_each_get_their_own(
    register, readings, schema, level, cut
):
    names = [f"Tỉnh {n}" for n in range(20)]
    register.execute(*(unit(name) for name in names))
    level()

    async def all_at_once():
        async with readings.hot():
            ids = [id_of(name) for name in names] + [id_of("nobody")]
            questions = [Units.state(schema, id_) for id_ in ids * cut]
            return await asyncio.gather(
                *(readings.ask(q, date(2025, 7, 1), views=("units",)) for q in questions)
            )

    told = asyncio.run(all_at_once())
    assert [state and state.row.name for _, state in told] == [*names, None] * cut
    assert {footing.point.known_at for footing, _ in told} == {len(names)}
