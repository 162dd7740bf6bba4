"""What units and organisations share: every command, its fact, its no-op and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.codes import Code
from domain.envelope import Authority
from domain.errors import (
    CannotVoid,
    InvalidValue,
    LaterFacts,
    NotActive,
    RegisterError,
    RuleBroken,
)
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.node import Node
from tests.facts import (
    AUGUST,
    BINH_YEN,
    HILL,
    JANUARY,
    JULY,
    MARCH,
    OTHER_PROVINCE,
    PROVINCE,
    RIVER,
    SEPTEMBER,
    Fact,
    as_fact,
    at_position,
    code_assigned,
    ended,
    given,
    organisation_founded,
    part,
    part_ceded,
    position,
    recorded,
    renamed,
    resubordinated,
    then,
    unit_founded,
    unknown,
    voided,
    whole,
    wish,
)

Founded = Callable[..., Fact]
JUNE = date(2025, 6, 1)


@pytest.fixture(params=[unit_founded, organisation_founded], ids=["unit", "organisation"])
def founded(request: pytest.FixtureRequest) -> Any:
    return request.param


def refused(error: type[RegisterError], field: str | None = None) -> Any:
    """Expect this very refusal, naming this field."""

    class Refusal:
        def __enter__(self) -> None: ...

        def __exit__(self, kind: Any, refusal: Any, trace: Any) -> bool:
            assert kind is error, refusal
            assert refusal.facts.get("field") == field
            assert refusal.code == error.code
            assert refusal.detail
            return True

    return Refusal()


COMMANDS = {
    "rename": lambda node, envelope: node.rename("Bình An", envelope),
    "resubordinate": lambda node, envelope: node.resubordinate(RIVER, envelope),
    "assign a code": lambda node, envelope: node.assign_code(Code("nso", "10099"), envelope),
    "cede a part": lambda node, envelope: node.cede_part([part(HILL)], envelope),
    "end": lambda node, envelope: node.end("merger", [whole(HILL)], envelope),
}
commands = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())


# Names


def test_a_new_name_is_recorded(founded):
    node = given(founded())
    node.rename("  Xã   Bình An ", wish(AUGUST))
    assert then(node) == [renamed("Xã Bình An", on=AUGUST)]
    assert node.name.at(AUGUST) == "Xã Bình An"


def test_the_name_given_on_that_day_already_records_nothing(founded):
    node = given(founded(), renamed("Bình An", on=AUGUST))
    node.rename("Bình An", wish(AUGUST))
    assert then(node) == []


def test_a_name_confirmed_on_a_later_day_is_a_fact_that_a_late_one_does_not_carry_away(founded):
    node = given(founded(), renamed("Bình An", on=AUGUST))
    node.rename("Bình An", wish(JANUARY))
    node.rename("Bình Yên", wish(SEPTEMBER))
    assert node.name.at(SEPTEMBER) == "Bình Yên"
    assert node.name.at(JANUARY) == "Bình An"


def test_a_renaming_recorded_late_does_not_undo_a_later_one(founded):
    node = given(founded(), renamed("Bình Yên", on=MARCH))
    node.rename("Bình An", wish(AUGUST))
    assert node.name.at(AUGUST) == "Bình An"
    assert node.name.at(MARCH) == "Bình Yên"


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "Bình\u200bYên", "Bình\x00Yên", "\ud800"])
def test_a_name_that_is_none_is_refused(founded, name):
    node = given(founded())
    with refused(InvalidValue, "name"):
        node.rename(name, wish(AUGUST))
    assert then(node) == []


# Superiors and codes


def test_a_new_superior_is_recorded(founded):
    node = given(founded())
    node.resubordinate(OTHER_PROVINCE, wish(AUGUST))
    assert then(node) == [resubordinated(OTHER_PROVINCE, on=AUGUST)]
    assert node.superior_id.at(JULY) == PROVINCE
    assert node.superior_id.at(AUGUST) == OTHER_PROVINCE


def test_the_superior_it_was_given_on_that_day_already_records_nothing(founded):
    node = given(founded(), resubordinated(PROVINCE, on=AUGUST))
    node.resubordinate(PROVINCE, wish(AUGUST))
    assert then(node) == []


def test_codes_of_different_schemes_stand_side_by_side(founded):
    node = given(founded(codes=(Code("nso", "10081"),)))
    node.assign_code(Code("tax", "7"), wish(AUGUST))
    node.assign_code(Code("tax", "7"), wish(AUGUST))
    assert then(node) == [code_assigned("tax", "7", on=AUGUST)]
    assert node.codes["nso"].at(AUGUST) == "10081"
    assert node.codes["tax"].at(AUGUST) == "7"


@pytest.mark.parametrize(
    ("code", "field"),
    [
        (Code("", "1"), "codes.scheme"),
        (Code("mã", "1"), "codes.scheme"),
        (Code("nso", ""), "codes.value"),
        (Code("nso", " 1"), "codes.value"),
        (Code("nso", "1" * 41), "codes.value"),
        (Code("nso", "1\n"), "codes.value"),
    ],
)
def test_an_ill_formed_code_is_refused(founded, code, field):
    with refused(InvalidValue, field):
        given(founded()).assign_code(code, wish(AUGUST))


# Parts


def test_a_part_is_ceded_and_it_lives_on(founded):
    node = given(founded())
    node.cede_part([part(HILL)], wish(AUGUST))
    assert then(node) == [part_ceded(part(HILL), on=AUGUST)]
    assert node.is_active_on(AUGUST)
    assert list(node.hand_overs()) == [(AUGUST, (part(HILL),))]


def test_the_same_cession_again_records_nothing(founded):
    node = given(founded(), part_ceded(part(HILL), on=AUGUST))
    node.cede_part([part(HILL)], wish(AUGUST))
    assert then(node) == []
    node.cede_part([part(RIVER)], wish(AUGUST))
    assert then(node) == [part_ceded(part(RIVER), on=AUGUST)]


@pytest.mark.parametrize(
    ("heirs", "field"),
    [
        ([], "successors"),
        ([whole(HILL)], "successors.extent"),
        ([Successor(HILL, "half")], "successors.extent"),
        ([part(BINH_YEN)], "successors.id"),
        ([part(HILL), unknown(HILL)], "successors.id"),
        ([Successor(HILL, "part", True), Successor(RIVER, "part", True)], "successors.is_default"),
    ],
)
def test_an_ill_formed_cession_is_refused(founded, heirs, field):
    with refused(InvalidValue, field):
        given(founded()).cede_part(heirs, wish(AUGUST))


# Ends


@pytest.mark.parametrize(
    ("way", "heirs"),
    [
        ("merger", (whole(HILL),)),
        ("merger", (unknown(HILL),)),
        ("division", (part(HILL), part(RIVER))),
        ("conversion", (whole(HILL),)),
        ("dissolution", ()),
        ("disbandment", ()),
        ("disbandment", (whole(HILL),)),
    ],
)
def test_an_end_is_recorded_and_holds_from_its_day(founded, way, heirs):
    node = given(founded())
    node.end(way, heirs, wish(MARCH))
    assert then(node) == [ended(way, *heirs, on=MARCH)]
    assert node.is_active_on(JANUARY)
    assert not node.is_active_on(MARCH)
    assert (node.first_day(), node.ended_on()) == (JULY, MARCH)


def test_the_same_end_again_records_nothing(founded):
    node = given(founded(), ended("merger", whole(HILL), on=MARCH))
    node.end("merger", [whole(HILL)], wish(MARCH))
    assert then(node) == []


@pytest.mark.parametrize(
    ("way", "heirs", "field"),
    [
        ("vanishing", (), "way"),
        ("merger", (), "successors"),
        ("dissolution", (whole(HILL),), "successors"),
        ("merger", (whole(BINH_YEN),), "successors.id"),
        ("division", (part(HILL),), "successors.extent"),
        ("division", (whole(HILL), part(RIVER)), "successors.extent"),
        ("division", (part(HILL), part(HILL)), "successors.id"),
    ],
)
def test_an_ill_formed_end_is_refused(founded, way, heirs, field):
    with refused(InvalidValue, field):
        given(founded()).end(way, heirs, wish(MARCH))


def test_it_lives_at_least_one_day(founded):
    with refused(InvalidValue, "effective_on"):
        given(founded()).end("dissolution", (), wish(JULY))


def test_a_second_end_is_refused_and_the_first_is_named(founded):
    node = given(founded(), ended("merger", whole(HILL), on=MARCH))
    with pytest.raises(RuleBroken) as refusal:
        node.end("dissolution", (), wish(JANUARY))
    assert refusal.value.facts["position"] == position(2)
    assert then(node) == []


def test_a_second_end_is_refused_while_the_first_is_not_yet_on_record(founded):
    node = given(founded())
    node.end("merger", [whole(HILL)], wish(MARCH))
    with refused(RuleBroken, "effective_on"):
        node.end("dissolution", (), wish(JANUARY))


def test_an_end_is_corrected_by_naming_it(founded):
    node = given(founded(), ended("merger", whole(HILL), on=MARCH))
    node.end("merger", [whole(RIVER)], wish(JANUARY, voids=position(2)))
    assert then(node) == [ended("merger", whole(RIVER), on=JANUARY, voids=position(2))]
    assert node.ended_on() == JANUARY
    assert list(node.hand_overs()) == [(JANUARY, (whole(RIVER),))]


def test_an_end_may_be_corrected_to_a_later_day(founded):
    node = given(founded(), ended("merger", whole(HILL), on=JANUARY))
    node.end("merger", [whole(HILL)], wish(MARCH, voids=position(2)))
    assert node.is_active_on(JANUARY)
    assert node.ended_on() == MARCH


def test_an_end_before_facts_of_later_days_is_refused_and_they_are_named(founded):
    node = given(founded(), renamed("Bình An", on=JANUARY), renamed("Bình Minh", on=MARCH))
    with pytest.raises(LaterFacts) as refusal:
        node.end("dissolution", (), wish(AUGUST))
    assert refusal.value.facts["positions"] == [position(2), position(3)]


def test_voiding_the_end_opens_the_life_again(founded):
    node = given(founded(), ended("merger", whole(HILL), on=AUGUST))
    node.void(wish(AUGUST, voids=position(2)))
    assert then(node) == [voided(position(2), on=AUGUST)]
    assert node.is_active_on(MARCH)
    assert node.ended_on() is None
    assert list(node.hand_overs()) == []
    node.rename("Bình An", wish(MARCH))
    assert node.name.at(MARCH) == "Bình An"


# Days outside its life


@commands
@pytest.mark.parametrize("day", [JUNE, MARCH, date(2026, 4, 1)])
def test_nothing_happens_before_its_first_day_or_from_its_end_on(founded, command, day):
    node = given(founded(), ended("dissolution", on=MARCH))
    error = RuleBroken if command is COMMANDS["end"] else NotActive
    with refused(error, "effective_on"):
        command(node, wish(day))
    assert then(node) == []


@pytest.mark.parametrize("command", list(COMMANDS.values())[:4], ids=list(COMMANDS)[:4])
def test_a_fact_of_its_life_may_be_recorded_after_its_end(founded, command):
    node = given(founded(), ended("dissolution", on=MARCH))
    command(node, wish(JANUARY))
    assert len(then(node)) == 1
    assert not node.is_active_on(MARCH)


# Voiding and correcting


def test_what_was_scheduled_is_withdrawn(founded):
    node = given(founded(), renamed("Bình An", on=MARCH))
    node.void(wish(JANUARY, voids=position(2)))
    assert node.name.at(MARCH) == node.name.at(JULY)
    assert node.voided_by == {2: 3}


def test_a_correction_takes_back_and_says_what_is_right(founded):
    node = given(founded(), renamed("Bình Ân", on=AUGUST))
    node.rename("Bình An", wish(SEPTEMBER, voids=position(2)))
    assert then(node) == [renamed("Bình An", on=SEPTEMBER, voids=position(2))]
    assert node.name.at(AUGUST) == node.name.at(JULY)
    assert node.since(node.pending_events[0]) == AUGUST


def test_a_correction_of_the_correction_takes_back_that_one(founded):
    node = given(
        founded(),
        renamed("Bình Ân", on=AUGUST),
        renamed("Bình An", on=AUGUST, voids=position(2)),
    )
    node.rename("Bình Yên Hạ", wish(AUGUST, voids=position(3)))
    assert node.name.at(AUGUST) == "Bình Yên Hạ"
    assert node.voided_by == {2: 3, 3: 4}


def test_a_correction_of_the_day_alone_is_recorded(founded):
    node = given(founded(), renamed("Bình An", on=AUGUST))
    node.rename("Bình An", wish(SEPTEMBER, voids=position(2)))
    assert then(node) == [renamed("Bình An", on=SEPTEMBER, voids=position(2))]
    assert node.name.at(AUGUST) == node.name.at(JULY)


def test_a_log_in_which_a_fact_is_voided_twice_replays_and_the_first_voiding_counts(founded):
    node = given(
        founded(),
        renamed("Bình An", on=AUGUST),
        voided(position(2), on=AUGUST),
        voided(position(2), on=AUGUST),
    )
    assert node.voided_by == {2: 3}


def test_taking_back_a_correction_does_not_bring_back_what_it_took_back(founded):
    node = given(
        founded(),
        renamed("Bình Ân", on=AUGUST),
        renamed("Bình An", on=AUGUST, voids=position(2)),
        voided(position(3), on=AUGUST),
    )
    assert node.name.at(AUGUST) == node.name.at(JULY)


@pytest.mark.parametrize("target", [position(2), position(3), 7, position(9)])
def test_what_is_not_there_or_void_already_or_a_voiding_cannot_be_voided(founded, target):
    node = given(founded(), renamed("Bình An", on=AUGUST), voided(position(2), on=AUGUST))
    with refused(CannotVoid, "voids"):
        node.void(wish(AUGUST, voids=target))


def test_a_voiding_says_what_it_voids(founded):
    with refused(CannotVoid, "voids"):
        given(founded()).void(wish(AUGUST))


@commands
def test_a_correction_takes_back_a_record_of_its_own_kind_only(founded, command):
    node = given(founded())
    with refused(CannotVoid, "voids"):
        command(node, wish(AUGUST, voids=position(1)))
    assert then(node) == []


def test_a_voided_fact_may_be_recorded_again(founded):
    node = given(founded(), renamed("Bình An", on=AUGUST), voided(position(2), on=AUGUST))
    node.rename("Bình An", wish(AUGUST))
    assert then(node) == [renamed("Bình An", on=AUGUST)]


def test_the_beginning_is_voided_last(founded):
    node = given(founded(), renamed("Bình An", on=AUGUST))
    with pytest.raises(LaterFacts) as refusal:
        node.void(wish(JULY, voids=position(1)))
    assert refusal.value.facts["positions"] == [position(2)]
    node.void(wish(AUGUST, voids=position(2)))
    node.void(wish(JULY, voids=position(1)))
    assert (node.first_day(), node.standing_beginning()) == (None, None)


# Circumstances


@pytest.mark.parametrize(
    ("circumstances", "field"),
    [
        ({"basis": ()}, "basis"),
        ({"basis": (LegalBasis("Số: 5"),)}, "basis.number"),
        ({"basis": (LegalBasis(None),)}, "basis.number"),
        ({"basis": (LegalBasis(None, issuer=" "),)}, "basis.issuer"),
        ({"authority": Authority(" ")}, "authority.name"),
        ({"decided_on": date(1929, 12, 31)}, "decided_on"),
        ({"decided_on": date(2200, 1, 1)}, "decided_on"),
        ({"reason": "vì\x00sao"}, "reason"),
        ({"reason": "xa\u0303"}, "reason"),
        ({"correlation_id": ""}, "correlation_id"),
        ({"voids": 0}, "voids"),
    ],
)
def test_ill_formed_circumstances_are_refused(founded, circumstances, field):
    node = given(founded())
    with refused(InvalidValue, field):
        node.rename("Bình An", wish(AUGUST, **circumstances))
    assert then(node) == []


# Properties: clerks at play

days = st.dates(date(2025, 6, 28), date(2025, 7, 8))
heirs = st.sampled_from([(), (whole(HILL),), (part(HILL), part(RIVER)), (unknown(RIVER),)])
names = st.sampled_from(["Bình An", "Bình Yên", "Bình Minh"])
Wish = tuple[str, Any, date, int | None]

wishes = st.lists(
    st.tuples(
        st.one_of(
            st.tuples(st.just("rename"), names),
            st.tuples(st.just("resubordinate"), st.sampled_from([PROVINCE, RIVER, None])),
            st.tuples(st.just("assign_code"), st.sampled_from([Code("a", "1"), Code("b", "2")])),
            st.tuples(st.just("cede_part"), heirs),
            st.tuples(st.just("end"), heirs),
            st.tuples(st.just("void"), st.none()),
            st.tuples(st.just("correct"), names),
        ),
        days,
        st.none() | st.integers(1, 8),
    ),
    max_size=14,
)


def carry_out(node: Any, what: str, value: Any, day: date, voids: int | None) -> None:
    envelope = wish(day, voids and position(voids))
    match what:
        case "end":
            node.end("merger" if value else "dissolution", value, envelope)
        case "void":
            node.void(envelope)
        case "correct":
            node.refuse_unless_beginning(envelope)
            facts = {f: getattr(node.events[1], f) for f in founding_fields(node)}
            node.happen(node.EstablishmentCorrected, envelope, **(facts | {"name": value}))
        case _:
            getattr(node, what)(value, envelope)


def founding_fields(node: Node) -> list[str]:
    return list(as_fact(node.events[1]).says)


def played(founded: Founded, play: list[Any]) -> tuple[Any, list[Any]]:
    """The node after all the wishes that were not refused, and its events, each on record."""
    events = recorded([founded()])
    node = type_of(events).fold(events)
    for (what, value), day, voids in play:
        try:
            carry_out(node, what, value, day, voids)
        except (RuleBroken, InvalidValue):
            assert not node.pending_events
        for event in node.collect_events():
            events.append(at_position(event, position(len(events) + 1)))
        node = type_of(events).fold(events)
    return node, events


def type_of(events: list[Any]) -> Any:
    return events[0].AGGREGATE


both = st.sampled_from([unit_founded, organisation_founded])


@whenever(both, wishes)
def test_every_fact_that_stands_lies_within_the_life(founded, play):
    node, _ = played(founded, play)
    facts = [fact for line in node.fields().values() for fact in line.facts()]
    first, end = node.first_day(), node.ended_on()
    assert facts == [] or first is not None
    assert all(first <= fact.day and (end is None or fact.day <= end) for fact in facts)
    assert sum(fact.value for fact in node.is_active.facts()) <= 1
    assert sum(not fact.value for fact in node.is_active.facts()) <= 1


@whenever(both, wishes, st.integers(0, 15))
def test_a_life_as_known_at_a_position_is_what_the_law_says(founded, play, known):
    events = played(founded, play)[1][: known + 1]
    node = type_of(events).fold(events)
    voided = {event.envelope.voids for event in events}
    standing = [e for e in events if e.position not in voided]
    for line, field in [(node.name, "name"), (node.superior_id, "superior_id")]:
        said = [
            (e.effective_on, e.position, getattr(e, field)) for e in standing if hasattr(e, field)
        ]
        for day in (date(2025, 6, 28), JULY, date(2025, 7, 4), date(2025, 7, 8)):
            past = [fact for fact in said if fact[0] <= day]
            assert line.at(day) == (max(past, key=lambda f: f[:2])[2] if past else None)


@whenever(both, wishes)
def test_following_event_by_event_is_folding_at_once_and_a_replay_never_refuses(founded, play):
    node, events = played(founded, play)
    again = type_of(events).fold(events[:1])
    for event in events[1:]:
        again.follow(event)
    assert again.fields() == node.fields()
    assert again.version == len(events)


@whenever(both, wishes)
def test_an_event_changes_nothing_before_the_day_it_can_have_changed(founded, play):
    events = played(founded, play)[1]
    for n in range(2, len(events) + 1):
        before, after = type_of(events).fold(events[: n - 1]), type_of(events).fold(events[:n])
        since = after.since(events[n - 1])
        for day in (JUNE + timedelta(days=d) for d in range(25, 40)):
            if day < since:
                assert state(before, day) == state(after, day)


def state(node: Node, day: date) -> dict[str, Any]:
    lines = node.fields().items()
    return {name: value for name, line in lines if (value := line.at(day)) is not None}
