"""Whoever carries out a dossier is killed at any moment: nothing of it is there, or all."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace
from multiprocessing import get_context

import pytest

from services.dossiers.commands import Approve, CarryOut
from services.register import Register
from tests.services.dossiers import (
    APPROVER,
    DOSSIER,
    FOLLOW,
    HEADING,
    TODAY,
    act,
    becomes,
    checked,
    commune,
    country,
    dossier,
    drawn_up,
    tables,
    was,
    went,
)

PAIRS = 30  # communes that become one, two by two
ROUNDS, SEED = 8, 20250701
LONGEST_S = 0.6  # somewhat longer than it takes


def environment(postgres, schema):
    return {
        "PERSISTENCE_MODULE": "ops.store",
        "SOGOC_DSN": postgres.dsn,
        "SOGOC_SCHEMA": schema,
        "SOGOC_POOL_SIZE": "4",
    }


def many():
    codes = [(f"{61000 + n}", f"{62000 + n}") for n in range(PAIRS)]
    rows = []
    for one, other in codes:
        rows += [was(one), was(other), went(one, one), went(other, one)]
        rows += [becomes(one, name=f"Xã Gộp {one}", type="xa", superior="60")]
    communes = [c for pair in codes for code in pair for c in commune(code, f"Xã {code}")]
    return communes, tables(*rows, *FOLLOW)


def carry_out(settings, begun):
    """In a process of its own, which may be killed."""
    with Register(settings) as register:
        begun.set()
        register.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))


@pytest.mark.timeout(300)
def test_sigkill_leaves_nothing_or_all(postgres, schema):
    rng, settings = random.Random(SEED), environment(postgres, schema)
    communes, rows = many()
    spawning = get_context("spawn")
    with Register(settings) as register:
        register.today = lambda: TODAY
        register.execute(*country())
        register.execute(*communes)
        drawn_up(register, rows, replace(HEADING, key="nhiều xã"))
        register.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(register)))
        before = register.store.position()
        for _ in range(ROUNDS):
            begun = spawning.Event()
            process = spawning.Process(target=carry_out, args=(settings, begun))
            process.start()
            assert begun.wait(30)
            time.sleep(rng.uniform(0, LONGEST_S))
            process.kill()
            process.join()
            held = dossier(register)
            recorded = register.store.position() - before
            if held.carrying is None:
                assert recorded == 0
            else:
                assert recorded == held.carrying.outcome.events + held.carrying.before + 1
        register.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
        done = dossier(register)
        [own] = done.own_positions()
        topics = Counter(e.TOPIC for e in register.events_between(own.start, own.stop - 1))
        assert topics["unit.established"] == topics["party-organisation.established"] == PAIRS
        assert topics["unit.ended"] == topics["party-organisation.ended"] == 2 * PAIRS
        assert register.store.position() == done.carrying.position
