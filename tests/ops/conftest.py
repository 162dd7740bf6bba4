"""A small register for the command line, and the command line itself, run as `main` runs it."""

from __future__ import annotations

import csv
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog
from psycopg.sql import SQL, Identifier

from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from ops.cli import main
from ops.grants import SUFFIXES
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from services.commands import End, EstablishOrganisation
from tests.services.test_register import CENTRE, envelope, id_of, organisation, rename, unit
from tests.services.test_register import end as ended

JUNE = date(2025, 6, 1)
_schemas = count(1)


@dataclass(frozen=True)
class Town:
    """A register with a small country in it, and where it is."""

    wiring: Wiring
    environment: dict[str, str]

    @property
    def position(self) -> int:
        return self.wiring.register.store.position()


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Sogoc = Callable[..., Said]


@pytest.fixture
def empty(postgres, monkeypatch) -> Iterator[str]:
    """The name of a schema in which there is nothing yet; the environment says so."""
    schema = f"cli_{next(_schemas)}"
    monkeypatch.setenv("SOGOC_DSN", postgres.dsn)
    monkeypatch.setenv("SOGOC_SCHEMA", schema)
    yield schema
    drop(postgres.dsn, schema)


@pytest.fixture(scope="module")
def built(postgres) -> Iterator[Town]:
    schema = f"cli_{next(_schemas)}"
    settings = Settings(Path("/nowhere"), postgres.dsn, schema)
    migrate(postgres.dsn, schema)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    try:
        settle(wiring)
        yield Town(wiring, {"SOGOC_DSN": postgres.dsn, "SOGOC_SCHEMA": schema})
    finally:
        wiring.close()
        drop(postgres.dsn, schema)


@pytest.fixture
def town(built: Town, monkeypatch) -> Town:
    """Two provinces, two districts, communes; some of them merged and divided on 1 June 2025.

    Recorded by its test module once: who records more takes `empty` and settles it.
    """
    for name, value in built.environment.items():
        monkeypatch.setenv(name, value)
    return built


def settle(wiring: Wiring) -> None:
    """On 1 June: 1 and 2 merge into one that takes the code of 1; 3 is divided into 4 and 5."""
    wiring.register.execute(
        unit("Tỉnh An", code="01"),
        unit("Tỉnh Bình", code="02"),
        unit("Huyện Đông", "district", "Tỉnh An", code="001"),
        unit("Huyện Tây", "district", "Tỉnh Bình", code="002"),
        *(unit(f"Xã {n}", "commune", "Huyện Đông", code=f"0000{n}") for n in range(1, 6)),
        unit("Xã Bến", "commune", "Huyện Đông", code="00008"),
        unit("Xã Bển", "commune", "Huyện Tây", code="00009"),
    )
    wiring.register.execute(
        organisation("Đảng bộ tỉnh An"),
        EstablishOrganisation(
            id=id_of("Đảng bộ huyện Đông"),
            envelope=envelope(date(2025, 4, 1), CENTRE),
            way="entered",
            kind="district",
            name="Đảng bộ huyện Đông",
            superior_id=id_of("Đảng bộ tỉnh An"),
            unit_id=id_of("Huyện Đông"),
        ),
    )
    wiring.register.execute(
        unit("Xã Gộp", "commune", "Huyện Đông", on=JUNE, way="merger", code="00001"),
        ended("Xã 1", ("Xã Gộp", "whole"), on=JUNE),
        ended("Xã 2", ("Xã Gộp", "whole"), on=JUNE),
        End(
            id=id_of("Xã 3"),
            envelope=envelope(JUNE),
            of=AdministrativeUnit,
            way="division",
            successors=(
                Successor(id_of("Xã 4"), "part", is_default=True),
                Successor(id_of("Xã 5"), "part"),
            ),
        ),
    )
    wiring.register.execute(
        rename("Đảng bộ tỉnh An", "Đảng bộ tỉnh An Mới", authority=CENTRE, of=PartyOrganisation)
    )


def id_text(name: str) -> str:
    found: UUID = id_of(name)
    return str(found)


def drop(dsn: str, schema: str) -> None:
    homes = [f"{schema}_{view}{suffix}" for view in VIEWS for suffix in SUFFIXES]
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in (schema, f"{schema}_keys", *homes):
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(name)))


@pytest.fixture
def sogoc(capsys, monkeypatch) -> Iterator[Sogoc]:
    """Run one command in this process; `stdin` is what is typed into it."""
    handlers, level = logging.root.handlers[:], logging.root.level

    def run(*arguments: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["sogoc", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    yield run
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()
