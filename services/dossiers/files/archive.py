"""A ZIP archive, held to sizes before anything of it is unpacked.

The size that an archive declares for a member is the most that is ever unpacked of it
(zipfile stops there), so the sum of these is a bound.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from services.dossiers.files.gathered import UNPACKED_BYTES_MAX, Gathered, Unreadable

_MEMBERS_MAX = 1_000
_ENCRYPTED = 0x1
_MANIFEST = "[Content_Types].xml"

DAMAGED = (
    BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    LookupError,
    ValueError,
    RuntimeError,
    OSError,
)
"""What a corrupt archive, or a corrupt part of it, raises while it is read."""


def opened(archive: ZipFile) -> bool:
    """Whether it is a workbook. Raises Unreadable when it is too large, or encrypted."""
    infos = archive.infolist()
    if len(infos) > _MEMBERS_MAX:
        raise Unreadable("too-large", f"it holds more than {_MEMBERS_MAX:,} files")
    if sum(info.file_size for info in infos) > UNPACKED_BYTES_MAX:
        words = f"unpacked, it would have more than {UNPACKED_BYTES_MAX // 2**20} MB"
        raise Unreadable("too-large", words)
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise Unreadable("encrypted", "it is encrypted; save it without a password")
    return _MANIFEST in archive.namelist()


def members(archive: ZipFile, gathered: Gathered) -> Iterator[tuple[str, bytes]]:
    """(name without folders, content) of what is not hidden; nothing is written anywhere."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        parts = [part for part in path.parts if part != ".."]
        if info.is_dir() or any(part.startswith((".", "__MACOSX", "~")) for part in parts):
            continue
        try:
            content = archive.read(info) if path.suffix.lower() == ".csv" else b""
        except DAMAGED as error:
            words = f"it is damaged: {error}"
            gathered.error(path.name, "", 0, "file", "file-kind", words)
            continue
        yield path.name, content
