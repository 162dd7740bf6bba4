"""A second process projects while the first one records, and both project what is left."""

from multiprocessing import active_children

import psycopg
import pytest

from ops.companion import LEFT_TO_US, companion
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from projections.engine.marks import marks
from tests.ops.conftest import settle
from tests.services.test_register import rename


@pytest.fixture
def own(empty, postgres, tmp_path):
    """A log of this test's own, with nothing in it."""
    settings = Settings(tmp_path, postgres.dsn, empty)
    migrate(postgres.dsn, empty)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    yield wiring
    wiring.close()


def positions(wiring):
    with wiring.connection() as connection:
        found = marks(connection, wiring.settings.schema, VIEWS)
    return {name: mark.position for name, mark in found.items()}


def test_two_processes_bring_all_views_level_each_its_half(own):
    with companion(own) as helper:
        settle(own)
        head = own.register.store.position()
        *_, last = helper.level(head)
        assert last == head
        assert positions(own) == dict.fromkeys(VIEWS, head)
        own.register.execute(rename("Tỉnh An", "Tỉnh Yên"))
        assert [*helper.level(head + 1)][-1] == head + 1
    assert positions(own) == dict.fromkeys(VIEWS, head + 1)


def test_when_the_second_one_is_gone_its_half_is_left_and_the_other_is_done(own):
    with companion(own) as helper:
        settle(own)
        head = own.register.store.position()
        [second] = active_children()
        second.kill()
        second.join()
        assert list(helper.level(head)) == []
    assert positions(own) == dict.fromkeys(LEFT_TO_US, head)
    assert own.project() == head
    assert positions(own) == dict.fromkeys(VIEWS, head)


def test_what_the_second_one_followed_counts_when_the_database_is_let_to_look(
    own, postgres, empty, monkeypatch
):
    """All had been followed while it was recorded: nothing is left to the first one."""
    monkeypatch.setattr("ops.wiring.ANALYZE_FROM", 17)
    with companion(own) as helper:
        settle(own)
        own.project(up_to=18)  # as the second one does of more events
        own.followed = 0
        list(helper.level(18))
    with psycopg.connect(postgres.dsn) as connection:
        [(rows,)] = connection.execute(
            "SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [f"{empty}_units.spans"]
        ).fetchall()
    assert rows > 0  # -1: nobody has looked yet
