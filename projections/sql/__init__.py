"""The statements of the views, one file each; names are put in as identifiers only."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from psycopg.sql import SQL, Composable, Composed


@cache
def script(name: str, package: str = __name__) -> bytes:
    """The statements of `name`.sql as they stand, for a schema set by the search path."""
    return files(package).joinpath(f"{name}.sql").read_bytes()


@cache
def _template(name: str, package: str) -> SQL:
    return SQL(script(name, package).decode())


def statement(name: str, package: str = __name__, /, **parts: Composable) -> Composed:
    """The statement of `name`.sql with these identifiers (or lists of them) in its braces."""
    return _template(name, package).format(**parts)
