"""Hold a server until standard input ends: python -m tests.ops.hold DATA [UID PROGRAMS].

Prints the server's process id and connection string once it runs. With UID it becomes that user
first, after everything is imported: the user need not be able to read Python or this file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ops.server import embedded


def become(user_id: int) -> None:
    os.chdir("/")
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)


def hold(data: Path, programs: Path | None) -> None:
    with embedded(data, parameters={"fsync": "off"}, programs=programs) as server:
        print(server.process_id, server.dsn, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    data, *other = sys.argv[1:]
    if other:
        become(int(other[0]))
    hold(Path(data), Path(other[1]) if other else None)
