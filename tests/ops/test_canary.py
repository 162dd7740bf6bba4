"""Marked personal data goes in through every door; nothing that is kept or told may show it.

The service runs as its users run it, in a process of its own. Searched are what it says, what it
answers to whoever may not see names, its metrics, every table of log, read models and vault, a dump
of the log, the write-ahead log and the server's own log. A marker that is written down in clear on
purpose must be found in each of these, or the search itself is worth nothing.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import string
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from domain.names import folded
from ops.server.programs import wheel
from ops.tokens import give_out
from projections.catalogue import VIEWS
from services.access import Holder, Right
from tests.api.conftest import CLERK, said
from tests.api.test_people import told_of
from tests.ops.conftest import drop
from tests.ops.test_cli import ended, free_port
from tests.ops.test_cli import sogoc as sogoc_of_its_own

NOBODY = "01980000-0000-8000-8000-00000000dead"
PURPOSE = {"Sogoc-Purpose": "kiem tra 07-VV/UBKTTU"}


def syllables(count: int) -> str:
    return "".join(random.choices(string.ascii_lowercase, k=count))


def digits(count: int) -> str:
    return "9" + "".join(random.choices(string.digits, k=count - 1))


@dataclass(frozen=True)
class Marked:
    """An invented person, each of whose details nobody else has."""

    word: str = field(default_factory=lambda: syllables(9) + "ưởữ")
    other_name: str = field(default_factory=lambda: syllables(9) + "ấ")
    place: str = field(default_factory=lambda: syllables(9) + "ộ")
    card: str = field(default_factory=lambda: digits(11))
    citizen: str = field(default_factory=lambda: digits(12))
    phone: str = field(default_factory=lambda: digits(10))

    @property
    def details(self) -> dict[str, Any]:
        return {
            "name": f"Nguyễn {self.word.capitalize()}",
            "birth_date": "1893-11-27",
            "sex": "female",
            "card_number": self.card,
            "citizen_number": self.citizen,
            "phone": self.phone,
            "home_place": f"Xã {self.place}",
        }

    @property
    def renamed(self) -> dict[str, Any]:
        return self.details | {"name": f"Nguyễn {self.other_name}"}

    def texts(self) -> list[str]:
        return [self.word, self.other_name, self.place, self.card, self.citizen, self.phone]


def forms(text: str) -> set[bytes]:
    """The ways in which a text may come to be written, in small letters."""
    cased = {text, text.capitalize(), text.upper()}
    spelt = cased | {folded(text)} | {unicodedata.normalize("NFD", each) for each in cased}
    plain = {s.encode() for s in spelt} | {json.dumps(s)[1:-1].encode() for s in spelt}
    plain |= {quote(s).encode() for s in spelt} | {s.encode().hex().encode() for s in spelt}
    plain |= {repr(s.encode())[2:-1].encode() for s in spelt}
    shifted = {base64.b64encode(s.encode()[cut:])[:-4] for s in spelt for cut in range(3)}
    return {form.lower() for form in plain | {s for s in shifted if len(s) >= 8}}


def shown_in(haystack: bytes, marked: Marked) -> list[str]:
    """Which details can be read there."""
    small = haystack.lower()
    return [t for t in marked.texts() if any(form in small for form in forms(t))]


# The service, and all that it leaves behind


@dataclass
class Place:
    """A service under watch: what it said, and where to look."""

    environment: dict[str, str]
    schema: str
    dsn: str
    wal_from: str
    answers: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def tables(self, *schemas: str) -> bytes:
        """Every row of every table, as text."""
        listed = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)"
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(listed, [list(schemas)]).fetchall()
            assert found
            rows = (
                connection.execute(SQL("SELECT t::text FROM {} AS t").format(Identifier(*table)))
                for table in found
            )
            return "\n".join(text for each in rows for (text,) in each).encode()

    @property
    def homes(self) -> list[str]:
        return [self.schema, f"{self.schema}_keys", *(f"{self.schema}_{v}" for v in VIEWS)]

    def dump(self) -> bytes:
        """Of the log and its read models, as the guide to operating tells to make it."""
        schemas = [f"--schema={home}" for home in self.homes if not home.endswith("_keys")]
        program = wheel() / "pginstall" / "bin" / "pg_dump"
        done = subprocess.run([program, *schemas, self.dsn], capture_output=True, check=True)
        return done.stdout

    def server_files(self) -> tuple[bytes, bytes]:
        """(the write-ahead log since the beginning, what the server said)"""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            [(folder,)] = connection.execute("SHOW data_directory").fetchall()
            connection.execute("CHECKPOINT")
        segments = sorted((Path(folder) / "pg_wal").glob("0*"))
        written = [path.read_bytes() for path in segments if path.name >= self.wal_from]
        assert written
        return b"".join(written), (Path(folder).parent / "server.log").read_bytes()

    def everything(self) -> dict[str, bytes]:
        """All that is looked through, by what it is."""
        wal, server_log = self.server_files()
        return {
            "answers": b"\n".join(self.answers),
            "what was said": "\n".join(self.said).encode(),
            "tables": self.tables(*self.homes),
            "dump": self.dump(),
            "write-ahead log": wal,
            "server.log": server_log,
        }


@pytest.fixture
def place(postgres, empty, tmp_path) -> Iterator[Place]:
    tokens = tmp_path / "tokens"
    environment = os.environ | {"SOGOC_DATA": str(tmp_path), "SOGOC_TOKENS": str(tokens)}
    environment |= {"SOGOC_DSN": postgres.dsn, "SOGOC_SCHEMA": empty}
    here = "SELECT pg_walfile_name(pg_current_wal_insert_lsn())"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        [(segment,)] = connection.execute(here).fetchall()
    yield Place(environment, empty, postgres.dsn, segment)
    drop(postgres.dsn, empty)


@contextmanager
def served(place: Place) -> Iterator[httpx.Client]:
    """The running service; when it has ended, `said` has all that it wrote."""
    holders = {"all": frozenset(Right), "none": frozenset[Right]()}
    path = Path(place.environment["SOGOC_TOKENS"])
    given = {name: give_out(path, Holder(CLERK, rights)) for name, rights in holders.items()}
    place.environment["TOKEN"], place.environment["WEAK_TOKEN"] = given["all"], given["none"]
    port = free_port()
    process = sogoc_of_its_own("serve", "--port", str(port), environment=place.environment)
    try:
        transport = httpx.HTTPTransport(retries=30)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=60
        ) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        _, out, err = ended(process)
        place.said += [out, err]


def test_nothing_that_is_kept_or_told_shows_what_is_known_of_a_person(place, sogoc, monkeypatch):
    marked, control = Marked(), Marked()
    monkeypatch.setenv("SOGOC_DATA", place.environment["SOGOC_DATA"])
    with served(place) as client:
        through_http(place, client, marked)
        on_the_command_line(place, sogoc, marked)
        in_clear(place, client, control)
    for where, text in place.everything().items():
        assert shown_in(text, marked) == [], where
        assert control.word in shown_in(text, control), f"{where}: the search finds nothing at all"


def test_the_search_knows_a_text_however_it_is_written():
    marked = Marked()
    name = f"Nguyễn {marked.word.capitalize()}"
    for written in (
        name.upper().encode(),
        folded(name).encode(),
        unicodedata.normalize("NFD", name).encode(),
        json.dumps({"name": name}).encode(),
        quote(name).encode(),
        *(base64.b64encode(b"x" * cut + name.encode()) for cut in range(3)),
        name.encode().hex().encode(),
        repr(name.encode()).encode(),
    ):
        assert shown_in(b"..." + written + b"...", marked) == [marked.word], written
    assert shown_in(b"Nguy", marked) == []


def bearer(place: Place, token: str = "TOKEN") -> dict[str, str]:
    return {"Authorization": f"Bearer {place.environment[token]}"}


def through_http(place: Place, client: httpx.Client, marked: Marked) -> None:
    """Good and bad requests; whoever may see names sees them, and only that is not searched."""
    strong, weak = bearer(place), bearer(place, "WEAK_TOKEN")

    def post(path: str, body: Any, status: int, bearer: Any = strong, **more: str) -> Any:
        answer = client.post(path, json=body, headers=bearer | more)
        assert answer.status_code == status, answer.text
        place.answers.append(answer.content)
        return answer.json()

    def get(path: str, status: int, headers: dict[str, str] = strong, **asked: str) -> bytes:
        answer = client.get(path, params=asked, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.content

    def watched(path: str, status: int, headers: dict[str, str] = strong, **asked: str) -> None:
        place.answers.append(get(path, status, headers, **asked))

    name, details = marked.details["name"], marked.details
    key = {"Idempotency-Key": folded(name).replace(" ", "-")}
    entered = post("/v1/people", told_of(details=details), 201, **key)
    post("/v1/people", told_of(details=details), 201, **key)
    post("/v1/people", told_of(details=marked.renamed), 422, **key)
    id_ = entered["events"][0]["stream"]
    person = f"/v1/people/{id_}"
    post("/v1/people", told_of(details=details), 200, Prefer="dry-run")
    post("/v1/people", told_of(id=id_, details=marked.renamed), 409)
    post("/v1/people", told_of(details=details), 403, weak)
    post("/v1/people", told_of(details=details), 401, {})
    post("/v1/people", told_of(details=details | {"citizen_number": marked.place}), 422)
    post("/v1/people", told_of(details=details | {"birth_date": marked.word}), 422)
    post("/v1/people", told_of(details=details | {"sex": marked.word}), 422)
    post("/v1/people", told_of(details=details | {"of_minority": marked.word}), 422)
    post("/v1/people", told_of(details=details | {"phone": marked.word * 9}), 422)
    post("/v1/people", told_of(details=details | {"name": marked.word + "\u200b"}), 422)
    post("/v1/people", told_of(details=marked.word), 422)
    post("/v1/people", told_of(details=details) | {"basis": [], "reason": None}, 422)
    post(f"{person}/details", told_of("2025-08-01", details=marked.renamed), 201)
    post(f"{person}/details", told_of("2025-08-01", details=marked.renamed), 200)
    post(f"/v1/people/{NOBODY}/details", told_of(details=details), 404)
    broken = json.dumps(told_of(details=details))[:-1].encode()
    for content, headers in ((broken, {}), (broken, {"Content-Type": "text/plain"})):
        headers = strong | {"Content-Type": "application/json"} | headers
        place.answers.append(client.post("/v1/people", content=content, headers=headers).content)

    shown = get(person, 200, strong | PURPOSE)
    assert set(shown_in(shown, marked)) >= {marked.other_name, marked.card}
    found = get("/v1/people", 200, strong | PURPOSE, name=marked.other_name)
    assert shown_in(found, marked)
    get("/v1/people", 422, strong, name=name)
    watched(person, 200)
    watched("/v1/people", 422, strong, name=name)
    watched("/v1/people", 403, weak | PURPOSE, name=name)
    watched("/v1/people", 422, strong | PURPOSE, name=name, limit="many")
    watched(person, 403, weak | PURPOSE)
    watched(f"/v1/people/{quote(name)}", 422)
    watched(f"/v1/people/{quote(name)}/{quote(marked.place)}", 404)
    watched("/v1/units", 200, name=name)  # nothing is found, and the query is no word for a log
    for path in ("/v1/events", "/v1/audit", f"{person}/audit", f"{person}/readings", "/metrics"):
        watched(path, 200)
    post(f"{person}/holds", told_of(case="07-VV", body="Ủy ban Kiểm tra"), 201)
    order = told_of("2025-08-01", basis=[{"number": "05-QĐ/TU"}])
    post(f"{person}/destructions", order, 409)
    post(f"{person}/hold-liftings", told_of(case="07-VV", body="Ủy ban Kiểm tra"), 201)
    without_keys(place, lambda: post("/v1/people", told_of(details=details), 500))
    post(f"{person}/destructions", order, 201)
    post("/v1/people", told_of(details=details), 201)


def without_keys(place: Place, ask: Any) -> None:
    """What nobody foresaw: a fault in the middle of a command."""
    rename = f"ALTER TABLE {place.schema}_keys.{{}} RENAME TO {{}}"
    with psycopg.connect(place.dsn, autocommit=True) as connection:
        connection.execute(rename.format("keys", "hidden"))
        ask()
        connection.execute(rename.format("hidden", "keys"))


def on_the_command_line(place: Place, sogoc: Any, marked: Marked) -> None:
    """What it prints goes to the operator; names are among it with --names alone."""
    for line, code in (
        (marked.details, 0),
        (marked.details | {"citizen_number": marked.place}, 1),
        (marked.details | {"birth_date": marked.word}, 1),
        (marked.word, 1),
    ):
        given = json.dumps(line, ensure_ascii=False)
        done = sogoc("people", "register", "-", "--reason", "danh sách", stdin=given)
        assert done.code == code, done.err
        place.said += [done.out, done.err]
    for more in ([], ["--names"]):
        asked = ("people", "search", "-", "--purpose", "07-VV", *more)
        found = sogoc(*asked, stdin=f"{marked.word}\n")
        assert (found.code, bool(shown_in(found.out.encode(), marked))) == (0, bool(more))
        place.said += [found.err] if more else [found.out, found.err]
    for command in (["keys", "rotate"], ["keys", "sweep"], ["keys", "status"], ["audit"]):
        done = sogoc(*command)
        place.said += [done.out, done.err]


def in_clear(place: Place, client: httpx.Client, control: Marked) -> None:
    """What must be found, or the search is blind: an office's name, an address, a log line."""
    name = f"Xã {control.word.capitalize()}"
    facts = {"way": "entered", "level": "province", "type": "tinh", "name": name}
    answer = client.post("/v1/units", json=said(**facts), headers=bearer(place))
    assert answer.status_code == 201, answer.text
    place.answers.append(answer.content)
    client.get(f"/v1/units/{quote(name)}")  # the path is a line of the service's log
    with psycopg.connect(place.dsn, autocommit=True) as connection:
        connection.execute("DO $$ BEGIN RAISE LOG '%', '" + control.word + "'; END $$")
