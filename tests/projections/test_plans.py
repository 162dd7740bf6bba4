"""By which index questions are answered that are asked often, on 50,000 spans of units.

The plans are those of the statements that are really sent; a table read from end to end, or sorted
whole for one page, fails here and not in ten years.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.audit import Audit, AuditFilters
from projections.catalogue import VIEWS
from projections.differences import changed
from projections.marks import create_indexes, create_tables, namespace
from projections.nodes import Filters
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Units
from tests.projections.conftest import drop_views

SCHEMA = "plans"
KNOWN = 10**6
JUNE, JULY = Point(date(2025, 6, 30), KNOWN), Point(date(2025, 7, 1), KNOWN)
CODES = [f"{n:05}" for n in range(7_000, 7_100)]

# 25,000 lives, each of two spans; a superior for every hundred of them
_SPAN = """md5((n / 2)::text)::uuid AS {id}, 'Tên ' || n AS name, 'ten ' || n AS folded,
    lpad(n::text, 8, '0') AS sort_key, md5((n / 200)::text || '.')::uuid AS superior_id,
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
    "lineage": """SELECT 'unit' AS category, md5(n::text)::uuid AS giver, n AS position,
        md5((n / 3)::text)::uuid AS taker, date '2025-07-01' AS on_day, 'merger' AS way,
        'whole' AS extent, true AS is_default, int8range(n, NULL) AS known
        FROM generate_series(0, 4999) n""",
    # two documents in every line, of which the first changes half way; numbers unknown at the end
    "audit": """SELECT n AS position, md5((n / 2)::text)::uuid AS stream, 'unit' AS category,
        CASE WHEN n % 50 = 0 THEN 'unit.renamed' ELSE 'unit.established' END AS event_type,
        date '2025-07-01' AS effective_on, 'clerk-' || n % 9 AS actor_id,
        timestamptz '2025-07-01Z' + n * interval '1 s' AS recorded_at, 'Quốc hội' AS authority_name,
        ARRAY[n / 10000 || '/2025/QH15', '202/2025/QH15'] AS documents, '[]'::jsonb AS basis,
        n > 16000 AND n % 3 = 0 AS number_unknown, 'Tên ' || n AS name, '[]'::jsonb AS changes
        FROM generate_series(0, 19999) n""",
}


class Explained(psycopg.Cursor[Any]):
    """Asks for the plan of each question before it asks the question."""

    plans: ClassVar[list[str]] = []

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        explain = SQL("EXPLAIN {}").format(query)
        lines = psycopg.Cursor(self.connection).execute(explain, params).fetchall()
        self.plans.append("\n".join(line for (line,) in lines))
        return super().execute(query, params, **more)


@pytest.fixture(scope="module")
def country(postgres):
    """A session on a large country, whose questions are explained."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO warning")
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        for view in VIEWS.values():
            fill(connection, view, namespace(SCHEMA, view.name))
        connection.prepare_threshold = None  # as readers have it
        connection.cursor_factory = Explained
        yield connection
        connection.cursor_factory = psycopg.Cursor
        drop_views(connection, SCHEMA)


def fill(connection, view, home):
    with connection.transaction():
        create_tables(connection, home, view)
        table, rows = Identifier(home, view.table), SQL(ROWS[view.name])
        names = connection.execute(SQL("{} LIMIT 0").format(rows)).description
        columns = SQL(", ").join(Identifier(name.name) for name in names)
        connection.execute(SQL("INSERT INTO {} ({}) {}").format(table, columns, rows))
        create_indexes(connection, home, view)
    connection.execute(SQL("ANALYZE {}").format(table))


QUESTIONS = {
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
    "the trail of an actor": ("lines_actor", lambda c: trail(c, actor_id="clerk-5")),
}


def trail(connection, **filters):
    return Audit(connection, SCHEMA).lines(AuditFilters(**filters))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_its_index(country, question):
    index, ask = QUESTIONS[question]
    Explained.plans.clear()
    assert ask(country)
    [plan] = Explained.plans
    assert f"{index} " in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    "question",
    ["one level", "one kind", "everybody", *(q for q in QUESTIONS if q.startswith("the trail"))],
)
def test_a_page_is_read_in_its_order(country, question):
    Explained.plans.clear()
    QUESTIONS[question][1](country)
    assert "Sort" not in Explained.plans[0]
