"""A round of review and classification in one group: the subjects that share one ceiling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Envelope
from domain.errors import (
    AlreadyExists,
    CannotVoid,
    CeilingExceeded,
    InvalidValue,
    LevelNotEarned,
    NotFound,
    RuleBroken,
    SecondPersonNeeded,
    TotalsDoNotSum,
)
from domain.evaluation import events
from domain.evaluation.events import UNREVIEWED, decision_in
from domain.evaluation.parts import (
    SUBJECTS,
    Decision,
    DueDates,
    LevelCount,
    LevelVotes,
    Points,
    Roll,
    Subject,
    refuse_wrong_points,
)
from domain.evaluation.period import Period
from domain.evaluation.state import ReviewRecord
from domain.evaluation.stated import StatedTotals, derived
from domain.evaluation.terms import HUNDREDTHS, Applied, Terms, count, terms_of
from domain.ids import beside, derived_id
from domain.names import proper_name, refuse_improper_text, same_name
from domain.rulebook import RuleSet

if TYPE_CHECKING:
    from domain.structure.neighbourhood import Neighbourhood

_PLACE = datetime(2025, 7, 1, tzinfo=UTC)  # of the derived ids among those of a time


def review_id(period: Period, decider_id: UUID | None, group: str) -> UUID:
    """The round of that period and group; decider None: the Centre, outside the register."""
    name = f"review/{period}/{same_name(proper_name(group, 'group'))}"
    return beside(decider_id, name) if decider_id else derived_id(f"centre/{name}", _PLACE)


class Review(ReviewRecord):
    """A round (đợt kiểm điểm, đánh giá, xếp loại) of one deciding organisation and group."""

    TOPIC = "review"

    Opened = events.Opened
    OpeningCorrected = events.OpeningCorrected
    SubjectsListed = events.SubjectsListed
    SelfEvaluated = events.SelfEvaluated
    VoteRecorded = events.VoteRecorded
    Appraised = events.Appraised
    LevelsDecided = events.LevelsDecided
    LeftUnreviewed = events.LeftUnreviewed
    LevelChanged = events.LevelChanged
    TotalsStated = events.TotalsStated
    Closed = events.Closed
    ReopeningRequested = events.ReopeningRequested
    Reopened = events.Reopened
    Voided = events.Voided

    beginning, voiding = events.Opened, events.Voided

    def ids_around(self, events: Sequence[Event]) -> set[UUID]:
        subjects = self.subjects()
        relied_on = (self.SubjectsListed, self.LevelsDecided)
        named = {id_ for e in events if isinstance(e, relied_on) for id_ in e.mentions()}
        ids = {subjects[id_].organisation_id or id_ for id_ in named & subjects.keys()}
        opening = self.opening
        if opening is not None and opening.decider_id:
            ids.add(opening.decider_id)
        return ids | {a for e in events if (a := e.envelope.authority.organisation_id)}

    def refuse_breaches(self, since: date, events: Sequence[Event], around: Neighbourhood) -> None:
        from domain.evaluation.bounds import refuse_breaches  # it knows this class

        refuse_breaches(self, since, events, around)

    # Deciding

    @classmethod
    def open(
        cls,
        *,
        period: str,
        decider_id: UUID | None,
        group: str,
        subjects_are: str,
        due: DueDates,
        envelope: Envelope,
        rules: RuleSet,
    ) -> Review:
        """Open a round, by the rules of that day. Raises InvalidValue, RuleBroken."""
        facts = _opening(period, group, subjects_are, due, envelope, rules)
        id_ = review_id(Period.parse(period), decider_id, facts["group"])
        return cls.begin(id_, envelope, decider_id=decider_id, **facts)

    def correct_opening(
        self, *, subjects_are: str, due: DueDates, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record its opening rightly; period, decider and group make the round what it is.

        Raises CannotVoid, RuleBroken when something is on record for earlier days.
        """
        first, standing = self.events[1], self.opening
        assert isinstance(first, Review.Opened)
        voids = envelope.voids and self.refuse_unless_voidable(envelope.voids)
        if (voids or None) is not standing:
            raise CannotVoid("Name the record of its opening that stands", field="voids")
        facts = _opening(first.period, first.group, subjects_are, due, envelope, rules)
        orders = (standing.originator_version if standing else 0,)
        if any(f.day < envelope.effective_on for f in self._facts() if f.order not in orders):
            raise RuleBroken("Facts are on record for days before", field="effective_on")
        if subjects_are != first.subjects_are and self.subjects():
            raise RuleBroken("Subjects of the other kind are listed", field="subjects_are")
        self.happen(self.OpeningCorrected, envelope, decider_id=first.decider_id, **facts)

    def list_subjects(self, subjects: Sequence[Subject], envelope: Envelope) -> None:
        """Let these be judged in it; those who are listed already record nothing."""
        self._refuse_unless_open(envelope)
        if len({subject.id for subject in subjects}) != len(subjects):
            raise InvalidValue("A subject is named twice", field="subjects.id")
        persons = self.opened.subjects_are == "person"
        for subject in subjects:
            if (subject.organisation_id is not None) != persons:
                raise InvalidValue(
                    "A person is judged in an organisation; an organisation by itself",
                    field="subjects.organisation_id",
                )
        known = self.subjects() if envelope.voids is None else {}
        new = tuple(subject for subject in subjects if known.get(subject.id) != subject)
        if any(subject.id in known for subject in new):
            raise AlreadyExists("One is listed already in another place", field="subjects")
        if new:
            self.happen(self.SubjectsListed, envelope, subjects=new)

    def evaluate_self(
        self, subject_id: UUID, points: Sequence[Points], level: str, envelope: Envelope
    ) -> None:
        """Record how one judges itself. Raises NotFound, InvalidValue."""
        self._refuse_unless_open(envelope)
        self._refuse_unlisted(subject_id, envelope.effective_on)
        self.opened.terms.level(level)
        refuse_wrong_points(points, self.opened.terms)
        facts = {"subject_id": subject_id, "points": tuple(points), "level": level}
        self._say("own", subject_id, self.SelfEvaluated, envelope, facts)

    def record_vote(
        self, subject_id: UUID, roll: Roll, votes: Sequence[LevelVotes], envelope: Envelope
    ) -> None:
        """Record a vote on one subject's level. Raises NotFound, InvalidValue."""
        self._refuse_unless_open(envelope)
        self._refuse_unlisted(subject_id, envelope.effective_on)
        roll.refuse_ill_formed()
        for each in votes:
            self.opened.terms.level(each.level)
        cast = sum(each.votes for each in votes)
        if len({each.level for each in votes}) != len(votes) or any(v.votes < 0 for v in votes):
            raise InvalidValue("A level has its votes once, and none below zero", field="votes")
        if cast > roll.present:
            raise InvalidValue(
                f"{cast} votes by {roll.present} present, of {roll.denominator} who count",
                field="votes",
                rule="INV-REV-7",
            )
        facts = {"subject_id": subject_id, "roll": roll, "votes": tuple(votes)}
        self._say("vote", subject_id, self.VoteRecorded, envelope, facts)

    def appraise(
        self, subject_id: UUID, body: str, level: str, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record what an advising body proposes. Raises NotFound, InvalidValue."""
        self._refuse_unless_open(envelope)
        self._refuse_unlisted(subject_id, envelope.effective_on)
        self.opened.terms.level(level)
        bodies = rules.value("evaluation.appraisers")
        if body not in bodies:
            words = f"The body is one of {', '.join(sorted(bodies))}"
            raise InvalidValue(words, field="body", rule="evaluation.appraisers")
        facts = {"subject_id": subject_id, "body": body, "level": level}
        self._say(f"appraisal.{body}", subject_id, self.Appraised, envelope, facts)

    def decide_levels(self, decisions: Sequence[Decision], envelope: Envelope) -> None:
        """Give these subjects their levels by one decision; what is so already records nothing.

        With `voids` it takes the place of a decision that was recorded wrongly, which another
        person must do. Raises NotFound, InvalidValue, LevelNotEarned, CeilingExceeded.
        """
        self._refuse_unless_open(envelope)
        if len({decision.subject_id for decision in decisions}) != len(decisions):
            raise InvalidValue("A subject is named twice", field="decisions.subject_id")
        self._refuse_same_person(envelope)
        day = envelope.effective_on
        for decision in decisions:
            self._refuse_unlisted(decision.subject_id, day)
            self._refuse_unearned(decision)
        new = [d for d in decisions if envelope.voids or self._says_something_new(d, day)]
        for decision in new if envelope.voids is None else ():
            self._refuse_second_level(decision)
        if new:
            applied = self._refuse_over_ceiling(new, envelope)
            self.happen(self.LevelsDecided, envelope, decisions=tuple(new), applied=applied)

    def leave_unreviewed(
        self, subject_ids: Sequence[UUID], because: str, envelope: Envelope
    ) -> None:
        """Record that these are not classified, and why. Raises NotFound, InvalidValue."""
        self._refuse_unless_open(envelope)
        refuse_improper_text(because, "because")
        self._refuse_same_person(envelope)
        for subject_id in subject_ids:
            self._refuse_unlisted(subject_id, envelope.effective_on)
        outcomes = self.outcomes()
        new = [i for i in subject_ids if envelope.voids or outcomes.get(i) != UNREVIEWED]
        if any(i in outcomes for i in new) and envelope.voids is None:
            raise RuleBroken(
                "It has a level: correct that decision instead",
                field="subject_ids",
                rule="INV-REV-1",
            )
        if new:
            facts = {"subject_ids": tuple(dict.fromkeys(new)), "because": because}
            self.happen(self.LeftUnreviewed, envelope, **facts)

    def change_level(self, decision: Decision, envelope: Envelope) -> None:
        """Record that a superior changes a level, in an open round or a closed one.

        Another person than who recorded the level, or opened the round, must do it. Raises
        NotFound, InvalidValue, SecondPersonNeeded, LevelNotEarned, CeilingExceeded.
        """
        self.refuse_unless_active(envelope.effective_on)
        if not envelope.reason:
            raise InvalidValue("Say why, in a few words", field="reason")
        day, subject_id = envelope.effective_on, decision.subject_id
        self._refuse_unlisted(subject_id, day)
        self._refuse_unearned(decision)
        decided = self.level_of(subject_id).fact_at(day)
        if decided is None or decided.value == UNREVIEWED:
            raise RuleBroken("It has no level yet that could be changed", field="subject_id")
        if envelope.voids is None and not self._says_something_new(decision, day, ever=True):
            return
        self._refuse_same_person(envelope, self.events[decided.order], self.opened)
        applied = self._refuse_over_ceiling([decision], envelope)
        self.happen(self.LevelChanged, envelope, decision=decision, applied=applied)

    def state_totals(self, stated: StatedTotals, envelope: Envelope) -> None:
        """Keep totals as somebody stated them. Raises InvalidValue, TotalsDoNotSum."""
        self._refuse_unless_open(envelope)
        derived(stated, [level.code for level in self.opened.terms.levels])
        fact = self.stated.fact_at(envelope.effective_on)
        if envelope.voids or fact is None or fact[::2] != (envelope.effective_on, stated):
            self.happen(self.TotalsStated, envelope, stated=stated)

    def close(self, envelope: Envelope) -> None:
        """Close it: every subject has its level or is left out with a reason, and totals agree.

        Raises TotalsDoNotSum.
        """
        if self.state == "closed" and envelope.voids is None:
            return
        self._refuse_unless_open(envelope)
        self.refuse_later_facts(envelope.effective_on, envelope.voids)
        counts, unreviewed = self.totals()
        facts = {"counts": counts, "unreviewed": unreviewed}
        self.happen(self.Closed, envelope, **facts)

    def request_reopening(self, envelope: Envelope) -> None:
        """Say that and why it is to be opened again. Raises RuleBroken, InvalidValue."""
        if not envelope.reason:
            raise InvalidValue("Say why, in a few words", field="reason")
        if self.state != "reopening_requested":
            if self.state != "closed":
                raise RuleBroken("It is not closed", field="id")
            self.refuse_later_facts(envelope.effective_on, envelope.voids)
            self.happen(self.ReopeningRequested, envelope)

    def reopen(self, envelope: Envelope) -> None:
        """Open it again, as another person has requested. Raises SecondPersonNeeded."""
        if self.state == "open":
            return
        if self.state != "reopening_requested":
            raise SecondPersonNeeded(
                "Another person requests the reopening first", field="id", rule="INV-REV-6"
            )
        self._refuse_same_person(envelope, self.events[self.status.facts()[-1].order])
        self.refuse_later_facts(envelope.effective_on, envelope.voids)
        self.happen(self.Reopened, envelope)

    def void(self, envelope: Envelope) -> None:
        """Take a record back. What was decided, by another person; a closing by reopening."""
        if envelope.voids is not None:
            wrong = self.refuse_unless_voidable(envelope.voids)
            if isinstance(wrong, (self.Closed, self.Reopened)):
                raise CannotVoid("A closed round is reopened by two persons", field="voids")
            if isinstance(wrong, self.Opened):
                self.refuse_later_facts(date.min, envelope.voids)
            elif not isinstance(wrong, (self.LevelChanged, self.ReopeningRequested)):
                self._refuse_unless_open(envelope)
            self._refuse_same_person(envelope)
        super().void(envelope)

    # What the commands ask

    def totals(self) -> tuple[tuple[LevelCount, ...], int]:
        """(number of each level, number not reviewed), after all that is on record.

        Raises TotalsDoNotSum while somebody has neither, or where stated totals differ.
        """
        subjects, outcomes = self.subjects(), self.outcomes()
        open_ = subjects.keys() - outcomes.keys()
        if open_:
            raise TotalsDoNotSum(
                f"{len(open_)} of {len(subjects)} subjects have no level and no reason for that",
                rule="INV-REV-5",
                missing=sorted(str(id_) for id_ in open_)[:20],
            )
        counts = count(outcomes.values())
        unreviewed = counts.pop(UNREVIEWED, 0)
        codes = [level.code for level in self.opened.terms.levels]
        self._refuse_other_totals([counts.get(code, 0) for code in codes], unreviewed)
        return tuple(LevelCount(code, counts.get(code, 0)) for code in codes), unreviewed

    def _refuse_other_totals(self, counts: Sequence[int], unreviewed: int) -> None:
        stated = self.stated.facts()
        if not stated or not self.subjects():
            return
        said = stated[-1].value
        codes = [level.code for level in self.opened.terms.levels]
        wanted = derived(said, codes).values()
        pairs = zip(wanted, counts, strict=True)
        agree = all(number is None or number == counted for number, counted in pairs)
        if not agree or (said.subjects, said.unreviewed) != (len(self.subjects()), unreviewed):
            raise TotalsDoNotSum(
                "The totals that were stated are not those of the levels on record",
                rule="INV-REV-5",
            )

    def _facts(self) -> Iterator[Any]:
        return (fact for line in self.fields().values() for fact in line.facts())

    def _say(
        self,
        what: str,
        subject_id: UUID,
        event_class: type[Event],
        envelope: Envelope,
        facts: Mapping[str, Any],
    ) -> None:
        """Record this of one subject, unless the very same is on record for that day."""
        fact = self.line(what, subject_id).fact_at(envelope.effective_on)
        known = self.events[fact.order] if fact and fact.day == envelope.effective_on else None
        same = known and all(getattr(known, name) == said for name, said in facts.items())
        if envelope.voids is not None or not same:
            self.happen(event_class, envelope, **facts)

    def _refuse_unless_open(self, envelope: Envelope) -> None:
        """Raises NotActive, RuleBroken."""
        self.refuse_unless_active(envelope.effective_on)
        if self.state != "open":
            raise RuleBroken("The round is closed: it must be reopened first", rule="INV-REV-5")

    def _refuse_unlisted(self, subject_id: UUID, day: date) -> None:
        line = self._subjects.get(subject_id)
        if line is None or line.at(day) is None:
            raise NotFound(
                f"{subject_id} is not on the list of this round on {day:%d/%m/%Y}",
                field="subject_id",
                id=str(self.id),
            )

    def _refuse_same_person(self, envelope: Envelope, *events: Event) -> None:
        """Raises SecondPersonNeeded when who recorded these, or what is voided, acts again."""
        wrong = self.event_at(envelope.voids or 0)
        if wrong is not None and isinstance(
            wrong, (self.LevelsDecided, self.LevelChanged, self.LeftUnreviewed)
        ):
            events = (*events, wrong)
        if any(event.envelope.actor.id == envelope.actor.id for event in events):
            raise SecondPersonNeeded(
                "Who recorded what this changes does not change it alone",
                field="actor",
                rule="INV-REV-6",
            )

    def _refuse_unearned(self, decision: Decision) -> None:
        terms = self.opened.terms
        terms.level(decision.level)
        unknown = set(decision.conditions) - terms.conditions()
        if unknown:
            raise InvalidValue(
                f"These rules know no condition {', '.join(sorted(unknown))}",
                field="decisions.conditions",
                rule="evaluation.levels",
                document=terms.document,
            )
        points = decision.hundredths
        if points is not None and not 0 <= points <= (terms.points_max or 100) * HUNDREDTHS:
            raise InvalidValue("Points lie between 0 and their sum", field="decisions.points")
        if decision.override is not None:
            decision.override.refuse_ill_formed()
            return
        if terms.by_points and points is None:
            raise InvalidValue(
                "These rules ask for points", field="decisions.points", document=terms.document
            )
        refuse_unlike(decision, terms, collective=self.opened.subjects_are == "organisation")

    def _says_something_new(self, decision: Decision, day: date, *, ever: bool = False) -> bool:
        """Whether the decision of that day differs; `ever`: whatever its day."""
        line = self.level_of(decision.subject_id)
        fact = line.fact_at(day)
        if fact is None or (fact.day != day and not ever):
            return True
        return decision_in(self.events[fact.order], decision.subject_id) != decision

    def _refuse_second_level(self, decision: Decision) -> None:
        if self.level_of(decision.subject_id).facts():
            raise RuleBroken(
                "It is decided already: name that record in `voids`, or let a superior change it",
                field="decisions.subject_id",
                rule="INV-REV-1",
                id=str(decision.subject_id),
            )

    def _refuse_over_ceiling(
        self, decisions: Sequence[Decision], envelope: Envelope
    ) -> Applied | None:
        wrong = self.event_at(envelope.voids or 0)
        levels = self.levels(envelope.effective_on)
        for id_ in wrong.mentions() if wrong else ():
            fact = self.level_of(id_).fact_at(envelope.effective_on)
            if wrong and fact and fact.order == wrong.originator_version:
                levels.pop(id_, None)
        levels |= {decision.subject_id: decision.level for decision in decisions}
        return refuse_over_ceiling(levels, self.opened.terms)


def refuse_unlike(decision: Decision, terms: Terms, *, collective: bool) -> None:
    """Raises LevelNotEarned unless points and conditions give the level.

    Of those that have earned the best one, the ceiling lets some have the next only.
    """
    earned = terms.earned(decision.hundredths, decision.conditions, collective=collective)
    if earned is None or earned.code == decision.level:
        return
    steps = terms.rank(decision.level) - terms.rank(earned.code)
    capped = terms.ceiling is not None and earned.code == terms.ceiling.level
    if not (capped and steps == 1):
        raise LevelNotEarned(
            f"Points and conditions give {earned.code}, not {decision.level}: another level needs "
            "an override with its reason and document",
            field="decisions.level",
            rule="INV-REV-2",
            document=terms.document,
            id=str(decision.subject_id),
        )


def refuse_over_ceiling(levels: Mapping[UUID, str], terms: Terms) -> Applied | None:
    """The ceiling as it applies to all levels of the group. Raises CeilingExceeded."""
    applied = terms.apply_ceiling(levels.values())
    if applied is not None and applied.rated > applied.allowed:
        ceiling = applied.ceiling
        raise CeilingExceeded(
            f"{applied.rated} would be {ceiling.level}; {ceiling.percent} % of {applied.base} "
            f"({ceiling.base}, rounded {ceiling.rounding}) allow {applied.allowed}",
            field="decisions.level",
            rule="INV-REV-3",
            document=ceiling.document,
            verified=ceiling.verified,
        )
    return applied


def _opening(
    period: str, group: str, subjects_are: str, due: DueDates, envelope: Envelope, rules: RuleSet
) -> dict[str, Any]:
    parsed = Period.parse(period)
    if subjects_are not in SUBJECTS:
        raise InvalidValue(f"Subjects are one of {', '.join(SUBJECTS)}", field="subjects_are")
    if parsed.kind not in rules.value("evaluation.periods"):
        raise RuleBroken(
            f"The rules of {rules.day:%d/%m/%Y} know no rounds by {parsed.kind}",
            field="period",
            rule="evaluation.periods",
            document=rules.rule("evaluation.periods").document,
        )
    if envelope.effective_on < parsed.first_day:
        raise InvalidValue("A round is not opened before its period", field="effective_on")
    due.refuse_before(envelope.effective_on)
    return {
        "period": str(parsed),
        "group": proper_name(group, "group"),
        "subjects_are": subjects_are,
        "due": due,
        "terms": terms_of(rules),
    }
