"""Works H, I and J: what the service costs beyond the database, and trees at three sizes."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import count
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg

from domain.organisation import PartyOrganisation
from ops.bench.contest import Goal, Measured, Work
from ops.bench.house import ASKED_ON, CENTRE, FIRST_YEAR, House, circumstances, house
from ops.bench.http import asked, request
from ops.bench.timing import Figures, at_once, latencies, without_rate
from projections.organisations import Organisations
from services.commands import Rename

CLIENTS = (1, 8, 32)

ONE: LiteralString = """
    SELECT organisation_id, kind, name, sort_key, superior_id, unit_id, setting, status, codes,
        lower(valid), upper(valid), lower(known), upper(known)
    FROM register_organisations.spans
    WHERE organisation_id = %b AND valid @> %b::date AND known @> %b::bigint
"""

_numbers = count(1)  # of renamings: no name comes twice


# H


def read_one(clients: int) -> Callable[[House, str], Measured]:
    """One organisation as of a day."""

    def do(house: House, name: str) -> Measured:
        by = {"http": _one_by_http, "sql": _one_by_sql}[name]
        return {f"H{clients}": by(house, clients)}

    return do


def _one_by_http(house: House, clients: int) -> Figures:
    def asking(client: int) -> Iterator[bytes]:
        for id_ in house.some_bases(client):
            yield request("GET", f"/v1/organisations/{id_}?valid_at={ASKED_ON}")

    asks = [asking(client) for client in range(clients)]
    asked(house.host, asks, house.sizes.http_s / 5, 200)
    return asked(house.host, asks, house.sizes.http_s, 200)


def _one_by_sql(house: House, clients: int) -> Figures:
    known = house.wiring.register.store.position()
    connections = [psycopg.connect(house.place.dsn, autocommit=True) for _ in range(clients)]

    def asking(client: int) -> Callable[[], None]:
        cursor, some = connections[client].cursor(binary=True), house.some_bases(client)

        def ask() -> None:
            cursor.execute(ONE, [next(some), ASKED_ON, known], prepare=True)
            assert len(cursor.fetchall()) == 1

        return ask

    asks = [asking(client) for client in range(clients)]
    figures = _together(asks, house.sizes.http_s)
    for connection in connections:
        connection.close()
    return figures


def _together(works: Sequence[Callable[[], Any]], seconds: float) -> Figures:
    """By a thread each; alone also the delays."""
    if len(works) == 1:
        return latencies(works[0], 1_000_000, seconds, warm=20)
    return {"rate": at_once(works, seconds) / seconds}


# I


def rename(clients: int) -> Callable[[House, str], Measured]:
    """Renamings, each client of organisations of its own."""

    def do(house: House, name: str) -> Measured:
        by = {"http": _rename_by_http, "in process": _rename_in_process}[name]
        return {f"I{clients}": by(house, clients)}

    return do


def _rename_by_http(house: House, clients: int) -> Figures:
    def asking(client: int) -> Iterator[bytes]:
        for id_, name, day in _renamings(house, client, clients):
            said = {
                "name": name,
                "effective_on": day,
                "authority": {"name": CENTRE.name},
                "basis": [{"number": "10-QĐ/TW"}],
            }
            path = f"/v1/organisations/{id_}/renamings"
            yield request("POST", path, orjson.dumps(said), house.token)

    return asked(house.host, [asking(c) for c in range(clients)], house.sizes.http_s, 201)


def _rename_in_process(house: House, clients: int) -> Figures:
    def asking(client: int) -> Callable[[], None]:
        renamings = _renamings(house, client, clients)

        def ask() -> None:
            id_, name, day = next(renamings)
            envelope = circumstances(day)
            command = Rename(of=PartyOrganisation, id=id_, envelope=envelope, name=name)
            house.wiring.register.execute(command)

        return ask

    return _together([asking(client) for client in range(clients)], house.sizes.http_s)


def _renamings(house: House, client: int, clients: int) -> Iterator[tuple[UUID, str, date]]:
    """(organisation, name, first day) of ever new ones."""
    own = house.bases[client::clients]
    while True:
        for id_ in own:
            number = next(_numbers)
            yield id_, f"Đảng bộ cơ sở đổi tên lần {number}", ASKED_ON


# J


def read_tree(figure: str, of: str) -> Callable[[House, str], Measured]:
    """Whole trees as of a day."""

    def do(house: House, name: str) -> Measured:
        day, roots = ASKED_ON, house.provinces[1:2]
        if of == "country":
            roots = house.provinces
        elif of == "ten years":
            day = date(FIRST_YEAR + house.sizes.years // 2, 7, 1)
            roots = house.provinces[:1]
        read = {"http": _tree_by_http, "sql": _tree_by_sql}[name](house, roots, day)
        rows = read()
        return {figure: without_rate(latencies(read, house.sizes.trees, 60.0)) | {"rows": rows}}

    return do


def _tree_by_sql(house: House, roots: Sequence[UUID], day: date) -> Callable[[], int]:
    """The product's own question, asked without the service."""

    def read() -> int:
        with house.wiring.readings.at(day) as reading:
            asking = Organisations(reading.connection, reading.schema)
            return sum(len(asking.tree(root, reading.point)) for root in roots)

    return read


def _tree_by_http(house: House, roots: Sequence[UUID], day: date) -> Callable[[], int]:
    def read() -> int:
        rows = 0
        with closing(http.client.HTTPConnection(house.host)) as connection:
            for root in roots:
                connection.request("GET", f"/v1/organisations/{root}/tree?valid_at={day}")
                answer = connection.getresponse()
                told = answer.read()
                assert answer.status == 200, told
                rows += len(orjson.loads(told)["items"])
        return rows

    return read


def _reading(clients: int) -> Work:
    figure = f"H{clients}"
    within = Goal(figure, "http", "sql", most=1.5, of_what="p50_ms", is_difference=True)
    many = Goal(figure, "http", None, least=1500)
    words = f"one organisation as of a day, clients: {clients}"
    goals = (within,) if clients == 1 else (many,)
    return Work(figure, words, ("http", "sql"), read_one(clients), goals, house)


def _recording(clients: int) -> Work:
    words = f"renamings, clients: {clients}"
    return Work(f"I{clients}", words, ("http", "in process"), rename(clients), (), house)


def _tree(of: str) -> Work:
    figure = f"J {of}"
    return Work(figure, f"whole tree: {of}", ("http", "sql"), read_tree(figure, of), (), house)


WORKS = (
    *map(_reading, CLIENTS),
    *map(_tree, ("province", "country", "ten years")),
    *map(_recording, CLIENTS),
)
