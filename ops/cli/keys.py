"""`sogoc keys`: what operators do with the keys of persons, without ever seeing one."""

from __future__ import annotations

import typer

from ops.cli.app import As, app, register
from ops.cli.output import write
from ops.cli.stopping import resumable

STATUS = ("master_key", "is_current", "begun_at", "keys")

group = typer.Typer(no_args_is_help=True, help="The keys of persons, and the one that wraps them.")
app.add_typer(group, name="keys")


@group.command("status")
def status(format_: As = None) -> None:
    """List the master keys by fingerprint, with how many keys are wrapped under each."""
    with register() as wiring:
        rows = wiring.vault.masters()
    write(rows, format_, STATUS)


@group.command("rotate", epilog="Example: sogoc keys rotate")
def rotate() -> None:
    """Wrap all keys under another master key; no event changes. Services go on meanwhile.

    May be stopped, and goes on from there. A master key in a file is made and put in its place; the
    old one stays beside it as `.previous`, to be destroyed once no backup needs it. Given by
    SOGOC_MASTER_KEY, set SOGOC_MASTER_KEY_NEXT in every service first.
    """
    with register() as wiring, resumable():
        wrapped = sum(wiring.vault.rotate())
        typer.echo(f"{wrapped} keys wrapped anew.")


@group.command("sweep", epilog="Example: sogoc keys sweep")
def sweep() -> None:
    """Finish what was stopped: destroy what is on record as destroyed, drop keys without a person.

    To be run after a restore of the keys. Writes only the keys; safe to stop and to repeat.
    """
    with register() as wiring:
        destroyed, orphans = wiring.people.sweep()
    typer.echo(f"{destroyed} keys destroyed that had been ordered to be, {orphans} left over.")
