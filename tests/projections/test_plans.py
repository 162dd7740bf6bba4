"""By which index questions are answered that are asked often, on 50,000 spans of units.

The plans are those of the statements that are really sent, for their values, and of the prepared
ones for any values besides; a table read from end to end, or sorted whole for one page, fails here
and not in ten years.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from hashlib import md5
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ops.migrate import migrate
from projections.assignments import Assignments
from projections.audit import Audit, AuditFilters
from projections.awards import AwardFilters, Awards
from projections.bodies import Bodies, CoverageFilters
from projections.catalogue import VIEWS
from projections.differences import changed
from projections.dossiers import DossierFilters, Dossiers
from projections.engine.marks import create_indexes, create_tables, namespace
from projections.holdings import Holdings
from projections.nodes import Filters
from projections.organisations import Organisations
from projections.point import Point
from projections.reviews import Reviews
from projections.rolls import Rolls
from projections.rounds import RoundFilters, Rounds
from projections.seats import SeatPlans
from projections.seen import asking, basis, basis_and_row
from projections.units import Units
from services.crosswalk import crosswalk
from services.reading import ALL, Basis, Reading
from tests.projections.conftest import drop_views

SCHEMA = "plans"
KNOWN = 10**6
YEARS = range(2020, 2025)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
JUNE, JULY = Point(date(2025, 6, 30), KNOWN), Point(date(2025, 7, 1), KNOWN)
SMALL = {"log", "mark", "parked"}  # of a few rows
WORTHWHILE = {
    "where names lead": {"spans"},  # all of the day: a name is read against all others
    "a year in numbers below one": {"spans", "levels"},  # of most of the country
}
CODES = [f"{n:05}" for n in range(7_000, 7_100)]
CODES_OF_ALL = [f"{n:05}" for n in range(10_000)]
NAMED = ["tên 14000", "Tên 14001", "ten 14002"]
MIXED = [*CODES, *NAMED]

# 25,000 lives, each of two spans; life 2 is the superior of 200 to 299, and stands under life 0
_SPAN = """md5((n / 2)::text)::uuid AS {id}, 'Tên ' || n AS name, 'ten ' || n AS folded,
    lpad(n::text, 8, '0') AS sort_key,
    CASE WHEN n > 1 THEN md5((n / 200)::text)::uuid END AS superior_id,
    jsonb_build_object('nso', lpad((n / 2)::text, 5, '0'), 'home', 'H' || n / 2) AS codes,
    CASE WHEN n % 2 = 0 THEN daterange('2025-01-01', '2025-07-01')
         ELSE daterange('2025-07-01', NULL) END AS valid, int8range(n + 1, NULL) AS known"""
ROWS = {
    "units": f"""SELECT {_SPAN.format(id="unit_id")}, 'phuong' AS type, NULL AS code,
        CASE WHEN n % 700 < 2 THEN 'province' ELSE 'commune' END AS level
        FROM generate_series(0, 49999) n""",
    "organisations": f"""SELECT {_SPAN.format(id="organisation_id")}, 'active' AS status,
        CASE WHEN n % 700 < 2 THEN 'province' ELSE 'cell' END AS kind
        FROM generate_series(0, 19999) n""",
    # 200 members in each of the organisations 200 to 299, which stand under 2
    "memberships": """SELECT md5('m' || n)::uuid AS membership_id, md5('p' || n)::uuid AS person_id,
        md5((200 + n % 100)::text)::uuid AS cell_id, 'official' AS degree, false AS is_exempt,
        CASE WHEN n % 100 = 0 THEN md5('201')::uuid END AS temporary_cell_id,
        false AS is_suspended, 'entered' AS begun_by, 'entered' AS came_by,
        daterange('2025-01-01', NULL) AS valid, int8range(n + 1, NULL) AS known
        FROM generate_series(0, 19999) n""",
    "lineage": """SELECT 'unit' AS category, md5(n::text)::uuid AS giver, n AS position,
        md5((n / 3)::text)::uuid AS taker, date '2025-07-01' AS on_day, 'merger' AS way,
        'whole' AS extent, true AS is_default, int8range(n, NULL) AS known
        FROM generate_series(0, 4999) n""",
    # two documents in every line, of which the first changes half way; numbers unknown at the end
    "audit": """SELECT n AS position, md5((n / 2)::text)::uuid AS stream, 'unit' AS category,
        CASE WHEN n % 50 = 0 THEN 'unit.renamed' ELSE 'unit.established' END AS event_type,
        date '2025-07-01' AS effective_on, 'clerk-' || n % 9 AS actor_id,
        CASE WHEN n % 90 = 0 THEN n - 1 END AS voids,
        timestamptz '2025-07-01Z' + n * interval '1 s' AS recorded_at, 'Quốc hội' AS authority_name,
        ARRAY[n / 10000 || '/2025/QH15', '202/2025/QH15'] AS documents, '[]'::jsonb AS basis,
        n > 16000 AND n % 3 = 0 AS number_unknown, 'Tên ' || n AS name, '[]'::jsonb AS changes,
        ARRAY[md5((n / 20)::text)::uuid, md5((n % 3 - 9)::text)::uuid] AS mentions
        FROM generate_series(0, 19999) n""",
    # 20,000 rounds, 400 of them of fifty subjects; each subject is judged in five years
    "rounds": """SELECT md5('r' || n)::uuid AS review_id, (2020 + n % 5)::text AS period,
        2020 + n % 5 AS year, md5((n / 5)::text)::uuid AS decider_id, 'nhóm' AS group_name,
        'organisation' AS subjects_are, 'open' AS status, '{}'::jsonb AS terms,
        daterange('2020-01-01', NULL) AS valid, int8range(n + 1, NULL) AS known
        FROM generate_series(0, 19999) n""",
    "reviews": """SELECT md5('r' || n % 400)::uuid AS review_id,
        md5((n / 5)::text)::uuid AS subject_id, (2020 + n % 5)::text AS period,
        2020 + n % 5 AS year, 'nhóm' AS group_name,
        md5((n % 400 / 5)::text)::uuid AS decider_id, 'decided' AS status,
        CASE WHEN n % 500 < 5 THEN 'excellent' ELSE 'good' END AS level,
        '[]'::jsonb AS conditions,
        daterange('2020-01-01', NULL) AS valid, int8range(n + 1, NULL) AS known, n::text AS line
        FROM generate_series(0, 19999) n""",
    "awards": """SELECT md5('a' || n)::uuid AS award_id, md5(n::text)::uuid AS subject_id,
        'flag' AS kind, 'yearly' AS form, 2000 + n / 200 AS first_year, 2000 + n / 200 AS last_year,
        'decided' AS status, '{}'::integer[] AS gaps, md5((n / 50)::text)::uuid AS authority_id,
        daterange('2020-01-01', NULL) AS valid, int8range(n + 1, NULL) AS known
        FROM generate_series(0, 4999) n""",
    # 2,000 dossiers of ten states each, of which the last stands
    "dossiers": """SELECT md5('d' || n / 10)::uuid AS dossier_id, 'k' || n / 10 AS key,
        'Hồ sơ ' || n / 10 AS title, 'ho so ' || n / 10 AS folded,
        CASE WHEN n % 10 < 9 THEN 'drafted' WHEN n % 700 = 9 THEN 'approved'
             ELSE 'carried_out' END AS state,
        date '2020-01-01' + n / 100 AS effective_on, '[]'::jsonb AS parts, n AS rows,
        'clerk-1' AS drafter_id, 0 AS corrections, daterange('0001-01-01', NULL) AS valid,
        int8range(n + 1, CASE WHEN n % 10 < 9 THEN n + 2 END) AS known
        FROM generate_series(0, 19999) n""",
}

# 2,000 organisations with ten posts each, held by 5,000 people, a tenth of them vacant
_LED = """md5('l' || n / 10)::uuid AS leadership_id, md5((n / 10)::text)::uuid AS organisation_id,
    md5('p' || n % 5000)::uuid AS person_id, 'executive_committee' AS body, n::text AS line,
    daterange('2025-07-01', NULL) AS valid, int8range(n + 1, NULL) AS known, n AS position"""
ROWS |= {
    "holdings": f"""SELECT {_LED}, md5('h' || n)::uuid AS holding_id, 'p' || n % 10 AS post,
        'appointed' AS act, 'held' AS state, date '2025-07-01' AS held_from
        FROM generate_series(0, 19999) n""",
    "assignments": f"""SELECT {_LED}, md5('a' || n)::uuid AS assignment_id, 'area' AS kind
        FROM generate_series(0, 19999) n""",
    "seats": f"""SELECT {_LED}, 'p' || n % 10 AS post, 's' || n % 10 AS seat, 1 AS number,
        1 - (n % 10) / 9 AS filled, 0 AS acting,
        CASE WHEN n % 10 = 9 THEN date '2025-07-01' END AS vacant_since
        FROM generate_series(0, 19999) n""",
    "bodies": f"""SELECT {_LED.replace("'executive_committee'", "'b' || n % 10")},
        '2025' AS term FROM generate_series(0, 19999) n""",
}


EVENTS = f"""INSERT INTO {SCHEMA}.events (position, stream, version, topic, recorded_at, record)
    SELECT n + 1, md5((n / 2)::text)::uuid, n % 2 + 1, 'unit.renamed', now(), '{{}}'
    FROM generate_series(0, 49999) n"""


class Explained(psycopg.Cursor[Any]):
    """Asks for the plans of each question before it asks the question."""

    plans: ClassVar[list[str]] = []

    def execute(
        self, query: Any, params: Any = None, *, prepare: bool | None = None, **more: Any
    ) -> Any:
        text = query if isinstance(query, bytes) else query.as_bytes(None)
        self._explain(b"EXPLAIN " + text, params)
        if prepare:
            self._explain(b"EXPLAIN (GENERIC_PLAN) " + numbered(text))
        return super().execute(query, params, prepare=prepare, **more)

    def _explain(self, statement: bytes, params: Any = None) -> None:
        lines = psycopg.Cursor(self.connection).execute(statement, params).fetchall()
        self.plans.append("\n".join(line for (line,) in lines))


def numbered(statement: bytes) -> bytes:
    """With $1, $2 instead of names, as PostgreSQL has it."""
    names = list(dict.fromkeys(re.findall(rb"%\((\w+)\)s", statement)))
    return re.sub(rb"%\((\w+)\)s", lambda m: b"$%d" % (names.index(m[1]) + 1), statement)


@pytest.fixture(scope="module")
def country(postgres):
    """A session on a large country, whose questions are explained."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO warning")
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        migrate(postgres.dsn, SCHEMA)
        connection.execute(EVENTS)
        connection.execute(f"ANALYZE {SCHEMA}.events")
        for view in VIEWS.values():
            fill(connection, view, namespace(SCHEMA, view.name))
        connection.prepare_threshold = None  # as readers have it
        connection.cursor_factory = Explained
        yield connection
        connection.cursor_factory = psycopg.Cursor
        drop_views(connection, SCHEMA)
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def fill(connection, view, home):
    with connection.transaction():
        create_tables(connection, home, view)
        table, rows = Identifier(home, view.table), SQL(ROWS[view.name])
        names = connection.execute(SQL("{} LIMIT 0").format(rows)).description
        said = [name.name for name in names if name.name in view.columns]
        columns = SQL(", ").join(map(Identifier, said))
        insert = SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM ({}) r")
        connection.execute(insert.format(table, rows, columns=columns))
        create_indexes(connection, home, view)
    connection.execute(SQL("ANALYZE {}").format(table))
    if view.name == "audit":
        connection.execute(SQL("ANALYZE {}").format(Identifier(home, "mentions")))


def id_of(life):
    """As md5(life::text)::uuid has it."""
    return UUID(md5(str(life).encode()).hexdigest())


def member(number):
    return UUID(md5(f"m{number}".encode()).hexdigest())


def person(number):
    return UUID(md5(f"p{number}".encode()).hexdigest())


PERSON = id_of("p7")


QUESTIONS = {
    "one organisation": ("spans_organisation", lambda c: state(c)),
    "children": ("spans_superior", lambda c: Units(c, SCHEMA).children(id_of(2), JULY)),
    "a tree": ("spans_superior", lambda c: Units(c, SCHEMA).tree(id_of(2), JULY)),
    "a list below one": (
        "spans_superior",
        lambda c: Units(c, SCHEMA).many(JULY, Filters(under=id_of(2)), limit=10),
    ),
    "ancestors": ("spans_unit", lambda c: Units(c, SCHEMA).ancestors(id_of(200), JULY)),
    "several by id": ("spans_unit", lambda c: Units(c, SCHEMA).named([id_of(7), id_of(8)], JULY)),
    "a history": ("spans_unit", lambda c: Units(c, SCHEMA).history(id_of(7), KNOWN)),
    "where many codes lead": ("spans_code", lambda c: crossed(c, CODES_OF_ALL)),
    "where many codes came from": ("spans_code", lambda c: crossed(c, CODES_OF_ALL, JULY, JUNE)),
    "where a few codes lead": ("edges_giver", lambda c: crossed(c, CODES[:3])),
    "where a few codes came from": ("edges_taker", lambda c: crossed(c, CODES[:3], JULY, JUNE)),
    "where names lead": ("spans_unit", lambda c: crossed(c, NAMED)),
    "by codes": ("spans_code", lambda c: Units(c, SCHEMA).by_codes(CODES, JULY)),
    "organisations by codes": (
        "spans_code",
        lambda c: Organisations(c, SCHEMA).by_codes(CODES, JULY),
    ),
    "by codes of another scheme": (
        "spans_codes",
        lambda c: Units(c, SCHEMA).by_codes(["H7000", "H8000"], JULY, "home"),
    ),
    "one level": (
        "spans_level",
        lambda c: Units(c, SCHEMA).many(JULY, Filters(kinds={"level": ["province"]}), limit=10),
    ),
    "one kind": (
        "spans_kind",
        lambda c: Organisations(c, SCHEMA).many(JULY, Filters(kinds={"kind": ["cell"]}), limit=10),
    ),
    "everybody": ("spans_sorted", lambda c: Units(c, SCHEMA).many(JULY)),
    "by a part of the name": (
        "spans_folded",
        lambda c: Units(c, SCHEMA).many(JULY, Filters(name="Tên 4321")),
    ),
    "by a part of the name without tone marks": (
        "spans_folded",
        lambda c: Units(c, SCHEMA).many(JULY, Filters(name="ten 4321")),
    ),
    "a roll": ("spans_cell", lambda c: Rolls(c, SCHEMA).roll(id_of(207), JULY)),
    "guests of a cell": ("spans_temporary", lambda c: Rolls(c, SCHEMA).guests(id_of(201), JULY)),
    "the memberships of a person": (
        "spans_person",
        lambda c: Rolls(c, SCHEMA).of_person(person(7), KNOWN),
    ),
    "one membership": (
        "spans_membership",
        lambda c: Rolls(c, SCHEMA).history(member(7), KNOWN),
    ),
    "the counts of a cell": ("spans_cell", lambda c: Rolls(c, SCHEMA).counts(id_of(207), JULY)),
    "who came and who went": (
        "spans_cell",
        lambda c: Rolls(c, SCHEMA).moves(id_of(2), date(2025, 1, 1), JULY.valid_at, KNOWN),
    ),
    "who became official": (
        "spans_cell",
        lambda c: Rolls(c, SCHEMA).movement(id_of(2), date(2025, 1, 1), JULY.valid_at, KNOWN),
    ),
    "who is on probation": (
        "spans_cell",
        lambda c: [Rolls(c, SCHEMA).on_probation(id_of(2), JULY), True],
    ),
    "the trail of a subject": ("lines_stream", lambda c: trail(c, subject=id_of(7))),
    "the trail of one that is often mentioned": (
        "mentions_pkey",
        lambda c: trail(c, subject=id_of(-8), known_at=19_000),
    ),
    "who leads an organisation": (
        "spans_organisation",
        lambda c: Holdings(c, SCHEMA).of_organisation(id_of(7), JULY),
    ),
    "the history of a post": (
        "spans_organisation",
        lambda c: Holdings(c, SCHEMA).history_of_post(id_of(7), "executive_committee", "p3", KNOWN),
    ),
    "posts of a person": ("spans_person", lambda c: Holdings(c, SCHEMA).of_person(PERSON, JULY)),
    "what a person ever held": (
        "spans_person",
        lambda c: Holdings(c, SCHEMA).history_of_person(PERSON, KNOWN),
    ),
    "who leads below one": (
        "spans_organisation",
        lambda c: Holdings(c, SCHEMA).under(id_of(2), JULY),
    ),
    "seats of an organisation": (
        "spans_organisation",
        lambda c: SeatPlans(c, SCHEMA).of_organisation(id_of(7), JULY),
    ),
    "vacancies below one": (
        "spans_vacant",
        lambda c: SeatPlans(c, SCHEMA).vacancies(JULY, under=id_of(2)),
    ),
    "all vacancies": ("spans_vacant", lambda c: SeatPlans(c, SCHEMA).vacancies(JULY, limit=100)),
    "bodies of an organisation": (
        "spans_organisation",
        lambda c: Bodies(c, SCHEMA).of_organisation(id_of(7), JULY),
    ),
    "regulations below one": (
        "spans_organisation",
        lambda c: Bodies(c, SCHEMA).coverage(
            JULY, {"cell": ["b1"]}, CoverageFilters(under=id_of(2))
        ),
    ),
    "posts of many people": (
        "spans_person",
        lambda c: Holdings(c, SCHEMA).of_people([PERSON], JULY),
    ),
    "what members answer for": (
        "spans_organisation",
        lambda c: Assignments(c, SCHEMA).of_organisation(id_of(7), JULY),
    ),
    "what a person answers for": (
        "spans_person",
        lambda c: Assignments(c, SCHEMA).of_person(PERSON, JULY),
    ),
    "what differs": ("spans_unit", lambda c: changed(c, SCHEMA, "units", JUNE, JULY, limit=100)),
    "the trail of a document": (
        "citations_pkey",
        lambda c: trail(c, document="1/2025/QH15"),
    ),
    "the trail of a document in every line": (
        "citations_pkey",
        lambda c: trail(c, document="202/2025/QH15", known_at=19_000),
    ),
    "the trail without numbers": (
        "lines_number_unknown",
        lambda c: trail(c, number_unknown=True),
    ),
    "the trail of one type": ("lines_type", lambda c: trail(c, event_types=["unit.renamed"])),
    "the levels of a subject": (
        "levels_subject",
        lambda c: Reviews(c, SCHEMA).of_subject(id_of(7), JULY),
    ),
    "the levels of many in five years": (
        "levels_subject",
        lambda c: Reviews(c, SCHEMA).of_years([id_of(n) for n in range(50)], YEARS, JULY),
    ),
    "a round": (
        "levels_review",
        lambda c: Reviews(c, SCHEMA).in_round(round_of(7), JULY, limit=100),
    ),
    "the history of a level": (
        "levels_review",
        lambda c: Reviews(c, SCHEMA).history(round_of(7), id_of(1), KNOWN),
    ),
    "the excellent ones of a year": (
        "levels_rated",
        lambda c: Reviews(c, SCHEMA).rated("2024", "excellent", JULY),
    ),
    "one round by its id": ("spans_review", lambda c: Rounds(c, SCHEMA).one(round_of(7), JULY)),
    "the rounds of a decider": (
        "spans_decider",
        lambda c: Rounds(c, SCHEMA).many(JULY, RoundFilters(decider_id=id_of(7))),
    ),
    "a year in numbers below one": (
        "spans_decider",
        lambda c: Rounds(c, SCHEMA).tallies("2024", JULY, id_of(2)),
    ),
    "the awards of a subject": (
        "spans_subject",
        lambda c: Awards(c, SCHEMA).many(JULY, AwardFilters(subject_id=id_of(7))),
    ),
    "the awards of a year": (
        "spans_years",
        lambda c: Awards(c, SCHEMA).many(JULY, AwardFilters(last_year=2024, kinds=["flag"])),
    ),
    "the awards of a body": (
        "spans_authority",
        lambda c: Awards(c, SCHEMA).many(JULY, AwardFilters(authority_id=id_of(7))),
    ),
    "one dossier": ("states_dossier", lambda c: [Dossiers(c, SCHEMA).one(dossier(7), KNOWN)]),
    "a dossier by its key": ("states_key", lambda c: [Dossiers(c, SCHEMA).by_key("k7", KNOWN)]),
    "all dossiers": ("states_day", lambda c: Dossiers(c, SCHEMA).many(KNOWN)),
    "the dossiers beyond one": (
        "states_day",
        lambda c: Dossiers(c, SCHEMA).many(KNOWN, after=(date(2020, 3, 1), dossier(7))),
    ),
    "the dossiers of a day": (
        "states_day",
        lambda c: Dossiers(c, SCHEMA).many(KNOWN, DossierFilters(effective_on=date(2020, 3, 1))),
    ),
    "the dossiers in a state": (
        "states_state",
        lambda c: Dossiers(c, SCHEMA).many(KNOWN, DossierFilters(state="approved")),
    ),
    "dossiers by a part of the title": (
        "states_folded",
        lambda c: Dossiers(c, SCHEMA).many(KNOWN, DossierFilters(q="Hồ sơ 432")),
    ),
    "the trail of an actor": ("lines_actor", lambda c: trail(c, actor_id="clerk-5")),
}

# But for the trail of one subject: its positions come from two indexes, and these are sorted.
SORTED = {"the trail of a subject", "the trail of one that is often mentioned"}
IN_ORDER = [q for q in QUESTIONS if q.startswith("the trail") and q not in SORTED]


def dossier(number):
    """As md5('d' || number)::uuid has it."""
    return UUID(md5(f"d{number}".encode()).hexdigest())


def round_of(number):
    """As md5('r' || number)::uuid has it."""
    return UUID(md5(f"r{number}".encode()).hexdigest())


def state(connection):
    asked = Organisations.state(SCHEMA, id_of(7))
    values = {"ids": [asked.id], **asking(KNOWN), "day": JULY.valid_at}
    statement = basis_and_row(SCHEMA, ("organisations",), asked.statement)
    return connection.cursor().execute(statement, values, prepare=True).fetchall()


def crossed(connection, asked, begins=JUNE, ends=JULY):
    reading = Reading(JULY, Basis(UUID(int=1), KNOWN, KNOWN, NOW, {}), connection, SCHEMA)
    return crosswalk(reading, asked, begins.valid_at, ends.valid_at)


@pytest.mark.parametrize(("asked", "statements"), [("CODES_OF_ALL", 4), ("NAMED", 6), ("MIXED", 6)])
def test_however_many_are_crossed_it_is_a_handful_of_statements(country, asked, statements):
    """Codes, ways, lives and names; for what is asked by name, all names and those meant."""
    for begins, ends in ((JUNE, JULY), (JULY, JUNE)):
        Explained.plans.clear()
        lines = crossed(country, globals()[asked], begins, ends)
        assert len(lines) == len(globals()[asked])
        assert len(Explained.plans) == statements


def trail(connection, **filters):
    return Audit(connection, SCHEMA).lines(AuditFilters(**filters))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_its_index(country, question):
    index, ask = QUESTIONS[question]
    Explained.plans.clear()
    assert ask(country)
    assert any(f"{index} " in plan for plan in Explained.plans)
    for plan in Explained.plans:
        assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= SMALL | WORTHWHILE.get(
            question, set()
        )


def test_a_basis_reads_a_row_of_each_table(country):
    Explained.plans.clear()
    country.cursor().execute(basis(SCHEMA, ALL), asking(NOW), prepare=True)
    for plan in Explained.plans:
        assert set(re.findall(r"Scan.* on (\w+)", plan)) == SMALL
        assert re.match(r".*cost=\S+ rows=1 ", plan)


def test_one_organisation_is_looked_up_in_both_tables_by_id(country):
    Explained.plans.clear()
    [(*_, version)] = state(country)
    assert version == 2
    for plan in Explained.plans:
        assert "Index Scan using spans_organisation on spans" in plan
        assert "Index Scan Backward using events_stream_version_key on events" in plan


@pytest.mark.parametrize(
    "question",
    ["one level", "one kind", "everybody", *IN_ORDER],
)
def test_a_page_is_read_in_its_order(country, question):
    Explained.plans.clear()
    QUESTIONS[question][1](country)
    assert "Sort" not in Explained.plans[0]


@pytest.fixture
def forgetful(country):
    """The country before anybody has looked at its tables: right after an import, a restore."""
    with country.transaction(force_rollback=True):
        plain = psycopg.Cursor(country)
        plain.execute(
            "WITH ours AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname LIKE %(ours)s), counted AS (UPDATE pg_class SET reltuples = -1,"
            " relpages = 0, relallvisible = 0 WHERE oid IN (SELECT oid FROM ours) RETURNING oid)"
            " DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM counted)",
            {"ours": f"{SCHEMA}%"},
        )
        assert plain.rowcount > 0
        yield country


@pytest.mark.parametrize(
    "question",
    ["one organisation", "children", "a tree", "ancestors", "several by id", "a history"],
)
def test_whoever_goes_by_ids_needs_no_statistics(forgetful, question):
    Explained.plans.clear()
    assert QUESTIONS[question][1](forgetful)
    for plan in Explained.plans:
        conditions = re.findall(r"Index Cond: (.*)", plan)
        assert any("_id = " in condition for condition in conditions), plan
        assert not any("valid" in condition for condition in conditions), plan
        assert "Seq Scan on spans" not in plan
        assert re.match(r".*cost=\S+?\.\.\d{1,5}\.", plan), plan  # beyond, it would be compiled


def test_the_trail_of_a_subject_needs_no_statistics(forgetful):
    Explained.plans.clear()
    assert trail(forgetful, subject=id_of(7), known_at=KNOWN)
    [plan] = Explained.plans
    assert "lines_stream " in plan
    assert "lines_voids " in plan


def test_lines_that_are_taken_away_take_their_citations_with_them_by_an_index(country):
    lines, citations = (Identifier(namespace(SCHEMA, "audit"), t) for t in ("lines", "citations"))
    counted = SQL("SELECT count(*) FROM {} WHERE position < 20").format(citations)
    many = SQL("INSERT INTO {} SELECT 'số ' || n, 1000000 + n FROM generate_series(1, 20000) n")
    scans = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = %s::regclass"
    table = citations.as_string(None)
    with country.transaction(force_rollback=True):
        plain = psycopg.Cursor(country)
        plain.execute(many.format(citations))  # documents, as years bring them
        plain.execute(SQL("ANALYZE {}").format(citations))
        before = plain.execute(scans, [table]).fetchall()
        plain.execute(SQL("DELETE FROM {} WHERE position < 20").format(lines))
        assert plain.execute(scans, [table]).fetchall() == before
        assert plain.execute(counted).fetchall() == [(0,)]
