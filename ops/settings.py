"""Where the register keeps its log: read once from the environment, then handed on."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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

    lag_limit_s: float = 60.0
    """How long an event may wait for the read models before the service calls itself degraded."""

    stall_limit_s: float = 30.0
    """How long nothing may move while an event waits, before the service counts as not ready."""

    append_deadline_s: float = 30.0
    """How long an append waits for its answer before its caller is told that nobody knows."""

    keys_dsn: str | None = None
    """libpq connection string of the server that keeps the keys of persons; None: the log's own."""

    master_key: str | None = field(default=None, repr=False)
    """The key that wraps those keys, 32 bytes in base64; None: it is in a file."""

    master_key_next: str | None = field(default=None, repr=False)
    """The one that is to follow it, while `sogoc keys rotate` is under way."""

    master_key_file: Path | None = None
    """None: `master.key` in the data folder, made at the first need."""

    @property
    def keys_schema(self) -> str:
        """The schema of the keys, on whichever server they are."""
        return f"{self.schema}_keys"

    def __post_init__(self) -> None:
        if not SCHEMA_NAME.fullmatch(self.schema):
            raise ValueError(
                f"SOGOC_SCHEMA: {self.schema!r} is no schema name;"
                " take small letters, digits and underscores, at most 63"
            )
        for name in ("lag_limit_s", "stall_limit_s", "append_deadline_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"SOGOC_{name.upper()}: take a number of seconds above 0")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read SOGOC_DSN, _DATA, _SCHEMA, _LAG_LIMIT_S, _STALL_LIMIT_S, _APPEND_DEADLINE_S.

        And _KEYS_DSN, _MASTER_KEY, _MASTER_KEY_NEXT and _MASTER_KEY_FILE.

        What is empty counts as not set. Raises ValueError on a value that cannot be used.
        """
        data = environment.get("SOGOC_DATA")
        master_key_file = environment.get("SOGOC_MASTER_KEY_FILE")
        return cls(
            data=Path(data).absolute() if data else default_data(environment, os.geteuid()),
            dsn=environment.get("SOGOC_DSN") or None,
            schema=environment.get("SOGOC_SCHEMA") or cls.schema,
            lag_limit_s=_seconds(environment.get("SOGOC_LAG_LIMIT_S") or cls.lag_limit_s),
            stall_limit_s=_seconds(environment.get("SOGOC_STALL_LIMIT_S") or cls.stall_limit_s),
            append_deadline_s=_seconds(
                environment.get("SOGOC_APPEND_DEADLINE_S") or cls.append_deadline_s
            ),
            keys_dsn=environment.get("SOGOC_KEYS_DSN") or None,
            master_key=environment.get("SOGOC_MASTER_KEY") or None,
            master_key_next=environment.get("SOGOC_MASTER_KEY_NEXT") or None,
            master_key_file=Path(master_key_file).absolute() if master_key_file else None,
        )


def _seconds(text: str | float) -> float:
    """NaN when it is no number: that is refused like any other value that cannot be used."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def default_data(environment: Mapping[str, str], user_id: int) -> Path:
    """Return the folder where this user's register lives when nothing else is said."""
    if user_id == 0:
        return Path("/var/lib/sogoc")
    share = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share).absolute() / "sogoc"
