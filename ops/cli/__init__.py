"""The command line `sogoc`. A file for each subject; importing one adds its commands to the app."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any

import psycopg
import typer
from eventsourcing.persistence import PersistenceError
from typer.exceptions import TyperException

from domain.errors import RegisterError
from ops.cli import (
    auditing,
    crosswalking,
    demo,
    dossier_acts,
    dossier_reports,
    dossiers,
    explaining,
    feed,
    importing,
    keys,
    leading,
    members,
    migrating,
    organisations,
    parking,
    people,
    reporting,
    reviews,
    serving,
    tokens,
    units,
    verifying,
    views,
)
from ops.cli.app import app
from ops.cli.stopping import end_in_order
from ops.collecting import collect_seldom
from ops.logging import log_to_console
from ops.migrate import MigrationRefused, NotMigrated
from ops.server import ServerError
from projections.engine.faults import ViewOutdated, ViewStopped
from projections.rebuilding.rebuild import CannotSwitch

__all__ = [
    "auditing",
    "crosswalking",
    "demo",
    "dossier_acts",
    "dossier_reports",
    "dossiers",
    "explaining",
    "feed",
    "importing",
    "keys",
    "leading",
    "main",
    "members",
    "migrating",
    "organisations",
    "parking",
    "people",
    "reporting",
    "reviews",
    "serving",
    "tokens",
    "units",
    "verifying",
    "views",
]

INTERRUPTED = 130
SHOWN = ("field", "rule", "document")  # of the facts of a refusal


def main() -> None:
    """Run one command; refusals end it with one line on the standard error and exit code 1.

    What cannot be understood ends it with one line and exit code 2, a signal with 130.
    """
    _speak_utf8()
    collect_seldom()
    log_to_console()
    end_in_order()
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped", code=INTERRUPTED)
    except RegisterError as error:
        _fail(error.detail, error.facts)
    except ViewOutdated as error:
        _fail(f"{error}: `sogoc rebuild {error.view} --accept-differences`")
    except (ServerError, MigrationRefused, NotMigrated, ViewStopped, CannotSwitch) as error:
        _fail(str(error))
    except psycopg.errors.InsufficientPrivilege as error:
        _fail(f"this role of the database may not do that: {error.diag.message_primary}")
    except PersistenceError as error:
        _fail(f"the log cannot be reached, or not written to: {' '.join(str(error).split())}")
    except psycopg.OperationalError as error:
        _fail(f"the database does not answer: {' '.join(str(error).split())}")
    else:
        if code == INTERRUPTED:  # how typer tells of a KeyboardInterrupt
            _fail("stopped", code=INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _speak_utf8() -> None:
    """Vietnamese comes out whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def _misused(error: TyperException) -> None:
    words = error.format_message()
    if "\n" in words.strip() or not words.strip():  # the help, for want of arguments
        typer.echo(words, err=True)
        sys.exit(error.exit_code)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sogoc"
    _fail(f"{words.strip()} (see {command} --help)", code=error.exit_code)


def _fail(words: str, facts: Mapping[str, Any] | None = None, code: int = 1) -> None:
    named = [f"{name} {facts[name]}" for name in SHOWN if facts and name in facts]
    typer.echo(f"sogoc: {words}" + (f" ({', '.join(named)})" if named else ""), err=True)
    sys.exit(code)
