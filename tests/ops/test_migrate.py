"""Migrations: each once, in order, whole or not at all, and never edited afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.migrate import (
    Migration,
    MigrationRefused,
    NotMigrated,
    check,
    migrate,
    migrations_in,
)

FIRST = Migration("0001-units", "CREATE TABLE units (name text); CREATE INDEX ON units (name);")
SECOND = Migration("0002-more", "INSERT INTO units VALUES ('100 % xã');")

names = count(1)


@pytest.fixture
def bare(postgres):
    """Connection string of a new database in which nothing was ever made."""
    name = f"bare_{next(names)}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
    yield make_conninfo(postgres.dsn, dbname=name)
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(dsn, schema, query):
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        return connection.execute(query).fetchall()


def test_each_is_applied_once_and_in_order(postgres, schema):
    assert migrate(postgres.dsn, schema, [FIRST]) == ["0001-units"]
    assert migrate(postgres.dsn, schema, [FIRST, SECOND]) == ["0002-more"]
    assert migrate(postgres.dsn, schema, [FIRST, SECOND]) == []
    assert rows(postgres.dsn, schema, "SELECT name FROM units") == [("100 % xã",)]
    assert rows(postgres.dsn, schema, "SELECT name, sha256 FROM migrations ORDER BY name") == [
        (FIRST.name, FIRST.sha256),
        (SECOND.name, SECOND.sha256),
    ]


def test_a_new_database_gets_schema_and_extensions(bare):
    needs_both = Migration("0001", "CREATE TABLE t (n text, EXCLUDE USING gist (n WITH =));")
    search = Migration("0002", "CREATE INDEX ON t USING gin (n gin_trgm_ops);")
    assert migrate(bare, "brand_new", [needs_both, search]) == ["0001", "0002"]


def test_extensions_that_a_dump_left_behind_are_made(bare):
    assert migrate(bare, "restored") == ["0001_log"]
    check(bare, "restored")
    with psycopg.connect(bare, autocommit=True) as connection:
        connection.execute("DROP EXTENSION pg_trgm")
    with pytest.raises(NotMigrated, match="the database lacks pg_trgm: run `sogoc migrate`"):
        check(bare, "restored")
    assert migrate(bare, "restored") == []
    check(bare, "restored")


def test_one_that_was_edited_after_it_was_applied_is_refused(postgres, schema):
    migrate(postgres.dsn, schema, [FIRST])
    edited = Migration(FIRST.name, FIRST.statements + " ")
    with pytest.raises(MigrationRefused, match="0001-units was edited"):
        migrate(postgres.dsn, schema, [edited, SECOND])
    assert rows(postgres.dsn, schema, "SELECT name FROM units") == []


def test_one_that_this_version_does_not_know_is_refused(postgres, schema):
    migrate(postgres.dsn, schema, [FIRST, SECOND])
    with pytest.raises(MigrationRefused, match="0002-more"):
        migrate(postgres.dsn, schema, [FIRST])


def test_one_that_was_slipped_in_before_an_applied_one_is_refused(postgres, schema):
    migrate(postgres.dsn, schema, [FIRST])
    with pytest.raises(MigrationRefused, match="0000-late comes before"):
        migrate(postgres.dsn, schema, [Migration("0000-late", "SELECT 1"), FIRST])


def test_one_that_fails_leaves_nothing_behind_and_earlier_ones_stay(postgres, schema):
    broken = Migration("0002-broken", "CREATE TABLE half (); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(postgres.dsn, schema, [FIRST, broken])
    assert rows(postgres.dsn, schema, "SELECT to_regclass('half')") == [(None,)]
    assert migrate(postgres.dsn, schema, [FIRST, SECOND]) == ["0002-more"]


def test_several_at_once_wait_for_each_other(bare):
    with ThreadPoolExecutor(4) as pool:
        applied = pool.map(lambda _: migrate(bare, "shared", [FIRST, SECOND]), range(4))
        assert sorted(applied) == [[], [], [], ["0001-units", "0002-more"]]


def test_an_extension_that_cannot_be_had_is_named(postgres, bare):
    with psycopg.connect(bare, autocommit=True) as connection:
        connection.execute("CREATE ROLE powerless LOGIN")
    try:
        with pytest.raises(MigrationRefused, match="CREATE EXTENSION btree_gist SCHEMA public"):
            migrate(make_conninfo(bare, user="powerless"), "register", [])
    finally:
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            connection.execute("DROP ROLE powerless")


def test_files_are_taken_in_the_order_of_their_names(tmp_path):
    for name in ["0002-b.sql", "0001-a.sql", "__init__.py"]:
        (tmp_path / name).write_text(f"-- {name}")
    assert migrations_in(tmp_path) == [
        Migration("0001-a", "-- 0001-a.sql"),
        Migration("0002-b", "-- 0002-b.sql"),
    ]
