"""Awards: from the registration of an emulation title to what was given, or taken away again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.envelope import Envelope
from domain.errors import (
    AlreadyExists,
    InvalidValue,
    NotCompetent,
    NotFound,
    RuleBroken,
    YearsMissing,
)
from domain.evaluation.authority import above
from domain.evaluation.chain import Chain
from domain.evaluation.parts import Override, Subject
from domain.names import refuse_improper_text
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleSet
from domain.structure.neighbourhood import Neighbourhood, either
from domain.timeline import Timeline

GIVEN = ("decided", "presented")


@dataclass(frozen=True, slots=True)
class Grant:
    """Who receives what, and for which years."""

    subject: Subject
    kind: str  # code of the rule book: "merit_certificate"
    form: str  # code of the rule book: "five_years"
    years: tuple[int, ...]  # ascending; none: not for years
    merit: str | None  # for what (thành tích), in words

    @property
    def is_for_person(self) -> bool:
        return self.subject.organisation_id is not None


class Granting(Event):
    """A step that says who receives what."""

    grant: Grant

    STATUS = ""

    def mentions(self) -> tuple[UUID, ...]:
        subject = self.grant.subject
        return (subject.id, *((subject.organisation_id,) if subject.organisation_id else ()))

    def apply(self, aggregate: Award) -> None:
        day, order, grant = self.effective_on, self.originator_version, self.grant
        aggregate.is_active.set(day, True, order)
        aggregate.status.set(day, self.STATUS, order)
        aggregate.subject_id.set(day, grant.subject.id, order)
        aggregate.kind.set(day, grant.kind, order)
        aggregate.form.set(day, grant.form, order)


class Award(Aggregate):
    """One award (khen thưởng) to one subject."""

    TOPIC = "award"

    class Registered(Granting):
        """Its emulation title was registered at the start (đăng ký thi đua)."""

        TOPIC = "award.registered"
        TITLE = "đăng ký thi đua"
        STATUS = "registered"

    class Proposed(Granting):
        """Somebody proposes it (đề nghị khen thưởng)."""

        TOPIC = "award.proposed"
        TITLE = "đề nghị khen thưởng"
        STATUS = "proposed"

    class Reviewed(Event):
        """A body that advises has looked at the proposal (thẩm định, xét khen thưởng)."""

        TOPIC = "award.reviewed"
        TITLE = "xét khen thưởng"
        body: str  # in words: "Ban Tổ chức Tỉnh ủy"
        supports: bool

        def apply(self, aggregate: Award) -> None:
            aggregate.status.set(self.effective_on, "reviewed", self.originator_version)

    class Decided(Granting):
        """It is given (quyết định khen thưởng); the years are kept as they were counted."""

        TOPIC = "award.decided"
        TITLE = "quyết định khen thưởng"
        STATUS = "decided"
        chain: Chain | None  # None: not for years
        override: Override | None  # why it is given although years are missing

        def mentions(self) -> tuple[UUID, ...]:
            years = self.chain.years if self.chain else ()
            origins = (id_ for year in years for id_ in year.origins)
            return tuple(dict.fromkeys((*super().mentions(), *origins)))

    class Presented(Event):
        """It was handed over (trao tặng)."""

        TOPIC = "award.presented"
        TITLE = "trao tặng"
        HAPPENED = True

        def apply(self, aggregate: Award) -> None:
            aggregate.status.set(self.effective_on, "presented", self.originator_version)

    class Revoked(Event):
        """It is taken away again (thu hồi khen thưởng), for the reason given."""

        TOPIC = "award.revoked"
        TITLE = "thu hồi khen thưởng"

        def apply(self, aggregate: Award) -> None:
            aggregate.status.set(self.effective_on, "revoked", self.originator_version)

    class Voided(Event):
        """An earlier record is taken back (hủy bỏ); the envelope says which."""

        TOPIC = "award.voided"
        TITLE = "hủy bỏ nội dung đã ghi"

    beginning, voiding = Proposed, Voided

    def __init__(self) -> None:
        super().__init__()
        self.status: Timeline[str] = self.timeline("status")
        self.subject_id: Timeline[UUID] = self.timeline("subject_id")
        self.kind: Timeline[str] = self.timeline("kind")
        self.form: Timeline[str] = self.timeline("form")

    # Asking

    @property
    def state(self) -> str | None:
        """The last step on record; None where all was taken back."""
        facts = self.status.facts()
        return facts[-1].value if facts else None

    @property
    def decision(self) -> Decided | None:
        """What gave it and stands."""
        return self.decision_on(date.max)

    def decision_on(self, day: date) -> Decided | None:
        """What gave it by that day, and stands."""
        given = [
            fact for fact in self.status.facts() if fact.value == "decided" and fact.day <= day
        ]
        return self.events[given[-1].order] if given else None  # type: ignore[return-value]

    def grant_on(self, day: date) -> Grant | None:
        """Who receives what, as the last step by that day has it."""
        fact = self.subject_id.fact_at(day)
        event = self.events[fact.order] if fact else None
        return event.grant if isinstance(event, Granting) else None

    def keys(self, since: date) -> set[str]:
        """What was given, so that the same is not given twice."""
        decision = self.decision
        if decision is None or self.state not in GIVEN:
            return set()
        grant = decision.grant
        years = ",".join(map(str, grant.years)) or str(decision.effective_on)
        return {f"only:award:{grant.subject.id}:{grant.kind}:{grant.form}:{years}"}

    def ids_around(self, events: Sequence[Event]) -> set[UUID]:
        grant = self.grant_on(date.max)
        ids = {a for e in events if (a := e.envelope.authority.organisation_id)}
        return ids | ({grant.subject.organisation_id or grant.subject.id} if grant else set())

    def refuse_breaches(self, since: date, events: Sequence[Event], around: Neighbourhood) -> None:
        """Its subject is there, its giver may give it that day, and it is given once."""
        for event in events:
            judged = self.event_at(event.envelope.voids or 0) if _takes_back(event) else event
            if isinstance(event, Granting):
                _refuse_unknown_subject(event.grant.subject, around)
            if isinstance(judged, self.Decided):
                _refuse_incompetent(event, judged, around)
            elif isinstance(judged, self.Revoked):
                decided = self.decision
                if decided is not None:
                    _refuse_incompetent(event, decided, around, or_above=True)
        for key in self.keys(since):
            if any(
                each.id != self.id and key in each.keys(date.min) for each in around.bearers(key)
            ):
                raise AlreadyExists("That was given already", field="kind", rule="INV-AWD-4")

    # Deciding

    @classmethod
    def register(cls, id_: UUID, grant: Grant, envelope: Envelope, rules: RuleSet) -> Self:
        """Register what is striven for. Raises InvalidValue."""
        refuse_wrong_grant(grant, envelope, rules)
        return cls.begin_with(cls.Registered, id_, envelope, grant=grant)

    @classmethod
    def propose_anew(cls, id_: UUID, grant: Grant, envelope: Envelope, rules: RuleSet) -> Self:
        """Propose what nobody has registered. Raises InvalidValue."""
        refuse_wrong_grant(grant, envelope, rules)
        return cls.begin_with(cls.Proposed, id_, envelope, grant=grant)

    @classmethod
    def decide_anew(
        cls,
        id_: UUID,
        grant: Grant,
        chain: Chain | None,
        override: Override | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> Self:
        """Record what was given and of which nothing else is on record. Raises as `decide`."""
        refuse_wrong_grant(grant, envelope, rules)
        _refuse_missing_years(chain, override, rules, grant)
        facts = {"grant": grant, "chain": chain, "override": override}
        return cls.begin_with(cls.Decided, id_, envelope, **facts)

    def propose(self, grant: Grant, envelope: Envelope, rules: RuleSet) -> None:
        """Propose it. Raises InvalidValue, RuleBroken."""
        refuse_wrong_grant(grant, envelope, rules)
        self._refuse_other_subject(grant)
        self._step(self.Proposed, ("registered", None), envelope, {"grant": grant})

    def review(self, body: str, supports: bool, envelope: Envelope) -> None:
        """Record what an advising body thinks of the proposal. Raises RuleBroken."""
        refuse_improper_text(body, "body")
        facts = {"body": body, "supports": supports}
        self._step(self.Reviewed, ("proposed", "reviewed"), envelope, facts)

    def decide(
        self,
        grant: Grant,
        chain: Chain | None,
        override: Override | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Give it. Raises InvalidValue, RuleBroken, YearsMissing."""
        refuse_wrong_grant(grant, envelope, rules)
        self._refuse_other_subject(grant)
        _refuse_missing_years(chain, override, rules, grant)
        facts = {"grant": grant, "chain": chain, "override": override}
        self._step(self.Decided, ("registered", "proposed", "reviewed", None), envelope, facts)

    def present(self, envelope: Envelope) -> None:
        """Record that it was handed over. Raises RuleBroken."""
        self._step(self.Presented, ("decided",), envelope, {})

    def revoke(self, envelope: Envelope) -> None:
        """Take it away again, for a reason. Raises InvalidValue, RuleBroken."""
        if not envelope.reason:
            raise InvalidValue("Say why, in a few words", field="reason")
        self._step(self.Revoked, GIVEN, envelope, {})

    def void(self, envelope: Envelope) -> None:
        """Take a record back; not from under what followed it."""
        wrong = envelope.voids and self.refuse_unless_voidable(envelope.voids)
        if isinstance(wrong, self.Decided) and self.state in ("presented", "revoked"):
            raise RuleBroken("Take back first what followed the decision", field="voids")
        super().void(envelope)

    def _step(
        self,
        event_class: type[Event],
        after: tuple[str | None, ...],
        envelope: Envelope,
        facts: Mapping[str, Any],
    ) -> None:
        if envelope.voids is None:
            if self._is_recorded(event_class, envelope, facts):
                return
            if self.state not in after:
                raise RuleBroken(
                    f"It is {self.state}: this step follows {either(s or '' for s in after if s)}",
                    field="id",
                    rule="INV-AWD-1",
                    id=str(self.id),
                )
            self.refuse_later_facts(envelope.effective_on, None)
        self.happen(event_class, envelope, **facts)

    def _is_recorded(
        self, event_class: type[Event], envelope: Envelope, facts: Mapping[str, Any]
    ) -> bool:
        """Whether that very step of that day stands."""
        return any(
            type(event) is event_class
            and event.effective_on == envelope.effective_on
            and all(getattr(event, name) == said for name, said in facts.items())
            for version, event in self.events.items()
            if version not in self.voided_by
        )

    def _refuse_other_subject(self, grant: Grant) -> None:
        known = self.grant_on(date.max)
        if known is not None and known.subject.id != grant.subject.id:
            raise InvalidValue("An award stays with its subject", field="subject.id")


def refuse_wrong_grant(grant: Grant, envelope: Envelope, rules: RuleSet) -> None:
    """Raises InvalidValue unless the rules of the day know such an award."""
    refuse_improper_text(grant.merit, "merit")
    kind, form = _of(rules, "kind", grant.kind), _of(rules, "form", grant.form)
    wanted = "person" if grant.is_for_person else "organisation"
    if wanted not in kind["subjects"]:
        raise InvalidValue(
            f"{kind['name']} is not given to a {wanted}",
            field="kind",
            rule=f"award.kind.{grant.kind}",
        )
    years = list(grant.years)
    if years and years != list(range(years[0], years[0] + len(years))):
        raise InvalidValue("Years follow each other", field="years")
    if form["years"] and len(years) != form["years"]:
        raise InvalidValue(
            f"{form['name']} covers {form['years']} years",
            field="years",
            rule=f"award.form.{grant.form}",
        )
    if years and years[-1] > envelope.effective_on.year:
        raise InvalidValue("A year is counted once it has come", field="years")


def _of(rules: RuleSet, what: str, code: str) -> Mapping[str, Any]:
    rule = rules.values.get(f"award.{what}.{code}")
    if rule is None:
        known = [
            k.rpartition(".")[2] for k in sorted(rules.values) if k.startswith(f"award.{what}.")
        ]
        words = f"The {what} of an award is one of {', '.join(known)}"
        raise InvalidValue(words, field=what, rule=f"award.{what}")
    value: Mapping[str, Any] = rule.value
    return value


def _refuse_missing_years(
    chain: Chain | None, override: Override | None, rules: RuleSet, grant: Grant
) -> None:
    if override is not None:
        override.refuse_ill_formed()
        return
    gaps = chain.gaps if chain else ()
    if gaps:
        assert chain is not None
        rule = rules.rule(f"award.form.{grant.form}")
        raise YearsMissing(
            f"By the policy {chain.policy} {', '.join(map(str, gaps))} did not bring "
            f"{chain.level_min}: an override says why it is given all the same",
            field="years",
            rule="INV-AWD-3",
            document=rule.document,
            years=list(gaps),
            policy=chain.policy,
        )


# Who may give


def _takes_back(event: Event) -> bool:
    return isinstance(event, Award.Voided)


def _refuse_unknown_subject(subject: Subject, around: Neighbourhood) -> None:
    found = around.stream(subject.id)
    wanted = "person" if subject.organisation_id else PartyOrganisation.TOPIC
    place = around.find_any(PartyOrganisation, subject.organisation_id or subject.id)
    if found is None or wanted != found.TOPIC or place is None:
        raise NotFound(f"There is no {wanted} {subject.id}", field="subject.id", id=str(subject.id))


def _refuse_incompetent(
    event: Event, decided: Award.Decided, around: Neighbourhood, *, or_above: bool = False
) -> None:
    """The body that gives has power over that kind on that day, and over the subject."""
    grant, day = decided.grant, event.effective_on
    rule = around.rules.on(decided.effective_on).rule(f"award.kind.{grant.kind}")
    givers = rule.value["givers"]
    body_id = event.envelope.authority.organisation_id
    body = around.find_any(PartyOrganisation, body_id) if body_id else None
    place = around.find_any(PartyOrganisation, grant.subject.organisation_id or grant.subject.id)
    over = above(place, day, around) if place else set()
    if place is not None and grant.is_for_person:
        over.add(place.id)
    level = _level_of(body, day, around) if body else None
    if body is None or body.id not in over or (level not in givers and not or_above):
        raise NotCompetent(
            f"{rule.value['name']} is given by {either(givers)} above the subject; this body is "
            f"{level or 'not in the register, or was not there'}",
            field="authority",
            rule="INV-AWD-2",
            document=rule.document,
        )


def _level_of(body: PartyOrganisation, day: date, around: Neighbourhood) -> str | None:
    held_on = day if body.is_active_on(day) else day - timedelta(days=1)
    known = around.rules.on(held_on).kinds().get(body.kind.at(held_on) or "")
    return known.level if known and body.is_active_on(held_on) else None
