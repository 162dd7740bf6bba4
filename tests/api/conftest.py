"""The API over a small country, on the run's PostgreSQL, with the real follower behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import count
from typing import Any, NoReturn

import psycopg
import pytest
import structlog
from fastapi import FastAPI
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool
from starlette.testclient import TestClient

from api.app import create_app
from domain.envelope import Actor
from ops.follower import Follower
from ops.pools import hot_pool
from projections.catalogue import VIEWS
from projections.engine.following import create
from projections.engine.view import Source
from services.access import Holder, Right, Tokens
from services.reading import Readings
from services.record import to_event
from services.register import Register
from tests.vaults import people_of

TODAY = date(2026, 11, 21)
TOKEN = "a-token-of-the-tests"
CLERK = Actor("office-17", "chuyên viên")
HOLDERS = {sha256(TOKEN.encode()).hexdigest(): Holder(CLERK, frozenset(Right))}
BEARER = {"Authorization": f"Bearer {TOKEN}"}

_schemas = count(1)


@dataclass
class House:
    """A running register, and who speaks to it."""

    app: FastAPI
    register: Register
    client: TestClient
    ids: dict[str, str]  # by name

    def get(self, path: str, accept: str | None = None, **more: Any) -> Any:
        """Read what was recorded up to now."""
        headers = {"Min-Position": str(self.register.store.position())} | more.pop("headers", {})
        if accept:
            headers["Accept"] = accept
        return self.client.get(path, headers=headers, **more)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=BEARER | named)

    def record(self, path: str, **facts: Any) -> dict[str, Any]:
        """Record a change; it must be new."""
        response = self.post(path, said(**facts))
        assert response.status_code == 201, response.text
        told: dict[str, Any] = response.json()
        return told

    def unit(
        self, name: str, level: str = "commune", above: str | None = None, **facts: Any
    ) -> str:
        """Found a unit; return its id."""
        types = {"province": "tinh", "district": "huyen", "commune": "xa"}
        usual = {"way": "entered", "level": level, "type": types[level], "name": name}
        superior = {"superior_id": self.ids[above]} if above else {}
        told = self.record("/v1/units", **(usual | superior | facts))
        self.ids[name] = told["events"][0]["stream"]
        return self.ids[name]


def said(effective_on: str = "2025-01-01", **facts: Any) -> dict[str, Any]:
    """The body of a command."""
    return {
        "effective_on": effective_on,
        "authority": {"name": "Quốc hội"},
        "basis": [{"number": "202/2025/QH15", "issued_on": "2025-06-12"}],
    } | facts


def _unheard(*_: Any) -> NoReturn:
    raise structlog.DropEvent


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    """Log lines go nowhere, unless a test captures them."""
    structlog.configure(processors=[_unheard])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def house(postgres, quiet) -> Iterator[House]:
    """Two districts of a province with three communes each; a Party organisation on each."""
    schema = f"api_{next(_schemas)}"
    environment = {
        "PERSISTENCE_MODULE": "ops.store",
        "SOGOC_DSN": postgres.dsn,
        "SOGOC_SCHEMA": schema,
        "SOGOC_POOL_SIZE": "12",
    }
    with (
        Register(environment) as register,
        ConnectionPool(postgres.dsn, min_size=1, max_size=12, open=True) as pool,
        people_of(register, postgres.dsn, schema) as people,
    ):
        readings = Readings(pool, schema, lambda: TODAY, lambda: hot_pool(postgres.dsn))
        views = list(VIEWS.values())
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            for view in views:  # else the first to ask may come before them
                create(connection, schema, view)
        follower = Follower(postgres.dsn, schema, Source(register.store, to_event), views)
        follower.start()
        access = Tokens(HOLDERS)
        app = create_app(register, readings, access, follower, today=lambda: TODAY, people=people)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield settled(House(app, register, client, {}))
        follower.stop()
    drop(postgres.dsn, schema)


def settled(house: House) -> House:
    """With a country in it."""
    house.unit("Tỉnh An", "province", codes={"nso": "01"})
    for n, district in enumerate(("Huyện Bình", "Huyện Đông"), start=1):
        house.unit(district, "district", "Tỉnh An", codes={"nso": f"00{n}"})
        for m in range(1, 4):
            name = f"Xã {district.removeprefix('Huyện ')} {m}"
            house.unit(name, "commune", district, codes={"nso": f"0{n}00{m}"})
    centre = {"authority": {"name": "Ban Bí thư"}, "basis": [{"number": "178-KL/TW"}]}
    facts = {"way": "entered", "kind": "province", "name": "Đảng bộ tỉnh An"}
    told = house.record("/v1/organisations", unit_id=house.ids["Tỉnh An"], **(facts | centre))
    house.ids["Đảng bộ tỉnh An"] = told["events"][0]["stream"]
    facts = {"way": "entered", "kind": "district", "name": "Đảng bộ huyện Bình"}
    above = {"superior_id": house.ids["Đảng bộ tỉnh An"], "unit_id": house.ids["Huyện Bình"]}
    told = house.record("/v1/organisations", **(facts | above | centre))
    house.ids["Đảng bộ huyện Bình"] = told["events"][0]["stream"]
    return house


def drop(dsn: str, schema: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in (schema, f"{schema}_keys", *(f"{schema}_{view}" for view in VIEWS)):
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(name)))
