"""Long work whose answer somebody does not wait for: how far it is, and what became of it.

Known to the process that does the work. What was carried out stands in the log, so that nothing
is lost with this.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

import structlog

from domain.errors import RegisterError, WrongState

KEPT_MAX = 200
Work = Callable[["Job"], None]

_log = structlog.get_logger("api.jobs")


@dataclass
class Job:
    """The carrying out of one dossier."""

    id: UUID
    operations: int
    state: str = "under-way"
    decided: int = 0
    refused: RegisterError | None = None

    def progress(self, decided: int) -> None:
        self.decided = decided


class Jobs:
    """One at a time: each keeps a processor and the log busy by itself."""

    def __init__(self) -> None:
        self._jobs: dict[UUID, Job] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, "dossiers")

    def begin(self, id_: UUID, operations: int, work: Work) -> Job:
        """Raises WrongState while one of the same dossier is under way."""
        job = Job(id_, operations)
        with self._lock:
            before = self._jobs.pop(id_, None)
            if before is not None and before.state == "under-way":
                self._jobs[id_] = before
                raise WrongState("It is being carried out", field="state", id=str(id_))
            self._jobs[id_] = job
            for old in [i for i, j in self._jobs.items() if j.state != "under-way"][:-KEPT_MAX]:
                del self._jobs[old]
        self._pool.submit(contextvars.copy_context().run, _do, job, work)
        return job

    def of(self, id_: UUID) -> Job | None:
        return self._jobs.get(id_)

    def close(self) -> None:
        """Let what is under way end, and begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _do(job: Job, work: Work) -> None:
    try:
        work(job)
    except RegisterError as error:
        job.refused, job.state = error, "refused"
    except Exception as error:
        _log.error("job.failed", dossier=str(job.id), exc_info=error)
        job.refused, job.state = RegisterError("It failed; nothing was recorded"), "refused"
    else:
        job.state = "done"


def progress_of(job: Job) -> dict[str, Any]:
    """As the model `Progress` has it."""
    return {
        "id": job.id,
        "state": job.state,
        "decided": job.decided,
        "operations": job.operations,
        "position": None,
        "problem": _problem(job.refused) if job.refused else None,
    }


def _problem(error: RegisterError) -> dict[str, Any]:
    told = {"type": f"/problems/{error.code}", "title": error.title, "detail": error.detail}
    return error.facts | told
