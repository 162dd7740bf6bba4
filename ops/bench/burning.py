"""Time of processors that work takes, ours and PostgreSQL's, seen from /proc.

What a clock says of long work depends on who else is busy; this hardly does. Of processes that have
ended, their parents keep the sum.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def burnt(connection: Connection[Any]) -> float:
    """Seconds until now of this process, of PostgreSQL, and of all below them.

    A server on another machine is not seen.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        (backend,) = cursor.execute("SELECT pg_backend_pid()").fetchall()[0]
    stats = dict(_stats())
    roots = {os.getpid()}
    if backend in stats and stats[backend][0] == "postgres":
        roots.add(stats[backend][1])
    children = defaultdict[int, list[int]](list)
    for process, (_, parent, _) in stats.items():
        children[parent].append(process)
    ticks, ahead = 0, list(roots)
    while ahead:
        process = ahead.pop()
        ticks += stats[process][2] if process in stats else 0
        ahead += [child for child in children[process] if child not in roots]
    return ticks / TICKS_A_SECOND


def _stats() -> list[tuple[int, tuple[str, int, int]]]:
    """(process, (its program, its parent, ticks of its own and of those it has seen end))."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text(errors="replace").rpartition(")")
        except OSError:  # it has ended meanwhile
            continue
        fields = rest.split()
        ticks = sum(int(field) for field in fields[11:15])
        found.append((int(stat.parent.name), (head.partition("(")[2], int(fields[1]), ticks)))
    return found
