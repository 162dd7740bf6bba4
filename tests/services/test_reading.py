"""Crosswalk, difference and why, on a small country with late facts and corrections."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.codes import Code
from domain.errors import InvalidValue, NotFound
from domain.lineage import Certainty, Successor
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from projections.point import Point
from services.commands import CorrectUnit, End, Split, Void
from services.crosswalk import crosswalk
from services.diff import Cause, differences
from services.reading import NotYetSettled, NotYetThere
from services.verify import verify_log
from services.why import why
from tests.services.conftest import claiming
from tests.services.test_register import (
    CENTRE,
    JULY,
    OPENING,
    end,
    envelope,
    id_of,
    organisation,
    rename,
    unit,
)

JUNE = date(2025, 6, 1)
EVE = date(2025, 6, 30)


@pytest.fixture
def country(register):
    register.execute(
        unit("Tỉnh An", code="01"),
        unit("Huyện Bình", "district", "Tỉnh An", code="001"),
        *(unit(f"Xã {n}", "commune", "Huyện Bình", code=f"0000{n}") for n in range(1, 6)),
    )
    return register


@pytest.fixture
def reorganised(country):
    """On 1 June: 1 and 2 merge into one that takes the code of 1; 3 is divided between 4 and 5."""
    country.execute(
        unit("Xã Gộp", "commune", "Huyện Bình", on=JUNE, way="merger", code="00001"),
        end("Xã 1", ("Xã Gộp", "whole"), on=JUNE),
        end("Xã 2", ("Xã Gộp", "whole"), on=JUNE),
        End(
            id=id_of("Xã 3"),
            envelope=envelope(JUNE),
            of=AdministrativeUnit,
            way="division",
            successors=(
                Successor(id_of("Xã 4"), "part", is_default=True),
                Successor(id_of("Xã 5"), "part"),
            ),
        ),
    )
    return country


def crossed(reading, codes, begins=OPENING, ends=JULY):
    return {
        line.code: (line.certainty, [f.unit.name for c in line.crossings for f in c.found])
        for line in crosswalk(reading, codes, begins, ends)
    }


def test_codes_are_crossed_with_how_sure_it_is(reorganised, read):
    with read() as reading:
        assert crossed(reading, ["00001", "00002", "00003", "00004", "99999"]) == {
            "00001": (Certainty.EXACT, ["Xã Gộp"]),
            "00002": (Certainty.EXACT, ["Xã Gộp"]),
            "00003": (Certainty.SPLIT, ["Xã 4", "Xã 5"]),
            "00004": (Certainty.EXACT, ["Xã 4"]),
            "99999": (Certainty.NONE, []),
        }


def test_the_same_code_is_another_unit_on_another_day(reorganised, read):
    with read() as reading:
        assert crossed(reading, ["00001"], JULY, OPENING) == {
            "00001": (Certainty.SPLIT, ["Xã 1", "Xã 2"])
        }
        assert crossed(reading, ["00004"], JULY, OPENING)["00004"][1] == ["Xã 3", "Xã 4"]


def test_parts_that_meet_again_are_exact_and_a_day_before_nothing_has_happened(reorganised, read):
    reorganised.execute(
        unit("Xã Lại", "commune", "Huyện Bình", on=date(2025, 6, 15), way="merger"),
        end("Xã 4", ("Xã Lại", "whole"), on=date(2025, 6, 15)),
        end("Xã 5", ("Xã Lại", "whole"), on=date(2025, 6, 15)),
    )
    with read() as reading:
        assert crossed(reading, ["00003"]) == {"00003": (Certainty.EXACT, ["Xã Lại"])}
        assert crossed(reading, ["00003"], OPENING, date(2025, 5, 31)) == {
            "00003": (Certainty.EXACT, ["Xã 3"])
        }


def test_an_older_answer_can_still_be_asked_for(reorganised, read):
    known = reorganised.store.position()
    ended = reorganised.node(AdministrativeUnit, id_of("Xã 3")).standing_end()
    reorganised.execute(
        Void(
            id=id_of("Xã 3"),
            envelope=envelope(JUNE, voids=ended.position),
            of=AdministrativeUnit,
        )
    )
    with read() as reading:
        assert crossed(reading, ["00003"]) == {"00003": (Certainty.EXACT, ["Xã 3"])}
    with read(known_at=known) as reading:
        assert crossed(reading, ["00003"]) == {"00003": (Certainty.SPLIT, ["Xã 4", "Xã 5"])}


def found(register, reading, a, b):
    differing, after = differences(register, reading, "units", a, b)
    assert after is None
    return {(d.id, d.field): (d.before, d.after, d.cause) for d in differing}


def test_what_happened_between_two_days(reorganised, read):
    with read() as reading:
        head = reading.point.known_at
        seen = found(reorganised, reading, Point(OPENING, head), Point(JULY, head))
    descent = {key: value for key, value in seen.items() if key[1] == "successors"}
    assert {id_: [s.id for s in after] for (id_, _), (_, after, _) in descent.items()} == {
        id_of("Xã 1"): [id_of("Xã Gộp")],
        id_of("Xã 2"): [id_of("Xã Gộp")],
        id_of("Xã 3"): [id_of("Xã 4"), id_of("Xã 5")],
    }
    assert {key: seen[key] for key in seen.keys() - descent.keys()} == {
        (id_of("Xã Gộp"), "existence"): (None, "Xã Gộp", Cause.HAPPENED),
        (id_of("Xã 1"), "existence"): ("Xã 1", None, Cause.HAPPENED),
        (id_of("Xã 2"), "existence"): ("Xã 2", None, Cause.HAPPENED),
        (id_of("Xã 3"), "existence"): ("Xã 3", None, Cause.HAPPENED),
    }


def test_what_was_learned_late_is_told_from_what_was_corrected(country, read):
    before = country.store.position()
    renamed = country.execute(rename("Xã 1", "Xã Mới", on=date(2025, 5, 1)))
    learned = country.store.position()
    country.execute(rename("Xã 1", "Xã Đúng", on=date(2025, 5, 1), voids=renamed.position))
    with read() as reading:
        key = (id_of("Xã 1"), "name")
        late = found(country, reading, Point(JULY, before), Point(JULY, learned))
        assert late == {key: ("Xã 1", "Xã Mới", Cause.LEARNED)}
        corrected = found(country, reading, Point(JULY, learned), Point(JULY, learned + 1))
        assert corrected == {key: ("Xã Mới", "Xã Đúng", Cause.CORRECTED)}
        both = found(country, reading, Point(OPENING, before), Point(JULY, learned + 1))
        assert both == {key: ("Xã 1", "Xã Đúng", Cause.HAPPENED)}


def test_looking_back_finds_the_same_causes(country, read):
    country.execute(rename("Xã 1", "Xã Mới", on=date(2025, 5, 1)))
    with read() as reading:
        head = reading.point.known_at
        there = found(country, reading, Point(OPENING, head), Point(JULY, head))
        back = found(country, reading, Point(JULY, head), Point(OPENING, head))
    assert {k: (a, b, c) for k, (b, a, c) in back.items()} == there


def test_differences_come_in_pages(reorganised, read):
    with read() as reading:
        head = reading.point.known_at
        points = Point(OPENING, head), Point(JULY, head)
        seen: list[UUID] = []
        after = None
        while True:
            page, after = differences(reorganised, reading, "units", *points, after, 1)
            seen += dict.fromkeys(d.id for d in page)
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 4
    assert seen == sorted(seen)


def test_why_names_the_event_and_what_gave_way(country):
    first = country.execute(rename("Xã 1", "Xã Sai", on=JUNE))
    country.execute(rename("Xã 1", "Xã Đúng", on=JUNE, voids=first.position))
    country.execute(rename("Xã 1", "Xã Sau", on=JULY))
    head = country.store.position()
    answer = why(country, AdministrativeUnit, id_of("Xã 1"), "name", Point(EVE, head))
    assert answer.value == "Xã Đúng"
    assert answer.because is not None
    assert answer.because.event.envelope.voids == first.position
    assert [s.value for s in answer.superseded] == ["Xã 1"]
    assert [(s.value, s.voided_by) for s in answer.voided] == [("Xã Sai", first.position + 1)]
    assert [s.value for s in answer.later] == ["Xã Sau"]
    earlier = why(country, AdministrativeUnit, id_of("Xã 1"), "name", Point(EVE, first.position))
    assert (earlier.value, earlier.voided) == ("Xã Sai", ())


def test_why_refuses_what_is_no_field_and_what_is_not_there(country):
    head = country.store.position()
    with pytest.raises(InvalidValue, match=r"code\.nso"):
        why(country, AdministrativeUnit, id_of("Xã 1"), "colour", Point(EVE, head))
    with pytest.raises(NotFound):
        why(country, AdministrativeUnit, id_of("Xã 9"), "name", Point(EVE, head))


def test_a_reading_may_be_asked_by_time_as_well(country, read):
    head = country.store.position()
    recorded = country.store.recorded_at(head)
    with read(known_at=recorded) as reading:
        assert reading.point.known_at == head
    with read(known_at=recorded - timedelta(microseconds=1)) as reading:
        assert reading.point.known_at == 0
    with pytest.raises(InvalidValue), read(known_at=datetime(2200, 1, 1, tzinfo=UTC)):
        pass


def test_a_time_at_which_somebody_records_is_waited_for(country, read, postgres, schema):
    with read():
        pass
    with claiming(postgres, schema) as claim:
        now = datetime.now(UTC)
        with pytest.raises(NotYetSettled), read(known_at=now, wait_s=0.1):
            pass
        with read(known_at=country.store.recorded_at(1) - timedelta(microseconds=1)) as reading:
            assert reading.point.known_at == 0
        threading.Timer(0.2, claim.rollback).start()
        with read(known_at=now, wait_s=10) as reading:
            assert reading.point.known_at == country.store.position()


def test_a_time_that_the_views_have_not_come_to_is_waited_for(country, read, monkeypatch):
    with read(), monkeypatch.context() as context:
        context.setattr("tests.services.conftest.follow", lambda *_: None)
        known = country.execute(rename("Xã 1", "Xã Mới"))
        with pytest.raises(NotYetThere), read(known_at=known.recorded_at, wait_s=0.1):
            pass
    with read(known_at=known.recorded_at) as reading:
        assert reading.point.known_at == known.position


def test_a_reading_waits_for_a_position_and_refuses_one_that_is_not_there(country, read):
    with read():
        pass
    behind = country.execute(rename("Xã 1", "Xã Mới"))
    with read() as reading:
        assert reading.basis.lag == 0
    with pytest.raises(InvalidValue), read(known_at=behind.position + 1):
        pass


def test_a_reading_says_when_the_views_stay_behind(country, read, monkeypatch):
    with read(), monkeypatch.context() as context:
        context.setattr("tests.services.conftest.follow", lambda *_: None)
        country.execute(rename("Xã 1", "Xã Mới"))
        with pytest.raises(NotYetThere), read(min_position=8, wait_s=0.1):
            pass
        with read() as reading:
            assert reading.basis.lag == 1


def test_a_whole_log_is_found_whole(reorganised):
    renamed = reorganised.execute(rename("Xã 4", "Xã Mới"))
    reorganised.execute(rename("Xã 4", "Xã Đúng", voids=renamed.position))
    checks = verify_log(reorganised.store)
    assert [check.claim for check in checks if check.wrong] == []
    assert all(check.looked_at for check in checks)


class Muddled:
    """A log in which renamings are told as changes of type, to whom has none."""

    def __init__(self, log):
        self._log = log

    def __getattr__(self, name):
        return getattr(self._log, name)

    def histories(self, streams, up_to=None):
        for each in self._log.histories(streams, up_to):
            if each.topic == "party-organisation.renamed":
                state = each.state.replace(b"party-organisation.renamed", b"unit.type-changed")
                state = state.replace(b'"name":"\xc4\x90', b'"type":"\xc4\x90')
                yield replace(each, topic="unit.type-changed", state=state)
            else:
                yield each


def test_a_broken_stream_hides_nothing_of_what_is_wrong_with_others(reorganised):
    names = ("Đảng bộ tỉnh A", "Đảng bộ tỉnh B")
    reorganised.execute(*(organisation(name) for name in names))
    for name in names:
        reorganised.execute(rename(name, f"{name} Mới", authority=CENTRE, of=PartyOrganisation))
    checks = verify_log(Muddled(reorganised.store))
    [folds] = [check for check in checks if check.wrong]
    assert (folds.claim, folds.wrong) == ("every stream can be replayed", 2)
    assert all("AttributeError" in finding for finding in folds.findings)


def test_a_corrected_beginning_is_read_rightly(country):
    first = country.node(AdministrativeUnit, id_of("Xã 5")).standing_beginning()
    country.execute(
        CorrectUnit(
            id=id_of("Xã 5"),
            envelope=envelope(OPENING, voids=first.position),
            way="entered",
            type="phuong",
            name="Phường 5",
            superior_id=id_of("Huyện Bình"),
            codes=(Code("nso", "00005"),),
        )
    )
    head = country.store.position()
    answer = why(country, AdministrativeUnit, id_of("Xã 5"), "type", Point(EVE, head))
    assert (answer.value, [s.value for s in answer.voided]) == ("phuong", ["xa"])


def test_a_split_into_unknown_shares_is_ambiguous(country, read):
    country.execute(
        Split(
            id=id_of("Xã 3"),
            envelope=envelope(JUNE),
            of=AdministrativeUnit,
            successors=(
                Successor(id_of("Xã 4"), "unknown"),
                Successor(id_of("Xã 5"), "unknown"),
            ),
        )
    )
    with read() as reading:
        assert crossed(reading, ["00003"])["00003"][0] is Certainty.AMBIGUOUS


def test_two_points_are_taken_from_one_snapshot(country, read):
    known = country.store.position()
    country.execute(rename("Xã 1", "Xã Mới"))
    with read() as reading:
        country.execute(rename("Xã 1", "Xã Khác"))
        assert reading.point_at(EVE, None) == Point(EVE, known + 1)
        assert reading.point_at(EVE, known) == Point(EVE, known)
        with pytest.raises(InvalidValue):
            reading.point_at(EVE, known + 2)


def test_a_difference_names_the_event_that_corrects(reorganised, read):
    known = reorganised.store.position()
    ended = reorganised.node(AdministrativeUnit, id_of("Xã 3")).standing_end()
    taken_back = envelope(JUNE, voids=ended.position)
    void = Void(id=id_of("Xã 3"), envelope=taken_back, of=AdministrativeUnit)
    voided = reorganised.execute(void)
    with read() as reading:
        points = Point(JULY, known), Point(JULY, voided.position)
        there, _ = differences(reorganised, reading, "units", *points)
        back, _ = differences(reorganised, reading, "units", points[1], points[0])
    for differing in (there, back):
        assert {(d.field, d.cause, d.event and d.event.position) for d in differing} == {
            ("existence", Cause.CORRECTED, voided.position),
            ("successors", Cause.CORRECTED, voided.position),
        }


def test_a_corrected_descent_is_a_difference_and_has_a_why(reorganised, read):
    known = reorganised.store.position()
    wrong = reorganised.node(AdministrativeUnit, id_of("Xã 3")).standing_end()
    right = (Successor(id_of("Xã 4"), "whole", is_default=True),)
    corrected = reorganised.execute(
        End(
            id=id_of("Xã 3"),
            envelope=envelope(JUNE, voids=wrong.position),
            of=AdministrativeUnit,
            way="merger",
            successors=right,
        )
    )
    with read() as reading:
        points = Point(JULY, known), Point(JULY, corrected.position)
        [differing], _ = differences(reorganised, reading, "units", *points)
    assert (differing.field, differing.cause) == ("successors", Cause.CORRECTED)
    assert (differing.before, differing.after) == (wrong.successors, right)
    assert differing.event is not None
    assert differing.event.position == corrected.position
    answer = why(reorganised, AdministrativeUnit, id_of("Xã 3"), "successors", points[1])
    assert (answer.value, answer.voided[0].value) == (right, wrong.successors)


def test_a_void_that_points_nowhere_is_found(country, monkeypatch):
    """As a log that was numbered anew by hand would hold it."""
    renamed = country.execute(rename("Xã 1", "Xã Mới"))
    monkeypatch.setattr(AdministrativeUnit, "refuse_unless_voidable", lambda *_: renamed.events[0])
    country.execute(rename("Xã 1", "Xã Đúng", voids=1))
    wrong = [check.claim for check in verify_log(country.store) if check.wrong]
    assert wrong == ["what is taken back is an earlier event of the same stream, taken back once"]
