"""`sogoc token`: let somebody record over HTTP, and see names."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.envelope import Actor
from domain.errors import InvalidValue
from domain.names import refuse_improper_text
from ops.cli.app import app, settings
from ops.tokens import give_out, token_file
from services.access import Holder, Right


@app.command()
def token(
    actor: Annotated[str, typer.Argument(help="Id of an office or account; never a name.")],
    post: Annotated[str | None, typer.Option(help="The post in which it records.")] = None,
    may: Annotated[
        list[Right] | None,
        typer.Option(help="What it may do besides recording; may be repeated."),
    ] = None,
) -> None:
    """Make a bearer token for an office or account, and print it: it is told this once.

    Its SHA-256 is added to the file SOGOC_TOKENS, else `tokens` in the data folder; who serves from
    there knows it at once. To take a token back, delete its line. Reading what is known of persons
    needs see-names, changing it keep-people; who has read about whom is told to see-readings.
    """
    if not actor or any(map(str.isspace, actor)):
        raise InvalidValue("An id has no blanks", field="ACTOR")
    refuse_improper_text(post, "--post")
    if post is not None and (len(post.splitlines()) > 1 or post.lstrip().startswith("may=")):
        raise InvalidValue("A post is one line, and not a list of rights", field="--post")
    holder = Holder(Actor(actor, post), frozenset(may or []))
    typer.echo(give_out(token_file(settings().data), holder))
