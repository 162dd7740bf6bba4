"""The real country, imported and projected once for all acceptance tests; nobody writes to it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from ops.cli.importing import fewer_collections
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from services.reorganisation import checked, record, shipped

SCHEMA = "acceptance"


HERE = Path(__file__).parent
TIMEOUT_S = 600  # the country is imported within the first test, on whatever machine


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@dataclass(frozen=True)
class Lists:
    """The lists as they were given, read anew: not through the code that is under test."""

    folder: Path

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def lists() -> Lists:
    return Lists(Path(str(shipped())))


@pytest.fixture(scope="session")
def country(postgres) -> Iterator[Wiring]:
    """The register with the whole country in it."""
    settings = Settings(Path("/nowhere"), postgres.dsn, SCHEMA)
    migrate(postgres.dsn, SCHEMA)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    try:
        with fewer_collections():
            record(wiring.register, checked(shipped()))
            wiring.project()
        yield wiring
    finally:
        wiring.close()


@pytest.fixture
def reading(country):
    with country.readings.at() as opened:
        yield opened


@pytest.fixture
def connection(postgres):
    with psycopg.connect(postgres.dsn, autocommit=True) as opened:
        yield opened
