"""An invented country in a register, and the service that answers for it: for works H, I and J."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from domain.envelope import Actor, Authority, Envelope
from domain.ids import derived_id
from domain.legal_basis import LegalBasis
from domain.organisation import PartyOrganisation
from ops.bench.contest import Ground
from ops.bench.place import Place, database
from ops.bench.sizes import Sizes
from ops.migrate import migrate
from ops.settings import Settings
from ops.tokens import give_out, token_file
from ops.wiring import Wiring, open_register
from services.access import Holder

FIRST_YEAR = 2016
ASKED_ON = date(2026, 1, 1)
CENTRE = Authority("Ban Bí thư")
SAVED = 1000  # organisations in one transaction
_BEGAN = datetime(2016, 1, 1, tzinfo=UTC)
_OFFICE = Actor("bench")


@dataclass(frozen=True)
class House:
    """A filled register, the service before it, and how to speak with both."""

    place: Place
    wiring: Wiring
    sizes: Sizes
    host: str  # "127.0.0.1:8000"
    token: str
    provinces: list[UUID]  # their organisations; the first one's have been renamed every year
    bases: list[UUID]  # base organisations in all provinces

    def some_bases(self, seed: int) -> Iterator[UUID]:
        """Base organisations by chance, without end."""
        chance = random.Random(seed)
        while True:
            yield chance.choice(self.bases)


@contextmanager
def house(ground: Ground) -> Iterator[House]:
    """Fill a register, bring its views level, and serve it by the product's own command."""
    data = ground.folder / "served"
    with database(ground.dsn) as place:
        settings = Settings(data, dsn=place.dsn)
        migrate(place.dsn, settings.schema)
        wiring = Wiring(settings, place.dsn, open_register(settings, place.dsn))
        try:
            provinces, bases = _filled(wiring, ground.sizes)
            token = give_out(token_file(data), Holder(_OFFICE))
            with _serving(settings) as host:
                yield House(place, wiring, ground.sizes, host, token, provinces, bases)
        finally:
            wiring.close()


def circumstances(effective_on: date) -> Envelope:
    basis = LegalBasis("10-QĐ/TW", effective_on, CENTRE.name)
    return Envelope(effective_on, effective_on, _OFFICE, CENTRE, (basis,))


def _filled(wiring: Wiring, sizes: Sizes) -> tuple[list[UUID], list[UUID]]:
    """Recorded without asking the rules, which is quicker; ids of provinces and of the bases."""
    organisations = list(_country(sizes))
    for first in range(0, len(organisations), SAVED):
        wiring.register.record(*organisations[first : first + SAVED])
    wiring.project()
    last = date.max
    return (
        [o.id for o in organisations if o.superior_id.at(last) is None],
        [o.id for o in organisations if o.kind.at(last) == "base_committee"],
    )


def _country(sizes: Sizes) -> Iterator[PartyOrganisation]:
    for p in range(sizes.provinces):
        years = range(FIRST_YEAR + 1, FIRST_YEAR + 1 + (sizes.years if p == 0 else 0))
        province = _founded(f"tỉnh số {p}", "province", None, years)
        yield province
        for c in range(sizes.communes):
            commune = _founded(f"xã số {p}.{c}", "commune_upper", province.id, years)
            yield commune
            for b in range(sizes.bases):
                yield _founded(f"cơ sở số {p}.{c}.{b}", "base_committee", commune.id, years)


def _founded(what: str, kind: str, superior_id: UUID | None, years: range) -> PartyOrganisation:
    organisation = PartyOrganisation.begin(
        derived_id(f"bench/house/{what}", _BEGAN),
        circumstances(_BEGAN.date()),
        way="new",
        kind=kind,
        name=f"Đảng bộ {what}",
        superior_id=superior_id,
        unit_id=None,
        setting="territory",
        codes=(),
    )
    for year in years:
        organisation.rename(f"Đảng bộ {what} năm {year}", circumstances(date(year, 1, 1)))
    return organisation


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    """`sogoc serve` in a process of its own, as long as the block lasts."""
    assert settings.dsn
    said = {"SOGOC_DSN": settings.dsn, "SOGOC_DATA": str(settings.data)}
    program = Path(sys.executable).with_name("sogoc")
    with (
        (settings.data / "serve.log").open("wb") as log,
        subprocess.Popen(
            [program, "serve", "--port", "0"],
            env=os.environ | said,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            announced = re.search("http://([0-9.:]+)", process.stdout.readline())
            assert announced, (settings.data / "serve.log").read_text()
            yield announced[1]
            assert process.poll() is None, (settings.data / "serve.log").read_text()
        finally:
            process.terminate()
