"""Rounds and awards through the real register: rules between streams, views, and what is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest

from domain.award import Award, Grant
from domain.envelope import Actor, Authority, Envelope
from domain.errors import (
    AlreadyExists,
    CeilingExceeded,
    InvalidValue,
    NotCompetent,
    RuleBroken,
    TotalsDoNotSum,
    YearsMissing,
)
from domain.evaluation.parts import Decision, Override, Subject
from domain.evaluation.stated import StatedNumber, StatedTotals
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from projections.awards import Awards
from projections.reviews import Reviews
from projections.rounds import Rounds
from services.awards import DecideAward, PresentAward, ProposeAward, ReviewAward, RevokeAward
from services.commands import End, EstablishOrganisation, Void
from services.evaluation import (
    ChangeLevel,
    CloseRound,
    DecideLevels,
    LeaveUnreviewed,
    ListSubjects,
    OpenRound,
    StateTotals,
    round_id,
)
from services.merits import candidates, chain_of, summaries, under_other_rules, years_until

SPACE = UUID("01980000-0000-8000-8000-00000000e000")
BEGINNING = date(2019, 1, 1)
CENTRE = Authority("Ban Bí thư")
PAPER = LegalBasis("07-QĐ/TU", date(2025, 12, 1))
A, B, C = Actor("office-1"), Actor("office-2"), Actor("office-3")
FIVE = (2020, 2021, 2022, 2023, 2024)


def id_of(name):
    return uuid5(SPACE, name)


def envelope(on, by=None, actor=A, **more: Any):
    authority = Authority(f"Ban Thường vụ {by}", id_of(by)) if by else CENTRE
    return Envelope(on, None, actor, authority, (PAPER,), **more)


def founded(name, kind, above, on=BEGINNING, way="entered"):
    return EstablishOrganisation(
        id=id_of(name),
        envelope=envelope(on),
        way=way,
        kind=kind,
        name=name,
        superior_id=above and id_of(above),
    )


def open_round(by, on, period, group="các tổ chức cơ sở đảng", *names):
    id_ = round_id(period, id_of(by), group)
    facts = {"period": period, "decider_id": id_of(by), "group": group}
    opened = OpenRound(id=id_, envelope=envelope(on, by, C), subjects_are="organisation", **facts)
    subjects = tuple(Subject(id_of(name)) for name in names)
    return [opened, ListSubjects(id=id_, envelope=envelope(on, by, C), subjects=subjects)]


def decide(by, on, period, group="các tổ chức cơ sở đảng", **levels):
    decisions = tuple(Decision(id_of(n.replace("_", " ")), level) for n, level in levels.items())
    id_ = round_id(period, id_of(by), group)
    return DecideLevels(id=id_, envelope=envelope(on, by), decisions=decisions)


BASES = [f"Cơ sở {n}" for n in range(5)]


@pytest.fixture
def district(register):
    """A province, a district and five base organisations under it, as of 2019."""
    register.execute(
        founded("Tỉnh", "province", None),
        founded("Huyện", "district", "Tỉnh"),
        *(founded(name, "base_committee", "Huyện") for name in BASES),
    )
    return register


def judged(register, year, excellent=("Cơ sở 0",), good=tuple(BASES[1:])):
    """A year of the district as it was decided in the January after."""
    on = date(year + 1, 1, 10)
    register.execute(*open_round("Huyện", date(year, 12, 1), str(year), *[GROUP, *BASES]))
    levels = dict.fromkeys(excellent, "excellent") | dict.fromkeys(good, "good")
    given = {name.replace(" ", "_"): level for name, level in levels.items()}
    return register.execute(decide("Huyện", on, str(year), **given))


GROUP = "các tổ chức cơ sở đảng"
ROUND = round_id("2024", id_of("Huyện"), GROUP)


def test_levels_can_be_read_on_any_day_as_known_at_any_time(district, read):
    before = district.store.position()
    decided = judged(district, 2024).position
    change = envelope(date(2025, 2, 1), "Tỉnh", B, reason="Kết luận kiểm tra")
    decision = Decision(id_of("Cơ sở 0"), "completed")
    changed = district.execute(ChangeLevel(id=ROUND, envelope=change, decision=decision)).position

    def level(on, known_at):
        with read(valid_at=on, known_at=known_at) as reading:
            asking = Reviews(reading.connection, reading.schema)
            rows = asking.of_subject(id_of("Cơ sở 0"), reading.point)
            return [(row.status, row.level) for row in rows]

    assert level(date(2024, 12, 1), decided) == [("listed", None)]
    assert level(date(2025, 1, 10), before) == []
    assert level(date(2025, 1, 10), decided) == [("decided", "excellent")]
    assert level(date(2025, 2, 1), decided) == [("decided", "excellent")]
    assert level(date(2025, 2, 1), changed) == [("decided", "completed")]
    assert level(date(2025, 1, 31), changed) == [("decided", "excellent")]


def test_the_history_of_a_level_says_who_changed_it_from_what_to_what_and_why(district, read):
    judged(district, 2024)
    change = envelope(date(2025, 2, 1), "Tỉnh", B, reason="Kết luận kiểm tra")
    decision = Decision(id_of("Cơ sở 0"), "completed")
    district.execute(ChangeLevel(id=ROUND, envelope=change, decision=decision))
    with read() as reading:
        asking = Reviews(reading.connection, reading.schema)
        told = asking.history(ROUND, id_of("Cơ sở 0"), reading.point.known_at)
    assert [(r.level, r.actor_id, r.because, r.valid_from) for r in told] == [
        (None, None, None, date(2024, 12, 1)),
        ("excellent", "office-1", None, date(2025, 1, 10)),
        ("completed", "office-2", "Kết luận kiểm tra", date(2025, 2, 1)),
    ]


def test_a_summary_sums_to_the_subjects_of_the_round(district, read):
    register = district
    on = date(2024, 12, 1)
    register.execute(*open_round("Huyện", on, "2024", *[GROUP, *BASES]))
    levels = {"Cơ_sở_0": "excellent", "Cơ_sở_1": "good", "Cơ_sở_2": "completed"}
    register.execute(decide("Huyện", date(2025, 1, 10), "2024", **levels))
    left: dict[str, Any] = {"subject_ids": (id_of("Cơ sở 3"),), "because": "Mới thành lập"}
    register.execute(
        LeaveUnreviewed(id=ROUND, envelope=envelope(date(2025, 1, 10), "Huyện"), **left)
    )
    with read() as reading:
        [told] = summaries(reading, "2024", id_of("Tỉnh"))
        assert summaries(reading, "2024", id_of("Cơ sở 0")) == []
    assert told.levels == {"excellent": 1, "good": 1, "completed": 1, "not_completed": 0}
    assert (told.total, told.unreviewed, told.undecided) == (5, 1, 1)
    assert (told.ceiling, told.over) == (1, 0)
    with pytest.raises(TotalsDoNotSum):
        register.execute(CloseRound(id=ROUND, envelope=envelope(date(2025, 1, 31), "Huyện")))


def test_the_same_wishes_again_record_nothing(district):
    judged(district, 2024)
    head = district.store.position()
    judged(district, 2024)
    assert district.store.position() == head
    with pytest.raises(AlreadyExists):
        district.execute(*open_round("Huyện", date(2024, 12, 2), "2024", GROUP)[:1])


def test_the_ceiling_holds_over_several_decisions(district):
    district.execute(*open_round("Huyện", date(2024, 12, 1), "2024", *[GROUP, *BASES]))
    good = {f"Cơ_sở_{n}": "good" for n in (2, 3, 4)}
    district.execute(decide("Huyện", date(2025, 1, 10), "2024", **good))
    district.execute(decide("Huyện", date(2025, 1, 10), "2024", Cơ_sở_0="excellent"))
    with pytest.raises(CeilingExceeded):
        district.execute(decide("Huyện", date(2025, 1, 10), "2024", Cơ_sở_1="excellent"))


def test_only_the_direct_superior_of_that_day_decides(district):
    district.execute(*open_round("Tỉnh", date(2024, 12, 1), "2024", "nhóm tỉnh", "Cơ sở 0"))
    with pytest.raises(NotCompetent):
        district.execute(decide("Tỉnh", date(2025, 1, 10), "2024", "nhóm tỉnh", Cơ_sở_0="good"))


def test_what_the_rules_of_another_day_would_give(district, read):
    judged(district, 2024)
    with read() as reading:
        found: Any = Rounds(reading.connection, reading.schema).one(ROUND, reading.point)
        own, told = under_other_rules(reading, found, district.rules, date(2025, 12, 1))
    assert (own.document, told.terms.document) == ("124-QĐ/TW", "366-QĐ/TW, Điều 11")
    assert [each.other for each in told.subjects] == [None] * 5
    assert not told.over_ceiling
    assert told.ceiling
    assert told.ceiling.ceiling.rounding == "down"


# Totals of a province that were only stated


def test_hai_duong_2024_as_stated_is_132_468_28_10_and_never_132_600_10(register, read):
    """Source 004: 638 base organisations, 132 excellent, 600 good or better, 10 not completed."""
    register.execute(founded("Hải Dương", "province", None))
    group, on = "tổ chức cơ sở đảng toàn tỉnh", date(2024, 12, 31)
    opened = open_round("Hải Dương", on, "2024", group)[0]
    register.execute(opened)
    said = {"excellent": 132, "good": 600, "not_completed": 10}
    for levels in (said, said | {"completed": 28}):
        plain = tuple(StatedNumber(level, number) for level, number in levels.items())
        with pytest.raises(TotalsDoNotSum):
            register.execute(stated(opened.id, plain))
    cumulative = tuple(
        StatedNumber(level, number, or_better=level == "good") for level, number in said.items()
    )
    register.execute(stated(opened.id, cumulative))
    with read() as reading:
        found: Any = Rounds(reading.connection, reading.schema).one(opened.id, reading.point)
        [told] = summaries(reading, "2024")
    assert list(told.levels.values()) == [132, 468, 28, 10]
    assert (told.total, told.is_stated) == (638, True)
    assert found.stated["numbers"][1] == {"level": "good", "number": 600, "or_better": True}


def stated(id_, numbers):
    totals = StatedTotals(638, 0, numbers)
    on = date(2025, 2, 28)
    return StateTotals(id=id_, envelope=envelope(on, "Hải Dương"), stated=totals)


# The same year, level by level


HEADS = [f"Cấp trên {n}" for n in range(15)]
SIZES = {head: (9, 32) if n < 12 else (8, 28) for n, head in enumerate(HEADS)}
REST = [*["completed"] * 28, *["not_completed"] * 10]


def test_hai_duong_2024_counted_base_by_base_under_its_15_committees(register, read):
    """Each group of its own ceiling: rounding up in 15 groups allows 132 at most, and no more."""
    register.execute(founded("Hải Dương", "province", None))
    rest = iter(REST)
    for head in HEADS:
        excellent, good = SIZES[head]
        levels = ["excellent"] * excellent + ["good"] * good
        levels += [level for _, level in zip(range(3), rest, strict=False)]
        names = [f"{head} cơ sở {n}" for n in range(len(levels))]
        register.execute(founded(head, "district", "Hải Dương"))
        register.execute(*(founded(name, "base_committee", head) for name in names))
        register.execute(*open_round(head, date(2024, 12, 1), "2024", GROUP, *names))
        given = dict(zip((name.replace(" ", "_") for name in names), levels, strict=True))
        too_many = given | {list(given)[excellent]: "excellent"}
        with pytest.raises(CeilingExceeded):
            register.execute(decide(head, date(2025, 1, 10), "2024", **too_many))
        register.execute(decide(head, date(2025, 1, 10), "2024", **given))
        id_ = round_id("2024", id_of(head), GROUP)
        register.execute(CloseRound(id=id_, envelope=envelope(date(2025, 1, 31), head)))
    with read() as reading:
        told = summaries(reading, "2024", id_of("Hải Dương"))
    sums = {level: sum(each.levels[level] or 0 for each in told) for level in told[0].levels}
    assert list(sums.values()) == [132, 468, 28, 10]
    assert sum(each.total for each in told) == 638
    assert sum(each.ceiling or 0 for each in told) == 132
    assert not any(each.over or each.undecided for each in told)


# Awards


def grant(name="Cơ sở 0", kind="flag", form="five_years", years=FIVE):
    return Grant(Subject(id_of(name)), kind, form, years, None)


AWARD = id_of("award")


def give(on=date(2025, 2, 28), by="Tỉnh", policy="own-years", override=None, id_=AWARD, **more):
    given = grant(**more)
    facts: dict[str, Any] = {"grant": given, "policy": policy, "override": override}
    return DecideAward(id=id_, envelope=envelope(on, by), anew=True, **facts)


@pytest.fixture
def five_years(district):
    """Base 0 was excellent in each of the years 2020 to 2024."""
    for year in FIVE:
        judged(district, year)
    return district


def test_five_years_in_a_row_are_counted_and_kept_with_the_award(five_years, read):
    five_years.execute(give())
    with read() as reading:
        told: Any = Awards(reading.connection, reading.schema).one(AWARD, reading.point)
    assert (told.status, told.first_year, told.last_year, told.gaps) == ("decided", 2020, 2024, [])
    assert [year["holds"] for year in told.chain["years"]] == [True] * 5
    assert all(year["rated"][0]["document"] == "07-QĐ/TU" for year in told.chain["years"])
    head = five_years.store.position()
    five_years.execute(give())
    assert five_years.store.position() == head


def test_a_gap_is_refused_and_named_unless_overridden(five_years, read):
    with pytest.raises(YearsMissing) as refusal:
        five_years.execute(give(name="Cơ sở 1"))
    assert refusal.value.facts["years"] == list(FIVE)
    assert refusal.value.facts["rule"] == "INV-AWD-3"
    override = Override("Hồ sơ giấy trước khi có sổ", PAPER)
    five_years.execute(give(name="Cơ sở 1", override=override))
    with read() as reading:
        told: Any = Awards(reading.connection, reading.schema).one(AWARD, reading.point)
    assert (told.gaps, told.override) == (list(FIVE), "Hồ sơ giấy trước khi có sổ")


def test_a_policy_is_named(five_years):
    with pytest.raises(InvalidValue, match="policy"):
        five_years.execute(give(policy=None))
    with pytest.raises(InvalidValue, match="policy"):
        five_years.execute(give(policy="as-we-like"))


def test_the_body_that_gives_has_the_power_on_that_day(five_years):
    with pytest.raises(NotCompetent) as refusal:
        five_years.execute(give(by="Huyện"))
    assert refusal.value.facts["rule"] == "INV-AWD-2"
    district_gives = {"kind": "certificate", "form": "yearly", "years": (2024,)}
    five_years.execute(give(by="Huyện", **district_gives))
    with pytest.raises(NotCompetent):
        five_years.execute(give(by="Cơ sở 1", id_=id_of("other"), **district_gives))


def test_the_power_of_the_district_has_lapsed_with_it(five_years):
    """From 1 July 2025 the commune gives certificates; nobody has a district's power."""
    givers = "award.kind.certificate"
    assert "district" in five_years.rules.on(date(2025, 6, 30)).value(givers)["givers"]
    assert five_years.rules.on(date(2025, 7, 1)).value(givers)["givers"] == ["base", "commune"]


def test_the_same_is_not_given_twice(five_years):
    five_years.execute(give())
    with pytest.raises(AlreadyExists):
        five_years.execute(give(id_=id_of("again")))
    revoke = envelope(date(2025, 3, 2), "Tỉnh", reason="Kê khai sai")
    five_years.execute(RevokeAward(id=AWARD, envelope=revoke))
    five_years.execute(give(id_=id_of("again"), on=date(2025, 3, 3)))


def test_an_award_goes_its_way_step_by_step(five_years, read):
    on = date(2025, 2, 1)
    five_years.execute(
        ProposeAward(id=AWARD, envelope=envelope(on, "Huyện"), grant=grant(), anew=True),
        ReviewAward(id=AWARD, envelope=envelope(on, "Tỉnh"), body="Ban Tổ chức", supports=True),
    )
    with pytest.raises(RuleBroken):
        five_years.execute(PresentAward(id=AWARD, envelope=envelope(on, "Tỉnh")))
    five_years.execute(give())
    five_years.execute(PresentAward(id=AWARD, envelope=envelope(date(2025, 3, 1), "Tỉnh")))
    with read() as reading:
        told = Awards(reading.connection, reading.schema).history(AWARD, reading.point.known_at)
    assert [(row.status, row.valid_from) for row in told] == [
        ("reviewed", on),
        ("decided", date(2025, 2, 28)),
        ("presented", date(2025, 3, 1)),
    ]


def test_what_was_given_wrongly_is_voided_unless_something_followed(five_years):
    given = five_years.execute(give()).position
    void = Void(of=Award, id=AWARD, envelope=envelope(date(2025, 3, 1), "Tỉnh", voids=given))
    by_others = replace(void, envelope=envelope(date(2025, 3, 1), "Huyện", voids=given))
    with pytest.raises(NotCompetent):
        five_years.execute(by_others)
    five_years.execute(void)
    five_years.execute(give(on=date(2025, 3, 2)))


# Years across mergers


@pytest.fixture
def merged(five_years):
    """On 1 July 2025 bases 0 (excellent) and 1 (good) became one, of which 0 is the default."""
    july = date(2025, 7, 1)
    heirs = {
        name: (Successor(id_of("Hợp nhất"), "whole", is_default=name == "Cơ sở 0"),)
        for name in ("Cơ sở 0", "Cơ sở 1")
    }
    five_years.execute(
        founded("Hợp nhất", "base_committee", "Tỉnh", july, way="merger"),
        *(
            End(
                id=id_of(name),
                envelope=envelope(july),
                of=PartyOrganisation,
                way="merger",
                successors=successors,
            )
            for name, successors in heirs.items()
        ),
    )
    return five_years


@pytest.mark.parametrize(
    ("policy", "gaps"),
    [
        ("own-years", FIVE),
        ("any-predecessor", ()),
        ("default-predecessor", ()),
        ("all-predecessors", FIVE),
    ],
)
def test_years_of_predecessors_count_by_the_named_policy(merged, read, policy, gaps):
    with read(valid_at=date(2025, 8, 1)) as reading:
        told = chain_of(reading, id_of("Hợp nhất"), FIVE, policy, ["excellent"])
    assert told.gaps == gaps
    by = None if not gaps else Override("Theo hồ sơ", PAPER)
    merged.execute(give(name="Hợp nhất", policy=policy, override=by, on=date(2025, 8, 1)))
    with read() as reading:
        award: Any = Awards(reading.connection, reading.schema).one(AWARD, reading.point)
    assert (award.policy, tuple(award.gaps)) == (policy, gaps)
    if policy == "any-predecessor":
        origins = {origin for year in award.chain["years"] for origin in year["origins"]}
        assert origins == {str(id_of("Cơ sở 0")), str(id_of("Cơ sở 1"))}


def test_a_list_of_candidates_shows_gaps_year_by_year(five_years, read):
    change = envelope(date(2025, 2, 1), "Tỉnh", B, reason="Kết luận kiểm tra")
    decision = Decision(id_of("Cơ sở 0"), "good")
    wrong = round_id("2022", id_of("Huyện"), GROUP)
    five_years.execute(ChangeLevel(id=wrong, envelope=change, decision=decision))
    asked: dict[str, Any] = {"last_year": 2024, "form": "five_years", "policy": "own-years"}
    with read(valid_at=date(2025, 3, 1)) as reading:
        rules = five_years.rules
        assert candidates(reading, rules, **asked) == []
        [told] = candidates(reading, rules, **asked, with_gaps=True, under=id_of("Huyện"))
        assert told.subject_id == id_of("Cơ sở 0")
        assert told.chain.gaps == (2022,)
        assert told.chain.years[2].rated[0].level == "good"
    with read(valid_at=date(2025, 1, 31)) as reading:
        [told] = candidates(reading, five_years.rules, **asked)
        assert told.is_eligible
    assert years_until(2024, 5) == FIVE
