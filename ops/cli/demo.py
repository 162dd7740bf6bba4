"""`sogoc demo`: the whole register at work on the reorganisation of 1 July 2025."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from domain.envelope import Actor
from domain.unit import AdministrativeUnit
from ops.cli import serving
from ops.cli.app import app, settings
from ops.cli.dossier_told import completed
from ops.cli.filling import fill_and_tell
from ops.cli.importing import abreast, bars, checked_or_exit, told
from ops.cli.output import console
from ops.cli.stopping import resumable
from ops.wiring import Wiring, opened
from projections.catalogue import VIEWS
from projections.engine.marks import marks
from projections.holdings import Holdings
from projections.nodes import Filters
from projections.organisations import Organisations
from projections.point import Point
from projections.seats import SeatPlans
from projections.units import Unit, Units
from services.crosswalk import CrosswalkLine, crosswalk
from services.dossiers.rehearsals import dossier_named
from services.invented import evaluation
from services.invented.recording import (
    Entered,
    record_leaders_of_the_day,
    record_leaders_of_the_eve,
)
from services.merits import summaries
from services.patterns import TYPE_WORDS
from services.reading import Reading
from services.reorganisation import Imported, carry_out_dossiers, record_opening
from services.reorganisation.dossiers import key_of
from services.reorganisation.importing import ACTS
from services.reorganisation.reading import Lists
from services.reorganisation.terms import REORGANISATION
from services.telling import term
from services.vault import Reader
from services.why import Why, why

BEFORE, AFTER = REORGANISATION - timedelta(days=1), REORGANISATION
MEASURED_PROVINCE = "25"  # Phú Thọ: 148 communes, a quarter of a million members
LED = "00004"  # Phường Ba Đình
LEADING = (
    "executive_committee.secretary",
    "executive_committee.standing_deputy_secretary",
    "executive_committee.deputy_secretary",
    "people_council.chair",
    "people_committee.chair",
    "inspection_committee.chair",
)
DUE_ON = date(2025, 7, 25)
DIVIDED = "00007"  # Phường Cống Vị went to two new wards
LEVELS = {"province": "provinces", "district": "districts", "commune": "communes"}
Serve = Annotated[bool, typer.Option(help="Go on serving on 127.0.0.1 after the tour.")]


class Scale(StrEnum):
    """How far below the communes the register is filled."""

    COMMUNES = "communes"
    PROVINCE = "province"
    COUNTRY = "country"


@app.command()
def demo(
    serve: Serve = True,
    port: serving.Port = 8000,
    scale: Annotated[
        Scale,
        typer.Option(
            help="Fill a province (some 256,000 members) or the country (5.6 million), to measure."
        ),
    ] = Scale.COMMUNES,
) -> None:
    """Record the reorganisation of 1 July 2025, show what came of it, and serve it.

    Who leads the provinces and communes is invented. May be stopped and run again: it goes on where
    it stopped.
    """
    began = time.monotonic()
    out = console()
    listening = serving.listen(port) if serve else None
    lists = checked_or_exit(None)
    chosen = settings()
    out.print(f"Sổ Gốc keeps its log in {_place(chosen.dsn, str(chosen.data))}.", soft_wrap=True)
    with opened(chosen, migrating=True) as wiring:
        with resumable(), bars() as progress:
            done = reorganised(wiring, lists, progress)
        out.print("\n".join(_done(done)), soft_wrap=True)
        if scale is not Scale.COMMUNES:
            fill_and_tell(wiring, None if scale is Scale.COUNTRY else MEASURED_PROVINCE, out)
        tour(wiring, out)
        out.print(f"\nDone in {time.monotonic() - began:.1f} s. Come back with: {_called()} demo")
        if listening is not None:
            with suppress(KeyboardInterrupt):  # as soon as one has read that one may
                out.print(f"Serving {serving.address(listening)} until Ctrl-C.")
                serving.run(wiring, listening)
            out.print("Stopped.")


@dataclass(frozen=True)
class Done:
    """What was recorded now, and how long that took."""

    opening: Imported
    eve: Entered
    dossiers: Imported
    dossiers_s: float
    day: Entered


def reorganised(wiring: Wiring, lists: Lists, progress: Progress) -> Done:
    """The country as it stood, who led it, the dossiers of the day, and who leads since."""
    register = wiring.register
    led = (register, wiring.people, wiring.readings, REORGANISATION)
    with abreast(wiring, progress) as both:
        opening = record_opening(register, lists, both.show)
        both.level()  # the read models tell whom there is to lead
        eve = record_leaders_of_the_eve(*led, both.show)
        began = time.monotonic()
        carried_out = carry_out_dossiers(register, lists, both.show)
        took_s = time.monotonic() - began
        both.level()
        day = record_leaders_of_the_day(*led, both.show)
    return Done(opening, eve, carried_out, took_s, day)


def _done(done: Done) -> Iterator[str]:
    people = done.eve.people + done.day.people
    yield told(done.opening)
    if done.dossiers.transactions_new:
        number = done.dossiers.transactions // ACTS
        yield (
            f"{number} dossiers were checked, approved by another office and carried out"
            f" in {done.dossiers_s:.1f} s ({done.dossiers.transactions_new} transactions)."
        )
    else:
        yield "All dossiers are carried out already."
    yield (
        f"Invented people lead {done.eve.organisations:,} provinces and communes of the eve and"
        f" {done.day.organisations:,} of the day ({people:,} names, sealed)."
    )


def _called() -> str:
    """How the command line is reached here: by its name when that is found on the PATH."""
    name = Path(sys.argv[0]).name
    return name if shutil.which(name) else sys.argv[0]


def _place(dsn: str | None, data: str) -> str:
    """Without the connection string, which may hold a password."""
    return "the database of SOGOC_DSN" if dsn else f"{escape(data)} (SOGOC_DATA chooses another)"


def tour(wiring: Wiring, out: Console) -> None:
    """Real answers to real questions, from the read models."""
    with wiring.readings.at(AFTER) as reading:
        out.print(_counts(reading))
        [line] = crosswalk(reading, [DIVIDED], BEFORE, AFTER)
        out.print("\n".join(_carried_out(wiring)), soft_wrap=True)
        out.print("\n".join(_became(line)), soft_wrap=True)
        asked = line.crossings[0].asked
        found = why(wiring.register, AdministrativeUnit, asked.unit_id, "is_active", reading.point)
        out.print("\n".join(_because(asked, found)), soft_wrap=True)
        out.print("\n".join(_led(wiring, reading)), soft_wrap=True)
        out.print("\n".join(_vacant(reading)), soft_wrap=True)
    with wiring.readings.at(evaluation.CLOSED) as reading:
        out.print("\n".join(_judged(reading)), soft_wrap=True)
        out.print("\n".join(_rests_on(reading)), soft_wrap=True)


def _counts(reading: Reading) -> Table:
    table = Table(title="\nThe country on two days", title_justify="left", show_edge=False)
    table.add_column("")
    for day in (BEFORE, AFTER):
        table.add_column(f"{day:%d/%m/%Y}", justify="right")
    points = [Point(day, reading.point.known_at) for day in (BEFORE, AFTER)]
    units = [Units(reading.connection, reading.schema).count(point) for point in points]
    for level, label in LEVELS.items():
        sums = [sum(n for (of, _), n in found.items() if of == level) for found in units]
        table.add_row(f"[bold]{label}[/]", *(f"[bold]{number:,}[/]" for number in sums))
        for type_ in _types(level, units):
            numbers = [found.get((level, type_), 0) for found in units]
            table.add_row(f"  {TYPE_WORDS[type_]}", *map(_number, numbers))
    organisations = [Organisations(reading.connection, reading.schema).count(p) for p in points]
    sums = [sum(found.values()) for found in organisations]
    table.add_row("[bold]Party organisations[/]", *(f"[bold]{number:,}[/]" for number in sums))
    return table


def _types(level: str, counted: list[dict[tuple[str, ...], int]]) -> list[str]:
    found = {type_ for each in counted for (of, type_) in each if of == level}
    return sorted(found, key=lambda type_: -max(each.get((level, type_), 0) for each in counted))


def _number(number: int) -> str:
    return f"{number:,}" if number else "–"


def _carried_out(wiring: Wiring) -> Iterator[str]:
    """The dossier of one province, as whoever approved it has read it."""
    dossier = dossier_named(wiring.register, key_of(MEASURED_PROVINCE))
    yield f"\nWhat did the dossier {dossier.heading.key} come to?"
    yield from completed(wiring.register, dossier)


def _became(line: CrosswalkLine) -> Iterator[str]:
    asked = line.crossings[0].asked
    yield f"\nWhat became of {asked.name} ({line.code})? [bold]{line.certainty}[/]"
    for found in line.crossings[0].found:
        first = ", look here first" if found.is_default else ""
        yield f"  {found.extent}: {found.unit.name} ({found.unit.code}){first}"


def _because(asked: Unit, found: Why) -> Iterator[str]:
    assert found.because is not None
    event = found.because.event
    yield f"\nWhy is {asked.name} no more?"
    envelope = event.envelope
    yield f"  event {event.position}, effective {envelope.effective_on:%d/%m/%Y}: {event.TITLE}"
    yield f"  decided by {envelope.authority.name}"
    for document in envelope.basis:
        issued = f", {document.issued_on:%d/%m/%Y}" if document.issued_on else ""
        yield f"  {document.number or 'number not known'}{issued}: {document.title}"


def _led(wiring: Wiring, reading: Reading) -> Iterator[str]:
    """Who leads one commune, with names: the operator of this machine may see them, on record."""
    place = (reading.connection, reading.schema)
    [unit] = [u for u in Units(*place).by_codes([LED], reading.point) if u.level == "commune"]
    on_it = Filters(unit_id=unit.unit_id, kinds={"kind": ["commune_upper"]})
    [organisation] = Organisations(*place).many(reading.point, on_it)
    held = Holdings(*place).of_organisation(organisation.organisation_id, reading.point)
    leading = [each for each in held if f"{each.body}.{each.post}" in LEADING]
    reader = Reader(Actor("operator"), "tour of the demo")
    names = wiring.people.names_of({each.person_id for each in leading}, reader, on=AFTER)
    yield f"\nWho leads {organisation.name} on {AFTER:%d/%m/%Y}? (invented people)"
    for each in sorted(leading, key=lambda h: LEADING.index(f"{h.body}.{h.post}")):
        name = names.get(each.person_id, "nobody we know")
        post = term("post", f"{each.body}.{each.post}")
        yield f"  {post}: {name} (record {each.position:,})"


def _vacant(reading: Reading) -> Iterator[str]:
    """The question of the summer of 2025: which posts were vacant on 25 July?"""
    seats = SeatPlans(reading.connection, reading.schema)
    found = seats.vacancies(Point(DUE_ON, reading.point.known_at))
    numbers = Counter(term("post", f"{each.body}.{each.post}") for each in found)
    told = ", ".join(f"{number:,} {post}" for post, number in numbers.most_common())
    yield f"\nWhich posts were vacant on {DUE_ON:%d/%m/%Y}? {len(found):,}: {told}"


def _judged(reading: Reading) -> Iterator[str]:
    totals: Counter[str] = Counter()
    rounds = summaries(reading, str(evaluation.YEAR))
    for each in rounds:
        totals.update({level: number or 0 for level, number in each.levels.items()})
    told = ", ".join(f"{number:,} {level}" for level, number in totals.items())
    yield f"\nHow were the communes judged for {evaluation.YEAR}? In {len(rounds)} rounds: {told}"


def _rests_on(reading: Reading) -> Iterator[str]:
    basis = reading.basis
    mark = marks(reading.connection, reading.schema, VIEWS)["audit"]
    yield f"\nAll this rests on the log up to position {basis.position:,} (lag {basis.lag}),"
    yield f"epoch {basis.epoch}, digest {mark.seen.sum:032x} of {mark.seen.count:,} events."
