"""Clerks in several processes at once: the invariants hold afterwards, said in plain SQL."""

import multiprocessing
import random
import time
from datetime import date, timedelta

import psycopg
import pytest

from domain.codes import Code
from domain.errors import RegisterError
from domain.unit import AdministrativeUnit
from services.commands import AssignCode, Resubordinate, Void
from services.register import Register
from services.verify import verify_log
from tests.services.test_register import OPENING, end, envelope, id_of, rename, unit

DISTRICTS = [f"Huyện {n}" for n in range(3)]
NAMES = [f"Xã {n}" for n in range(6)]
CODES = [f"{n:05}" for n in range(4)]
CLERKS, COMMANDS = 4, 80


def a_command(chance, register):
    """Something a clerk might ask for; often against a rule."""
    name, day = chance.choice(NAMES), OPENING + timedelta(days=chance.randrange(60))
    about = {"id": id_of(name), "of": AdministrativeUnit}
    match chance.randrange(7):
        case 0 | 1:
            district, code = chance.choice(DISTRICTS), chance.choice(CODES)
            return unit(name, "commune", district, day, code=code)
        case 2:
            return rename(name, chance.choice(NAMES), day)
        case 3:
            heir = (chance.choice(NAMES), "whole")
            return end(name, *([heir] if day.day % 2 else []), way="merger", on=day)
        case 4:
            return end(chance.choice([name, *DISTRICTS]), way="dissolution", on=day)
        case 5:
            district = id_of(chance.choice(DISTRICTS))
            return Resubordinate(**about, envelope=envelope(day), superior_id=district)
        case _:
            code = Code("nso", chance.choice(CODES))
            if day.day % 2:
                return AssignCode(**about, envelope=envelope(day), code=code)
            node = register.node(AdministrativeUnit, id_of(name))
            position = chance.choice(list(node.events.values())).position if node else 1
            return Void(**about, envelope=envelope(day, voids=position))


class Hesitant(Register):
    """Waits between deciding and storing, so that others come in between."""

    def _stored(self, work, key):
        time.sleep(random.random() / 50)
        return super()._stored(work, key)


def clerk(dsn, schema, seed, start, counted):
    chance, recorded, refused = random.Random(seed), 0, 0
    environment = {"PERSISTENCE_MODULE": "ops.store", "SOGOC_DSN": dsn, "SOGOC_SCHEMA": schema}
    with Hesitant(environment) as register:
        start.wait()
        for _ in range(COMMANDS):
            try:
                recorded += len(register.execute(a_command(chance, register)).events)
            except RegisterError:
                refused += 1
    counted.put((recorded, refused))


@pytest.mark.parametrize("seed", range(3))
def test_no_invariant_breaks_and_no_position_is_lost(postgres, schema, register, read, seed):
    register.execute(
        unit("Tỉnh An"), *(unit(district, "district", "Tỉnh An") for district in DISTRICTS)
    )
    spawn = multiprocessing.get_context("spawn")
    start, counted = spawn.Barrier(CLERKS), spawn.Queue()
    clerks = [
        spawn.Process(target=clerk, args=(postgres.dsn, schema, 100 * seed + n, start, counted))
        for n in range(CLERKS)
    ]
    for process in clerks:
        process.start()
    counts = [counted.get(timeout=60) for _ in clerks]
    for process in clerks:
        process.join()
    recorded, refused = (sum(column) for column in zip(*counts, strict=True))
    assert recorded > 10
    assert refused > 10
    assert register.store.position() == 4 + recorded
    assert [check for check in verify_log(register.store) if check.wrong] == []
    with read() as reading:
        assert broken(reading.connection, schema) == {}


RULES = {
    "a superior is active on every day of a life under it": """
        SELECT u.name, u.valid FROM spans u WHERE upper_inf(u.known) AND u.superior_id IS NOT NULL
        AND NOT coalesce(u.valid <@ (SELECT range_agg(s.valid) FROM spans s
            WHERE s.unit_id = u.superior_id AND upper_inf(s.known)), false)""",
    "siblings do not share a name": """
        SELECT a.name, a.valid * b.valid FROM spans a JOIN spans b ON a.superior_id = b.superior_id
        AND lower(a.name) = lower(b.name) AND a.unit_id < b.unit_id AND a.valid && b.valid
        WHERE upper_inf(a.known) AND upper_inf(b.known)""",
    "a code has one bearer": """
        SELECT a.code, a.valid * b.valid FROM spans a JOIN spans b ON a.code = b.code
        AND a.unit_id < b.unit_id AND a.valid && b.valid
        WHERE upper_inf(a.known) AND upper_inf(b.known)""",
    "who takes over is active on the day": """
        SELECT e.taker, e.on_day FROM edges e WHERE upper_inf(e.known) AND NOT EXISTS (
            SELECT FROM spans s WHERE s.unit_id = e.taker AND upper_inf(s.known)
            AND s.valid @> e.on_day)""",
    "who has handed all over is no more": """
        SELECT e.giver, e.on_day FROM edges e JOIN spans s ON s.unit_id = e.giver
        WHERE e.way <> 'cession' AND upper_inf(e.known) AND upper_inf(s.known)
        AND (s.valid @> e.on_day OR lower(s.valid) > e.on_day)""",
}


def broken(connection, schema):
    connection.execute(f"SET search_path TO {schema}_units, {schema}_lineage, public")
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        found = {rule: cursor.execute(query).fetchall() for rule, query in RULES.items()}
    return {rule: rows for rule, rows in found.items() if rows}


def test_these_rules_can_fail(postgres, schema, register, read):
    """The SQL above finds what the domain would never record."""
    register.execute(unit("Tỉnh An"), unit("Huyện 0", "district", "Tỉnh An", code="00001"))
    with read():
        pass
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(
            f"INSERT INTO {schema}_units.spans SELECT gen_random_uuid(), level, type, name, folded,"
            " sort_key, code, codes, superior_id, daterange('2020-01-01', NULL), known"
            f" FROM {schema}_units.spans WHERE level = 'district'"
        )
        connection.execute(
            f"INSERT INTO {schema}_lineage.edges (category, giver, taker, on_day, position, way,"
            " extent, is_default, known) VALUES ('unit', %s, gen_random_uuid(), %s, 1, 'merger',"
            " 'whole', true, '[1,)')",
            [id_of("Huyện 0"), date(2025, 5, 1)],
        )
        assert broken(connection, schema).keys() == RULES.keys()
