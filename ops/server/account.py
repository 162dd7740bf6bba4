"""The operating system's user that the server runs as, and the files that are given to it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "sogoc"

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Account:
    """A user of this machine; `switch` when it is another than the one we run as."""

    user_id: int
    group_id: int
    switch: bool

    @classmethod
    def choose(cls, cluster: Path) -> Account:
        """Take ourselves; root takes the cluster's owner, or the user made for the purpose."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        with suppress(FileNotFoundError):
            there = cluster.stat()
            if there.st_uid != 0:
                return cls(there.st_uid, there.st_gid, switch=True)
        entry = _unprivileged_user()
        return cls(entry.pw_uid, entry.pw_gid, switch=True)

    def run(self, command: Command) -> subprocess.CompletedProcess[str]:
        """Run a program as this user and collect what it says. It must leave nothing running."""
        return subprocess.run(command, capture_output=True, text=True, **self._terms())

    def run_into(self, log: Path, command: Command) -> int:
        """Run a program whose children may outlive it; what it says is added to a file."""
        said = self.open(log, os.O_APPEND)
        try:
            terms = self._terms()
            return subprocess.run(command, stdout=said, stderr=said, **terms).returncode
        finally:
            os.close(said)

    def open(self, path: Path, flags: int = 0) -> int:
        """Open a file for reading and writing; one that is missing is made and given to the user.

        Only what was just made changes hands: a link laid in its place is refused or left alone.
        """
        while True:
            with suppress(FileNotFoundError):
                return os.open(path, os.O_RDWR | os.O_NOFOLLOW | flags)
            with suppress(FileExistsError):
                made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | flags, 0o600)
                self.own(made)
                return made

    def write(self, path: Path, text: str) -> None:
        """Replace a file of this user's whole."""
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(self.open(new), "w") as file:
            file.write(text)
        new.rename(path)

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only this user may enter. Raises FileExistsError."""
        folder.mkdir(mode=0o700)
        self.own(folder)

    def own(self, target: Path | int) -> None:
        """Give a file or folder that we have made to this user."""
        if self.switch:
            os.chown(target, self.user_id, self.group_id)

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this user gets through to a folder."""
        command: Command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]
        return not self.switch or self.run(command).returncode == 0

    def _terms(self) -> dict[str, Any]:
        # No PG* variable and no locale of the caller's may reach the server.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        terms: dict[str, Any] = {"env": environment, "stdin": subprocess.DEVNULL, "cwd": "/"}
        if self.switch:
            terms |= {"user": self.user_id, "group": self.group_id, "extra_groups": []}
        return terms


def _unprivileged_user() -> pwd.struct_passwd:
    """Return the user `sogoc`, made when missing; `nobody` where users cannot be made."""
    with suppress(KeyError):
        return pwd.getpwnam(NAME)
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd:
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, capture_output=True, check=False)
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return pwd.getpwnam("nobody")
