"""Whatever clerks do, accepted or refused: no group exceeds its ceiling, and totals always sum."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.errors import RegisterError
from domain.evaluation.events import UNREVIEWED
from domain.evaluation.review import Review
from tests.domain.rounds import DECIDED, A, B, C, Place, envelope, id_of, level, opened

DAYS = st.integers(0, 2).map(lambda n: DECIDED + timedelta(days=n))
LEVELS = st.sampled_from(["excellent", "excellent", "good", "good", "completed", "not_completed"])
ACTORS = st.sampled_from([A, B, C])
BASES = 6  # five good ones make room for one excellent one


class Clerks(RuleBasedStateMachine):
    """Decide, leave out, change, correct, void, close and reopen, on days in any order."""

    @initialize()
    def open_(self) -> None:
        self.place = Place(BASES)
        self.review: Review = opened(self.place)

    def wish(self, what: str, *said: Any) -> None:
        """As a transaction: all of it is recorded, or nothing."""
        review = self.place.again(self.review)
        try:
            getattr(review, what)(*said)
            self.review = self.place.checked(review)
        except RegisterError:
            self.review = self.place.again(self.review)

    @rule(
        codes=st.dictionaries(st.integers(0, BASES - 1), LEVELS, min_size=1),
        on=DAYS,
        actor=ACTORS,
        wrong=st.none() | st.integers(0, 3),
    )
    def decide(self, codes, on, actor, wrong):
        decisions = [level(n, code) for n, code in codes.items()]
        self.wish("decide_levels", decisions, envelope(on, actor, voids=self.position(wrong)))

    @rule(best=st.integers(0, BASES - 1), on=DAYS, later=DAYS, actor=ACTORS)
    def decide_all_but_one_and_then_that_one(self, best, on, later, actor):
        rest = [level(n, "good") for n in range(BASES) if n != best]
        self.wish("decide_levels", rest, envelope(on, actor))
        self.wish("decide_levels", [level(best, "excellent")], envelope(later, actor))

    @rule(n=st.integers(0, BASES - 1), code=LEVELS, on=DAYS, actor=ACTORS)
    def change(self, n, code, on, actor):
        self.wish("change_level", level(n, code), envelope(on, actor, by="Tỉnh", reason="Vì sao"))

    @rule(ns=st.sets(st.integers(0, BASES - 1), min_size=1), on=DAYS, actor=ACTORS)
    def leave_out(self, ns, on, actor):
        ids = [id_of(f"Cơ sở {n}") for n in sorted(ns)]
        self.wish("leave_unreviewed", ids, "Mới thành lập", envelope(on, actor))

    @rule(wrong=st.integers(0, 3), on=DAYS, actor=ACTORS, by=st.sampled_from(["Xã", "Tỉnh"]))
    def void(self, wrong, on, actor, by):
        self.wish("void", envelope(on, actor, by=by, voids=self.position(wrong)))

    @rule(on=DAYS, actor=ACTORS)
    def close(self, on, actor):
        self.wish("close", envelope(on, actor))

    @rule(on=DAYS, actor=ACTORS, again=st.booleans())
    def reopen(self, on, actor, again):
        higher = envelope(on, actor, by="Tỉnh", reason="Phát hiện sai sót")
        self.wish("reopen" if again else "request_reopening", higher)

    def position(self, number: int | None) -> int | None:
        """Of one of the decisions, counted from the last; without any: of the last event."""
        if number is None:
            return None
        decided = (Review.LevelsDecided, Review.LevelChanged, Review.LeftUnreviewed)
        every = self.review.events
        found = [v for v, event in every.items() if isinstance(event, decided)][::-1]
        return every[found[number % len(found)] if found else self.review.version].position

    @invariant()
    def nobody_exceeds_the_ceiling_on_any_day(self):
        """Told anew from the record: 20 % of those rated good or better, rounded down."""
        review = self.place.again(self.review)
        for n in range(-1, 6):
            rated = list(review.levels(DECIDED + timedelta(days=n)).values())
            excellent, good = rated.count("excellent"), rated.count("good")
            assert excellent * 5 <= excellent + good

    @invariant()
    def levels_and_those_left_out_sum_to_the_subjects_of_a_closed_round(self):
        review = self.place.again(self.review)
        outcomes = review.outcomes()
        assert outcomes.keys() <= review.subjects().keys()
        if review.state == "closed":
            counts, unreviewed = review.totals()
            assert sum(each.number for each in counts) + unreviewed == len(review.subjects())
            assert unreviewed == list(outcomes.values()).count(UNREVIEWED)

    @invariant()
    def nobody_corrects_alone_what_they_decided(self):
        review = self.place.again(self.review)
        for version, by in review.voided_by.items():
            wrong, right = review.events[version], review.events[by]
            if isinstance(wrong, (Review.LevelsDecided, Review.LevelChanged)):
                assert wrong.envelope.actor.id != right.envelope.actor.id


Clerks.TestCase.settings = settings(stateful_step_count=15, deadline=None)
TestClerks = Clerks.TestCase
