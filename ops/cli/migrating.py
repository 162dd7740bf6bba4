"""`sogoc migrate` and `sogoc epoch`: what the owner of the log does with it, by hand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from domain.names import refuse_improper_text
from ops.cli.app import As, app, register, settings
from ops.cli.output import write
from ops.epochs import begin_epoch, epochs
from ops.grants import grant_service, grant_vault
from ops.migrate import migrate as apply_migrations
from ops.server import database
from ops.vault.opening import migrate_vault

COLUMNS = ("number", "epoch", "position", "begun_at", "begun_by", "reason")


@app.command(epilog="Example: sogoc migrate --service sogoc_service")
def migrate(
    service: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE", help="Grant this role of the database what `sogoc serve` needs."
        ),
    ] = None,
) -> None:
    """Bring the tables of the log and of the keys up to date with this release.

    One transaction for each migration; may be stopped and run again. `import`, `demo` and `serve`
    do the same when they may; nothing else does.
    """
    chosen = settings()
    with database(chosen) as dsn:
        applied = apply_migrations(dsn, chosen.schema)
        typer.echo(f"Applied {', '.join(applied)}." if applied else "Nothing to do.")
        if of_keys := migrate_vault(chosen, dsn):
            typer.echo(f"For the keys of persons: applied {', '.join(of_keys)}.")
        if service is not None:
            grant_service(dsn, chosen.schema, service)
            grant_vault(chosen.keys_dsn or dsn, chosen.keys_schema, service)
            typer.echo(f"{service} may record and keep the read models level.")


@app.command(epilog="Example: sogoc epoch --new --reason 'restored from the backup of 20/11/2026'")
def epoch(
    new: Annotated[bool, typer.Option("--new", help="Begin another one.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; kept for ever.")] = None,
    format_: As = None,
) -> None:
    """Show the epochs of the log, each with the last position that it shares with the one before.

    After a restore that may have lost the end of the log begin a new one: what was read at a
    position of the old one is then refused, instead of being taken for another event.
    """
    if new != (reason is not None):
        raise typer.BadParameter("--new and --reason go together")
    refuse_improper_text(reason, "--reason")
    with register() as wiring:
        dsn, schema = wiring.dsn, wiring.settings.schema
        if reason is not None:
            begin_epoch(dsn, schema, reason)
        rows: list[dict[str, Any]] = epochs(dsn, schema)
    write(rows, format_, COLUMNS)
