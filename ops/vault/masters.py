"""The master key: where it comes from, and how it is made and replaced."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from services.sealing import KEY_BYTES, fingerprint, new_key
from services.vault import VaultLocked

NEXT, PREVIOUS = ".next", ".previous"


class MasterKeys:
    """The master keys that this process is given: by name of a variable, or in a file.

    While the master is being replaced there are two, and both are known. Nothing is remembered: a
    file that somebody has replaced counts at the next look.
    """

    def __init__(self, file: Path, given: str | None = None, given_next: str | None = None) -> None:
        """`given` and `given_next` are in base64, and come before the file."""
        self.file = file
        self._given = [text for text in (given, given_next) if text]

    @property
    def from_environment(self) -> bool:
        return bool(self._given)

    def known(self) -> dict[str, bytes]:
        """By fingerprint, the one to be used first of all. Raises VaultLocked."""
        if self._given:
            found = [_decoded(text, "SOGOC_MASTER_KEY") for text in self._given]
        else:
            files = (self.file, self._beside(NEXT))
            found = [key for file in files if (key := _read(file)) is not None]
        return {fingerprint(key): key for key in found}

    def first(self) -> tuple[str, bytes]:
        """The one to be used, made when no file is there. Raises VaultLocked."""
        if not self.known():
            _put_in_place(self.file, new_key())
        return next(iter(self.known().items()))

    def next(self) -> tuple[str, bytes]:
        """The one that is to follow; in a file it is made when it is not there yet.

        Raises VaultLocked.
        """
        if self._given and len(self._given) < 2:
            raise VaultLocked("Set SOGOC_MASTER_KEY_NEXT, and give it to every service first")
        if not self._given and not self._beside(NEXT).exists():
            _put_in_place(self._beside(NEXT), new_key())
        return list(self.known().items())[-1]

    def replaced(self) -> None:
        """Nothing is wrapped under the old one any more: the next one takes its place."""
        if not self._given and self._beside(NEXT).exists():
            with suppress(FileNotFoundError):  # stopped between the two before
                os.replace(self.file, self._beside(PREVIOUS))
            os.replace(self._beside(NEXT), self.file)

    def _beside(self, suffix: str) -> Path:
        return self.file.with_name(self.file.name + suffix)


def _read(file: Path) -> bytes | None:
    try:
        return _decoded(file.read_text("ascii"), str(file))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise VaultLocked(f"The master key in {file} cannot be read: {error}") from None


def _put_in_place(file: Path, key: bytes) -> None:
    """Whole or not at all, for this user only; nothing when another was quicker.

    Raises VaultLocked.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mode 0600
        try:
            with open(descriptor, "wb") as fresh:
                fresh.write(base64.b64encode(key) + b"\n")
                fresh.flush()
                os.fsync(descriptor)
            with suppress(FileExistsError):
                os.link(name, file)
        finally:
            os.unlink(name)
    except OSError as error:
        raise VaultLocked(f"The master key cannot be kept in {file}: {error.strerror}") from None


def _decoded(text: str, where: str) -> bytes:
    """Raises VaultLocked, which quotes nothing of the text."""
    with suppress(binascii.Error, ValueError):
        key = base64.b64decode(text.strip(), validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise VaultLocked(f"{where} holds no master key: it is {KEY_BYTES} bytes in base64")
