"""The national run on a made-up country of five communes, by the same commands and rules."""

from __future__ import annotations

from random import Random

import pytest

from domain.organisation import PartyOrganisation
from ops.bench.nation import Nation, report, sizes_on_disk
from ops.bench.place import database
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.organisations import Organisations
from services.commands import EstablishOrganisation
from services.invented.localities import FOUNDED_ON, LAST_DAY, Locality
from services.reorganisation import checked
from tests.services.country import Country


@pytest.fixture
def nation(postgres, tmp_path):
    Country(tmp_path)
    with database(postgres.tcp_dsn) as place:
        settings = Settings(tmp_path / "data", dsn=place.dsn)
        migrate(place.dsn, settings.schema)
        wiring = Wiring(settings, place.dsn, open_register(settings, place.dsn))
        yield Nation(wiring, checked(tmp_path), 1.0, lambda words: None)
        wiring.close()


def test_the_whole_run_leaves_a_register_that_is_whole(nation):
    nation.run()
    recorded = [stage.events for stage in nation.stages if stage.events]
    assert len(recorded) == len(nation.stages)
    with nation.wiring.readings.at(LAST_DAY) as reading:
        kinds = Organisations(reading.connection, reading.schema).count(reading.point)
        counts = {kind: sum(n for (of, _), n in kinds.items() if of == kind) for kind, _ in kinds}
    assert counts["commune_upper"] == 5
    assert 5 * 15 <= counts["base_committee"] + counts["base_cell"] <= 5 * 16
    assert counts["cell"] > 5 * 60
    told = report(nation, sizes_on_disk(nation.wiring))
    assert "| verifying the log " in told
    assert "| the tree of a commune " in told
    assert "goal < 4,000: met" in told


def test_the_same_seed_gives_the_same_country(nation):
    nation.wiring.register.today = lambda: LAST_DAY
    nation.reorganise()
    nation.wiring.project()
    [commune, *_] = nation.communes()
    twice = [Locality(commune, Random(7)) for _ in range(2)]
    first, again = (list(each.foundings()) for each in twice)
    assert first == again
    assert {command.envelope.effective_on for command in first} == {FOUNDED_ON}
    assert all(isinstance(command, EstablishOrganisation) for command in first)
    assert twice[0].changes(0) == twice[1].changes(0)
    [one, *_] = first
    nation.wiring.register.execute(*first)
    assert nation.wiring.register.node(PartyOrganisation, one.id)
