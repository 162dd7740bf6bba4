"""Settings are read from the environment once, and what cannot be used is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.settings import Settings, default_data


def test_nothing_said_takes_the_embedded_server_in_the_users_folder():
    settings = Settings.from_environment({})
    assert settings.dsn is None
    assert settings.schema == "register"
    assert settings.data.is_absolute()


def test_what_is_said_counts():
    environment = {"SOGOC_DSN": "dbname=x", "SOGOC_DATA": "here", "SOGOC_SCHEMA": "goc"}
    settings = Settings.from_environment(environment)
    assert settings == Settings(data=Path.cwd() / "here", dsn="dbname=x", schema="goc")


def test_what_is_empty_counts_as_not_said():
    empty = dict.fromkeys(["SOGOC_DSN", "SOGOC_DATA", "SOGOC_SCHEMA"], "")
    assert Settings.from_environment(empty) == Settings.from_environment({})


def test_root_has_a_folder_of_the_system_and_others_one_of_their_own():
    assert default_data({}, user_id=0) == Path("/var/lib/sogoc")
    assert default_data({"XDG_DATA_HOME": "/srv/share"}, user_id=7) == Path("/srv/share/sogoc")
    assert default_data({}, user_id=7) == Path.home() / ".local" / "share" / "sogoc"


@pytest.mark.parametrize("schema", ["Register", "sổ", "a b", "1st", 'x"', "x" * 64])
def test_a_schema_that_is_no_plain_name_is_refused(schema):
    with pytest.raises(ValueError, match="SOGOC_SCHEMA"):
        Settings.from_environment({"SOGOC_SCHEMA": schema})


LIMITS = {"SOGOC_LAG_LIMIT_S": 60, "SOGOC_STALL_LIMIT_S": 30, "SOGOC_APPEND_DEADLINE_S": 30}


@pytest.mark.parametrize("name", LIMITS)
def test_how_long_the_read_models_may_take_is_a_setting(name):
    field = name.removeprefix("SOGOC_").lower()
    assert getattr(Settings.from_environment({name: "2.5"}), field) == 2.5
    assert getattr(Settings.from_environment({name: ""}), field) == LIMITS[name]


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("limit", ["0", "-1", "soon", "nan", "inf"])
def test_a_limit_that_is_no_time_is_refused(name, limit):
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: limit})
