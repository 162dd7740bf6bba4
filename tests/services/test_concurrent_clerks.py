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

DISTRICTS = [f"Huyện {n}" for n in range(6)]
COMMUNES = [f"Xã {n}" for n in range(40)]
NAMES = [f"Xã Tên {n}" for n in range(8)]
CODES = [f"{n:05}" for n in range(12)]
CLERKS, COMMANDS = 4, 80


def a_command(chance, register):
    """Something a clerk might ask for; often against a rule."""
    commune, district = chance.choice(COMMUNES), chance.choice(DISTRICTS)
    about = {"id": id_of(commune), "of": AdministrativeUnit}
    on = {"envelope": envelope(OPENING + timedelta(days=chance.randrange(30)))}
    day = on["envelope"].effective_on
    wish = chance.choices(["found", "name", "move", "code", "merge", "close", "void"], WEIGHTS)[0]
    match wish:
        case "found":
            return unit(
                commune, "commune", district, day, code=chance.choice([*CODES, *[None] * 30])
            )
        case "name":
            return rename(commune, chance.choice(NAMES), day)
        case "move":
            return Resubordinate(**about, **on, superior_id=id_of(district))
        case "code":
            return AssignCode(**about, **on, code=Code("nso", chance.choice(CODES)))
        case "merge":
            return end(commune, (chance.choice(COMMUNES), "whole"), on=LATE)
        case "close":
            return end(district, way="dissolution", on=LATE)
    node = register.node(AdministrativeUnit, id_of(commune))
    position = chance.choice(list(node.events.values())).position if node else 1
    return Void(**about, envelope=envelope(day, voids=position))


WEIGHTS = [8, 6, 4, 4, 3, 2, 1]
LATE = OPENING + timedelta(days=40)


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
    assert recorded > 50
    assert refused > 50
    assert register.store.position() == 1 + len(DISTRICTS) + recorded
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
