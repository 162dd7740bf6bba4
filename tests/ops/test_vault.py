"""The vault by itself: master keys, their replacement under way, and what rows give away."""

from __future__ import annotations

import base64
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest

from domain.person import Receipt
from ops.pools import open_pool
from ops.settings import Settings
from ops.vault import KeyVault, MasterKeys
from ops.vault.masters import NEXT, PREVIOUS
from ops.vault.opening import master_keys, vault_on
from services.sealing import SealBroken, fingerprint
from services.vault import VaultLocked
from tests.vaults import MASTER_KEY, vault_beside

SPACE = UUID("01980000-0000-8000-8000-0000000000bb")
ONE, TWO = (base64.b64encode(bytes([fill]) * 32).decode() for fill in (1, 2))


def ids(count: int) -> list[UUID]:
    return sorted(uuid5(SPACE, str(n)) for n in range(count))


@pytest.fixture
def settings(postgres, schema, tmp_path) -> Settings:
    """A vault whose master key is in a file of this folder."""
    return Settings(tmp_path, postgres.dsn, schema)


@pytest.fixture
def vault(settings, postgres, schema) -> Iterator[KeyVault]:
    with vault_beside(postgres.dsn, schema, settings) as opened:
        yield opened


@pytest.fixture
def another(settings, postgres, vault) -> Iterator[Any]:
    """Other processes with the same vault, that remember nothing of this one."""
    with open_pool(postgres.dsn) as pool:
        yield lambda **more: vault_on(pool, replace(settings, **more))


def rows(settings: Settings, table: str) -> list[Any]:
    assert settings.dsn
    with psycopg.connect(settings.dsn) as connection:
        return connection.execute(f"SELECT * FROM {settings.keys_schema}.{table}").fetchall()


# Master keys


def test_a_master_key_is_made_at_the_first_need_and_not_before(vault, settings):
    file = settings.data / "master.key"
    assert vault.keys(ids(1)) == {}
    assert not file.exists()
    vault.make({ids(1)[0]: []})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(file.read_text())) == 32
    assert [path.name for path in settings.data.iterdir()] == ["master.key"]


def test_many_who_need_the_first_one_at_once_make_one(vault, another):
    made: list[dict[UUID, Any]] = []

    def make() -> None:
        made.append(another().make({ids(1)[0]: ["an"]}))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert all(each == made[0] for each in made)
    assert vault.bearers(["an"], None, 10) == ids(1)


def test_one_that_is_given_comes_before_the_file(tmp_path):
    MasterKeys(tmp_path / "k").first()
    given = MasterKeys(tmp_path / "k", ONE)
    assert list(given.known()) == [fingerprint(bytes([1]) * 32)]


@pytest.mark.parametrize("text", ["", "SECRET", ONE[:-4], "ü"])
def test_what_is_no_master_key_is_refused_and_not_quoted(tmp_path, text):
    file = tmp_path / "k"
    file.write_text(text, "utf-8")
    with pytest.raises(VaultLocked) as refusal:
        MasterKeys(file).first()
    assert "SECRET" not in str(refusal.value)
    assert file.read_text("utf-8") == text


def test_a_file_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultLocked, match="cannot be"):
        MasterKeys(tmp_path / "file" / "k").first()


def test_settings_tell_where_the_master_key_is_and_never_what_it_is():
    given = {"SOGOC_MASTER_KEY": ONE, "SOGOC_MASTER_KEY_NEXT": TWO, "SOGOC_KEYS_DSN": "host=k"}
    settings = Settings.from_environment(given)
    assert list(master_keys(settings).known()) == [
        fingerprint(bytes([1]) * 32),
        fingerprint(bytes([2]) * 32),
    ]
    assert ONE not in repr(settings)
    assert settings.keys_dsn == "host=k"
    in_file = Settings.from_environment({"SOGOC_MASTER_KEY_FILE": "/etc/sogoc/k"})
    assert master_keys(in_file).file == Path("/etc/sogoc/k")


# What is in the tables


def test_keys_are_there_wrapped_only(vault, settings):
    [key] = vault.make({ids(1)[0]: ["nguyen"]}).values()
    text = str(rows(settings, "keys")) + str(rows(settings, "secrets"))
    assert key.secret.hex() not in text
    assert repr(key.secret)[2:-1] not in text
    assert "nguyen" not in text
    assert repr(key) == "PersonKey(generation=1)"


def test_the_wrapped_key_of_another_person_does_not_open(vault, settings):
    first, second = ids(2)
    vault.make({first: [], second: []})
    with psycopg.connect(settings.dsn) as connection:
        swap = "UPDATE {0}.keys SET wrapped = (SELECT wrapped FROM {0}.keys WHERE person_id = %s)"
        connection.execute(swap.format(settings.keys_schema), [second])
    with pytest.raises(SealBroken):
        vault.keys([first])


def test_words_are_found_together_and_added_once(vault, settings):
    first, second = ids(2)
    vault.make({first: ["an", "binh"], second: ["an"]})
    vault.add_words(second, ["cu", "an"])
    vault.add_words(second, ["cu"])
    assert vault.bearers(["an"], None, 10) == [first, second]
    assert vault.bearers(["an"], first, 10) == [second]
    assert vault.bearers(["an", "cu"], None, 10) == [second]
    assert vault.bearers(["an"], None, 1) == [first]
    assert sorted(len(row[4]) for row in rows(settings, "keys")) == [2, 2]


def test_a_destroyed_key_takes_its_words_along_and_is_noted_once(vault, settings):
    [id_] = ids(1)
    vault.make({id_: ["an"]})
    for _ in range(2):
        vault.destroy(id_, Receipt("ab" * 32, 1))
    assert rows(settings, "keys") == []
    assert vault.bearers(["an"], None, 10) == []
    assert [row[:3] for row in rows(settings, "destructions")] == [(id_, "ab" * 32, 1)]


# Another master key


def crowd(vault: KeyVault, count: int = 2500) -> dict[UUID, Any]:
    made: dict[UUID, Any] = vault.make({id_: [f"w{n % 7}"] for n, id_ in enumerate(ids(count))})
    return made


def test_all_is_wrapped_anew_and_opens_as_before(vault, another, settings):
    kept, digest = crowd(vault), vault.digest(b"x")
    assert list(vault.rotate()) == [1000, 1000, 500]
    assert vault.keys(ids(2500)) == kept
    (settings.data / f"master.key{PREVIOUS}").unlink()
    fresh = another()
    assert fresh.keys(ids(2500)) == kept
    assert fresh.digest(b"x") == digest
    assert len(fresh.bearers(["w3"], None, 5000)) == len(vault.bearers(["w3"], None, 5000)) == 357


@pytest.mark.parametrize("portions", [0, 1, 2, 3])
def test_a_rotation_that_was_stopped_goes_on_from_there(vault, another, settings, portions):
    kept = crowd(vault)
    under_way = vault.rotate()
    for _ in range(portions):
        next(under_way)
    under_way.close()
    assert another().keys(ids(2500)) == kept
    assert sum(another().rotate()) == 2500 - min(portions * 1000, 2500)
    assert another().keys(ids(2500)) == kept
    assert not (settings.data / f"master.key{NEXT}").exists()
    assert len({row[2] for row in rows(settings, "keys")}) == 1


def test_one_that_was_stopped_between_two_files_goes_on(vault, another, settings):
    kept = crowd(vault, 3)
    assert sum(vault.rotate()) == 3
    file = settings.data / "master.key"
    file.rename(settings.data / f"master.key{NEXT}")  # the old one was moved away, no more
    assert another().keys(ids(3)) == kept
    assert sum(another().rotate()) == 0
    assert another().keys(ids(3)) == kept
    assert file.exists()


def test_services_make_and_read_keys_while_the_master_is_replaced(vault, another, settings):
    kept = crowd(vault)
    service, later = another(), uuid5(SPACE, "later")
    assert service.keys(ids(1))  # it remembers the old one
    under_way = vault.rotate()
    next(under_way)
    kept |= service.make({later: ["w3"]})
    assert service.keys(list(kept)) == kept
    assert sum(under_way) == 1500
    assert another().keys(list(kept)) == kept


def test_given_by_variables_the_next_one_must_be_given_too(vault, another, settings):
    given = another(master_key=ONE)
    kept = given.make({ids(1)[0]: []})
    with pytest.raises(VaultLocked, match="SOGOC_MASTER_KEY_NEXT"):
        list(given.rotate())
    both = another(master_key=ONE, master_key_next=TWO)
    assert list(both.rotate()) == [1]
    assert list(both.rotate()) == []
    assert another(master_key=TWO).keys(ids(1)) == kept
    with pytest.raises(VaultLocked, match="was not given"):
        another(master_key=ONE).keys(ids(1))
    assert not (settings.data / "master.key").exists()


def test_another_master_key_never_wraps_beside_the_first(vault, another):
    another(master_key=MASTER_KEY).make({ids(1)[0]: []})
    with pytest.raises(VaultLocked):
        another(master_key=TWO).make({ids(2)[1]: []})
