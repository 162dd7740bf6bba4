"""Terms, seats and working regulations: what is decided about a body as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.envelope import Envelope
from domain.errors import InvalidValue, OutsideTerm, RuleBroken
from domain.leadership import events
from domain.leadership.deciding import Deciding
from domain.leadership.rules import body_rule, post_rule
from domain.leadership.values import Planned, Regulations, Seats, Term
from domain.legal_basis import LegalBasis
from domain.names import proper_name, refuse_improper_text
from domain.rulebook import RuleSet


class DecidesTerms(Deciding):
    """Its bodies, their terms, the seats of their posts, and how they work."""

    def set_seats(
        self,
        body: str,
        post: str,
        number: int,
        envelope: Envelope,
        rules: RuleSet,
        due_on: date | None = None,
        surplus_until: date | None = None,
    ) -> None:
        """Set the number of seats of a post. Raises PostNotAllowed, InvalidValue."""
        post_rule(rules, body, post)
        _refuse_ill_planned(number, due_on, surplus_until, envelope)
        seats = Seats(number, due_on, surplus_until)
        if self.says_something_new(self.seats_of(body, post), seats, envelope):
            facts = {"number": number, "due_on": due_on, "surplus_until": surplus_until}
            self.happen(events.SeatPlanSet, envelope, body=body, post=post, **facts)

    def set_seats_together(
        self,
        plans: Sequence[Planned],
        envelope: Envelope,
        rules: RuleSet,
        due_on: date | None = None,
        surplus_until: date | None = None,
    ) -> None:
        """Set the seats of several posts by one decision. Raises PostNotAllowed, InvalidValue."""
        if not plans or len({(plan.body, plan.post) for plan in plans}) != len(plans):
            raise InvalidValue("Name each post once", field="plans")
        for plan in plans:
            post_rule(rules, plan.body, plan.post)
            _refuse_ill_planned(plan.number, due_on, surplus_until, envelope)
        new = [
            self.says_something_new(
                self.seats_of(plan.body, plan.post),
                Seats(plan.number, due_on, surplus_until),
                envelope,
            )
            for plan in plans
        ]
        if any(new):
            facts = {"due_on": due_on, "surplus_until": surplus_until}
            self.happen(events.SeatPlansSet, envelope, plans=tuple(plans), **facts)

    def start_term(
        self,
        bodies: Sequence[str],
        name: str,
        until: date | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Begin a term of these bodies. Raises PostNotAllowed, InvalidValue."""
        name, term = proper_name(name), Term(proper_name(name), until)
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("A term ends after its first day", field="until")
        if self._is_new_for(bodies, term, envelope, rules):
            facts = {"bodies": tuple(bodies), "name": name, "until": until}
            self.happen(events.TermStarted, envelope, **facts)

    def extend_term(
        self, bodies: Sequence[str], until: date | None, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Let the running term of these bodies end on another day. Raises OutsideTerm."""
        names = {self._running(body, envelope) for body in bodies}
        if len(names) > 1:
            raise InvalidValue("These bodies are in terms of several names", field="bodies")
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("A term ends after that day", field="until")
        name = next(iter(names), "")
        if self._is_new_for(bodies, Term(name, until), envelope, rules):
            facts = {"bodies": tuple(bodies), "name": name, "until": until}
            self.happen(events.TermExtended, envelope, **facts)

    def end_term(self, bodies: Sequence[str], envelope: Envelope, rules: RuleSet) -> None:
        """End the running term of these bodies, and all that is held in it. Raises OutsideTerm."""
        for body in bodies:
            fact = self.term_of(body).fact_at(envelope.effective_on)
            if envelope.voids is None and (fact is None or fact.value is not None):
                self._running(body, envelope)
        if self._is_new_for(bodies, None, envelope, rules):
            self.happen(events.TermEnded, envelope, bodies=tuple(bodies))

    def _is_new_for(
        self, bodies: Sequence[str], term: Term | None, envelope: Envelope, rules: RuleSet
    ) -> bool:
        if not bodies or len(set(bodies)) != len(bodies):
            raise InvalidValue("Name each body once", field="bodies")
        for body in bodies:
            body_rule(rules, body)
        lines = [self.term_of(body) for body in bodies]
        return any(self.says_something_new(line, term, envelope) for line in lines)

    def _running(self, body: str, envelope: Envelope) -> str:
        """The name of the term that runs, or ends on that day. Raises OutsideTerm."""
        day = envelope.effective_on
        running = self.term_on(body, day)
        ending = next((s for s in self.term_spans(body) if s.after == day), None)
        if term := running or ending:
            return term.value
        raise OutsideTerm(
            f"No term of {body} runs on {day:%d/%m/%Y}", field="bodies", rule="INV-POST-4"
        )

    # Working regulations

    def issue_regulations(
        self,
        body: str,
        term: str,
        document: LegalBasis,
        model: str | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record working regulations of a body for a term. They replace those before."""
        body_rule(rules, body)
        document.refuse_ill_formed()
        term = proper_name(term, "term")
        refuse_improper_text(model, "model")
        if self.says_something_new(
            self.regulations_of(body), Regulations(term, document, model), envelope
        ):
            facts = {"body": body, "term": term, "document": document, "model": model}
            self.happen(events.WorkingRegulationsIssued, envelope, **facts)

    def supersede_regulations(self, body: str, envelope: Envelope) -> None:
        """Let the working regulations of a body hold no longer, with none to follow yet."""
        line = self.regulations_of(body)
        if not self.says_something_new(line, None, envelope):
            return
        if self._standing(line, envelope) is None:
            raise RuleBroken(f"{body} has no working regulations on that day", field="effective_on")
        self.happen(events.WorkingRegulationsSuperseded, envelope, body=body)


def _refuse_ill_planned(
    number: int, due_on: date | None, surplus_until: date | None, envelope: Envelope
) -> None:
    if number < 0:
        raise InvalidValue("The number of seats is not negative", field="number")
    for field, day in (("due_on", due_on), ("surplus_until", surplus_until)):
        if day is not None and day < envelope.effective_on:
            raise InvalidValue("That day lies before the plan takes effect", field=field)
