"""What can be asked of awards: one frozen dataclass each, as in services.commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from domain.aggregate import Aggregate
from domain.award import Award, Grant
from domain.errors import AlreadyExists, InvalidValue
from domain.evaluation.chain import Chain
from domain.evaluation.parts import Override
from domain.evaluation.recorded import recorded_chain
from domain.evaluation.terms import terms_of
from domain.rulebook import RuleSet
from domain.structure import Neighbourhood
from services.commands import Command
from services.work import Work


class AwardCommand(Command):
    """A wish about an award that is there."""

    def award(self, work: Work) -> Award:
        return work.get(Award, self.id, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class GrantCommand(AwardCommand):
    """A wish that says who receives what; with `anew` the award may begin with it."""

    grant: Grant
    anew: bool = False

    def begins(self, work: Work) -> bool:
        return self.anew and work.find_any(Award, self.id) is None

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, self.grant.subject.organisation_id or self.grant.subject.id)


@dataclass(frozen=True, kw_only=True)
class RegisterEmulation(GrantCommand):
    """Register what is striven for. The same again records nothing."""

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        award = Award.register(self.id, self.grant, envelope, rules)
        known = work.find_any(Aggregate, self.id)
        if known is None:
            work.add(award)
        elif not _begins_so(known, award):
            raise AlreadyExists(f"The id {self.id} is taken", field="id", id=str(self.id))


def _begins_so(known: Aggregate, wished: Award) -> bool:
    first, wish = known.events[1], wished.events[1]
    return (
        isinstance(first, Award.Registered)
        and isinstance(wish, Award.Registered)
        and 1 not in known.voided_by
        and (first.effective_on, first.grant) == (wish.effective_on, wish.grant)
    )


@dataclass(frozen=True, kw_only=True)
class ProposeAward(GrantCommand):
    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        if self.begins(work):
            work.add(Award.propose_anew(self.id, self.grant, envelope, rules))
        else:
            self.award(work).propose(self.grant, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class ReviewAward(AwardCommand):
    body: str
    supports: bool

    def decide(self, work: Work) -> None:
        self.award(work).review(self.body, self.supports, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class DecideAward(GrantCommand):
    """Give it; the years it covers are counted now, by the named policy, and kept with it."""

    policy: str | None = None
    override: Override | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        if self.begins(work):
            chain = self._counted(work, rules)
            facts = (self.grant, chain, self.override, envelope, rules)
            work.add(Award.decide_anew(self.id, *facts))
        else:
            award = self.award(work)
            chain = self._as_it_was(award) or self._counted(work, rules)
            award.decide(self.grant, chain, self.override, envelope, rules)

    def _as_it_was(self, award: Award) -> Chain | None:
        """As counted when that very decision was recorded: told again, it records nothing."""
        decided, envelope = award.decision, self.envelope
        if decided is None or envelope.voids is not None:
            return None
        same = (decided.grant, decided.override) == (self.grant, self.override)
        counted = decided.chain
        policy = counted.policy if counted else None
        is_told_again = same and (decided.effective_on, policy) == (
            envelope.effective_on,
            self.policy,
        )
        return counted if is_told_again else None

    def _counted(self, work: Work, rules: RuleSet) -> Chain | None:
        enough = levels_enough(rules, self.grant.form)
        if not enough or not self.grant.years:
            return None
        if self.policy is None:
            raise InvalidValue(
                "Name the policy by which the years are counted",
                field="policy",
                rule="award.policies",
                allowed=sorted(rules.value("award.policies")),
            )
        around = Neighbourhood(partial(work.find_any, Aggregate), work.bearers, work.rules)
        day, grant = self.envelope.effective_on, self.grant
        return recorded_chain(grant.subject, grant.years, self.policy, enough, day, around)


def levels_enough(rules: RuleSet, form: str) -> Sequence[str]:
    """The levels that each year of an award of that form must have brought; none: nothing asked."""
    rule = rules.values.get(f"award.form.{form}")
    least = rule.value.get("level_min") if rule else None
    codes = [level.code for level in terms_of(rules).levels]
    return codes[: codes.index(least) + 1] if least else ()


@dataclass(frozen=True, kw_only=True)
class PresentAward(AwardCommand):
    def decide(self, work: Work) -> None:
        self.award(work).present(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class RevokeAward(AwardCommand):
    def decide(self, work: Work) -> None:
        self.award(work).revoke(self.ruled(work)[1])
