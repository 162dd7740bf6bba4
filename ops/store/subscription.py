"""A feed that waits: woken by the append's NOTIFY, and looking by itself as well."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Thread
from typing import Any

import psycopg
from eventsourcing.persistence import ApplicationRecorder, ListenNotifySubscription
from psycopg.sql import SQL, Identifier

POLL_S = 1.0  # a NOTIFY is lost with its connection; nothing may wait longer than this for it
STOP_S = 0.1
RECONNECT_S = 0.5


class LogSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Events after a position, those to come included. Use it in a `with` block."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        dsn: str,
        channel: str,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        self._dsn, self._channel = dsn, channel
        self._stopping = Event()
        super().__init__(recorder, gt, topics)
        self._listen_thread = Thread(target=self._listen)
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def stop(self) -> None:
        self._stopping.set()
        super().stop()

    def _loop_on_pull(self) -> None:
        try:
            while not self._has_been_stopped:
                self._pull()
                self._has_been_notified.wait(POLL_S)
        except BaseException as error:
            self._thread_error = self._thread_error or error
            self.stop()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen_once()
            except psycopg.OperationalError:
                self._stopping.wait(RECONNECT_S)  # the other thread goes on looking meanwhile

    def _listen_once(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
            self._has_been_notified.set()  # what came before LISTEN was heard
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=STOP_S, stop_after=1):
                    self._has_been_notified.set()
