"""The file of those who may record and see: read again when it changes, without a restart."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

import structlog

from domain.errors import InvalidValue
from services.access import Holder, Tokens

log = structlog.get_logger()


class TokenFile:
    """Access by a file as `Tokens.read` reads it; without the file nobody may record."""

    def __init__(self, path: Path) -> None:
        """Raises InvalidValue when the file is there and cannot be read or understood."""
        self._path = path
        self._read_at: int | None = None
        self._tokens = Tokens({})
        self._refresh()

    def authenticate(self, token: str) -> Holder | None:
        try:
            self._refresh()
        except InvalidValue as error:  # half edited: those who were known stay so
            log.warning("tokens.unreadable", file=str(self._path), why=error.detail)
        return self._tokens.authenticate(token)

    def _refresh(self) -> None:
        try:
            written_at = self._path.stat().st_mtime_ns
            if written_at != self._read_at:
                self._tokens = Tokens.read(self._path.read_text("utf-8"))
                self._read_at = written_at
        except FileNotFoundError:
            self._tokens, self._read_at = Tokens({}), None
        except (OSError, ValueError) as error:
            raise InvalidValue(f"{self._path}: {error}", field="SOGOC_TOKENS") from None


def token_file(data: Path) -> Path:
    """SOGOC_TOKENS, else the file `tokens` in the data folder."""
    return Path(os.environ.get("SOGOC_TOKENS") or data / "tokens")


def give_out(path: Path, holder: Holder) -> str:
    """Make a token for `holder`, keep its digest in the file, and return it: it is told once."""
    token = secrets.token_urlsafe(32)
    digest = sha256(token.encode()).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(descriptor, "a", encoding="utf-8") as file:
        file.write(f"{digest} {holder.line()}\n")
    return token
