"""Where the register keeps its log: read once from the environment, then handed on."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Settings:
    """What the register must be told before it can open its log."""

    data: Path
    """Folder of the embedded PostgreSQL; absolute; need not exist."""

    dsn: str | None = None
    """libpq connection string of another PostgreSQL; None starts the embedded one."""

    schema: str = "register"
    """Schema of the log's tables."""

    def __post_init__(self) -> None:
        if not SCHEMA_NAME.fullmatch(self.schema):
            raise ValueError(
                f"SOGOC_SCHEMA: {self.schema!r} is no schema name;"
                " take small letters, digits and underscores, at most 63"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read SOGOC_DSN, SOGOC_DATA and SOGOC_SCHEMA; an empty one counts as not set.

        Raises ValueError on a value that cannot be used.
        """
        data = environment.get("SOGOC_DATA")
        return cls(
            data=Path(data).absolute() if data else default_data(environment, os.geteuid()),
            dsn=environment.get("SOGOC_DSN") or None,
            schema=environment.get("SOGOC_SCHEMA") or cls.schema,
        )


def default_data(environment: Mapping[str, str], user_id: int) -> Path:
    """Return the folder where this user's register lives when nothing else is said."""
    if user_id == 0:
        return Path("/var/lib/sogoc")
    share = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share).absolute() / "sogoc"
