"""Events that views cannot take in, each in one of the steps; and what is decided about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from domain.read_model import ReadModel, read_model_id
from projections.catalogue import VIEWS
from projections.engine.view import Changes, Layout, Source, View
from services.record import to_event
from tests.logs import DAYS, PaperLog, envelope

STEPS = ("decoding", "folding", "laying out", "writing")


@dataclass
class Trouble:
    """What fails: positions with the step, and with the view where that is a matter of the view."""

    faults: dict[int, tuple[str, str]] = field(default_factory=dict)

    def source(self, log: PaperLog) -> Source:
        return Source(log, self.decode)

    @property
    def views(self) -> list[View]:
        """All views, in trouble."""
        return [self.view(view) for view in VIEWS.values()]

    def view(self, view: View) -> View:
        begin = view.begin
        return replace(
            view,
            begin=lambda reached: Odd(begin(reached), self, view),
            in_sql=None,
        )

    def decode(self, topic: str, record: bytes, position: int) -> Any:
        step, _ = self.faults.get(position, ("", ""))
        if step == "decoding":
            raise ValueError(f"no such letter at {position}")
        event = to_event(topic, record, position)
        if step == "folding":
            object.__setattr__(event, "mutate", self.fail)
        return event

    def fail(self, *_: object) -> None:
        raise LookupError("it does not follow")

    def stands(self, position: int, step: str, view: str) -> bool:
        return self.faults.get(position) == (step, view)


class Odd:
    """A layout that fails where it is told to."""

    def __init__(self, layout: Layout, trouble: Trouble, view: View) -> None:
        self._layout, self._trouble, self._view = layout, trouble, view
        self._refused: list[int] = []

    def before(self, event: Any, aggregate: Any) -> None:
        self._layout.before(event, aggregate)

    def after(self, event: Any, aggregate: Any) -> None:
        self._layout.after(event, aggregate)
        if self._trouble.stands(event.position, "laying out", self._view.name):
            raise ValueError("an odd one")
        if self._trouble.stands(event.position, "writing", self._view.name):
            self._refused.append(event.position)

    def changes(self, since: int) -> Changes:
        closed, added = self._layout.changes(since)
        if any(position > since for position in self._refused):
            added = [*added, ("\x00",) * len(self._view.columns)]
        return Changes(closed, added)


def decide(log: PaperLog, what: str, view: str, stream: UUID, position: int) -> None:
    """Record a decision: "retry" or "discard"."""
    read_model = log.node_or_none(read_model_id(view)) or ReadModel.of(view)
    because = envelope(DAYS[-1], basis=(), reason="đã sửa")
    getattr(read_model, what)(view, stream, position, because)
    log.append(read_model)
