"""One event, one line of JSON, with the request it belongs to."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from ops.logging import log_as_json, log_to_console


@pytest.fixture(autouse=True)
def _as_it_was():
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def test_a_service_writes_one_line_of_json_with_the_request(capsys):
    log_as_json()
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("api").info("unit.renamed", name="xã Bình An", position=7)
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said.pop("at").endswith("Z")
    assert said == {
        "event": "unit.renamed",
        "name": "xã Bình An",
        "position": 7,
        "request_id": "r-1",
        "level": "info",
        "logger": "api",
    }


def test_libraries_speak_the_same_way_and_an_error_brings_its_trace(capsys):
    log_as_json()
    try:
        raise LookupError("lost")
    except LookupError:
        logging.getLogger("library").exception("failed")
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said["event"] == "failed"
    assert said["exception"][0]["exc_type"] == "LookupError"


def test_an_error_does_not_bring_the_values_that_the_code_held(capsys):
    log_as_json()
    birth_date = "1970-01-01"
    try:
        raise LookupError(birth_date[:0] or "lost")
    except LookupError:
        structlog.get_logger("library").exception("failed")
    assert birth_date not in capsys.readouterr().err


def test_the_command_line_is_quiet_unless_something_is_wrong(capsys):
    log_to_console()
    structlog.get_logger("ops").info("fine")
    structlog.get_logger("ops").warning("view.behind", lag=3)
    said = capsys.readouterr().err
    assert "fine" not in said
    assert "view.behind" in said
