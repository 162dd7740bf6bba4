"""A stream of which an event cannot be read: what may be said of it, and what may not."""

import pytest
from eventsourcing.persistence import StoredEvent

from domain.aggregate import Event
from domain.errors import StreamUnreadable
from domain.unit import AdministrativeUnit
from services.commands import CorrectUnit, Resubordinate, Void
from services.parking import DiscardEvent
from services.record import replayed
from tests.services.test_register import AUGUST, envelope, id_of, rename, unit

XA = id_of("Xã 1")


@pytest.fixture
def damaged(register):
    """The commune has an event without any content, at position 4."""
    register.execute(
        unit("Tỉnh An"),
        unit("Huyện Bình", "district", "Tỉnh An"),
        unit("Xã 1", "commune", "Huyện Bình"),
    )
    register.store.append([StoredEvent(XA, 2, "unit.renamed", b"{}")])
    return register


COMMANDS = {
    "a change": rename("Xã 1", "Xã Mới"),
    "a correction": CorrectUnit(
        id=XA, envelope=envelope(voids=3), way="entered", type="xa", name="Xã Một"
    ),
    "a withdrawal": Void(id=XA, envelope=envelope(voids=3), of=AdministrativeUnit),
    "what would stand under it": Resubordinate(
        id=id_of("Huyện Bình"), envelope=envelope(), of=AdministrativeUnit, superior_id=XA
    ),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_is_decided_that_rests_on_it(damaged, command):
    with pytest.raises(StreamUnreadable) as refused:
        damaged.execute(command)
    assert refused.value.facts == {"id": str(XA), "position": 4, "step": "decoding"}
    assert damaged.store.position() == 4


def test_others_go_on_and_so_do_decisions_about_read_models(damaged):
    damaged.execute(rename("Tỉnh An", "Tỉnh Bình An", on=AUGUST))
    because = envelope(on=damaged.today(), reason="hỏng")
    damaged.execute(DiscardEvent(id=XA, view="units", event_position=4, envelope=because))
    assert damaged.store.position() == 6
    with pytest.raises(StreamUnreadable):
        damaged.execute(rename("Xã 1", "Xã Mới"))


def test_its_state_up_to_there_can_be_told(damaged):
    assert damaged.node(AdministrativeUnit, XA, known_at=3)
    with pytest.raises(StreamUnreadable):
        damaged.node(AdministrativeUnit, XA)


def test_an_event_that_does_not_follow_from_those_before_it_is_named_too(damaged, monkeypatch):
    history = list(damaged.store.histories([id_of("Tỉnh An")]))

    def fail(event, aggregate):
        raise LookupError("Nguyễn Văn A")

    monkeypatch.setattr(Event, "mutate", fail)
    with pytest.raises(StreamUnreadable, match=r"position 1 .*folding: LookupError") as refused:
        replayed(history)
    assert "Nguyễn" not in refused.value.detail
