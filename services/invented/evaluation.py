"""How the communes did in a year, invented: one round for each province, within its ceiling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from domain.envelope import Actor, Authority, Envelope
from domain.evaluation.parts import Decision, Subject
from projections.organisations import Organisation
from services.commands import Command
from services.evaluation import CloseRound, DecideLevels, ListSubjects, OpenRound, round_id
from services.invented.leaders import ACTOR, BASIS, REASON, Led

YEAR = 2025
OPENED, DECIDED, CLOSED = date(2025, 11, 20), date(2025, 12, 20), date(2025, 12, 31)
GROUP = "đảng bộ xã, phường, đặc khu"
SECOND = Actor("demo-2")  # who opens a round does not decide in it alone
GOOD = ("all_tasks_done", "on_time_with_quality")
BETTER = ("beyond_requirement", "shortcomings_corrected", "nobody_disciplined")
CONDITIONS = {
    "excellent": GOOD + BETTER,
    "good": GOOD,
    "completed": ("all_tasks_done", "few_tasks_late"),
    "not_completed": (),
}
POINTS = {
    "excellent": (9000, 9800),
    "good": (7000, 8999),
    "completed": (5000, 6999),
    "not_completed": (3500, 4999),
}
"""From and to, in hundredths of a point."""

EXCELLENT_SHARE, COMPLETED_SHARE, NOT_SHARE = 0.15, 0.12, 0.02
"""Of all: fewer excellent ones than the ceiling allows, as a fifth of those rated good is more."""


def rounds(after: Sequence[Led]) -> Iterator[list[Command]]:
    """The commands of each province's round, to be carried out in one transaction."""
    under: dict[UUID, list[Organisation]] = defaultdict(list)
    for led in after:
        if led.organisation.superior_id is not None:
            under[led.organisation.superior_id].append(led.organisation)
    for province_id, communes in under.items():
        yield _round(province_id, communes)


def _round(province_id: UUID, communes: Sequence[Organisation]) -> list[Command]:
    id_ = round_id(str(YEAR), province_id, GROUP)
    ids = [commune.organisation_id for commune in communes]
    about: dict[str, Any] = {"id": id_}
    opening = about | {"envelope": _envelope(province_id, OPENED, SECOND)}
    named: dict[str, Any] = {"period": str(YEAR), "decider_id": province_id, "group": GROUP}
    return [
        OpenRound(subjects_are="organisation", **named, **opening),
        ListSubjects(subjects=tuple(map(Subject, ids)), **opening),
        DecideLevels(
            decisions=_decisions(province_id, ids),
            envelope=_envelope(province_id, DECIDED, ACTOR),
            **about,
        ),
        CloseRound(envelope=_envelope(province_id, CLOSED, SECOND), **about),
    ]


def _decisions(province_id: UUID, ids: Sequence[UUID]) -> tuple[Decision, ...]:
    chance = Random(str(province_id))
    excellent = int(len(ids) * EXCELLENT_SHARE)
    completed, not_completed = round(len(ids) * COMPLETED_SHARE), int(len(ids) * NOT_SHARE)
    levels = ["excellent"] * excellent + ["completed"] * completed
    levels += ["not_completed"] * not_completed
    levels += ["good"] * (len(ids) - len(levels))
    chance.shuffle(levels)
    return tuple(
        Decision(id_, level, chance.randint(*POINTS[level]), CONDITIONS[level])
        for id_, level in zip(ids, levels, strict=True)
    )


def _envelope(province_id: UUID, on: date, actor: Actor) -> Envelope:
    authority = Authority("Ban Thường vụ cấp ủy cấp trên", province_id)
    return Envelope(on, None, actor, authority, (BASIS,), REASON)
