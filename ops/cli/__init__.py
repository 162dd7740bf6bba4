"""The command line `sogoc`. A file for each subject; importing one adds its commands to the app."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import psycopg
import typer

from domain.errors import RegisterError
from ops.cli import demo, importing, serving
from ops.cli.app import app
from ops.logging import log_to_console
from ops.migrate import MigrationRefused
from ops.server import ServerError
from projections.engine import ViewOutdated

__all__ = ["demo", "importing", "main", "serving"]

SHOWN = ("field", "rule", "document")  # of the facts of a refusal


def main() -> None:
    """Run one command; refusals end it with one line on the standard error and exit code 1."""
    log_to_console()
    try:
        app()
    except RegisterError as error:
        _fail(error.detail, error.facts)
    except (ServerError, MigrationRefused, ViewOutdated) as error:
        _fail(str(error))
    except psycopg.OperationalError as error:
        _fail(f"the database does not answer: {' '.join(str(error).split())}")


def _fail(words: str, facts: Mapping[str, Any] | None = None) -> None:
    named = [f"{name} {facts[name]}" for name in SHOWN if facts and name in facts]
    typer.echo(f"sogoc: {words}" + (f" ({', '.join(named)})" if named else ""), err=True)
    sys.exit(1)
