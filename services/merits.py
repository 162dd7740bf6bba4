"""Questions over levels, hand-overs and awards together: rounds judged anew, and years in a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from domain.errors import InvalidValue
from domain.evaluation.chain import Chain, Origin, Rated, chain
from domain.evaluation.judging import Rejudgement, rejudged
from domain.evaluation.parts import Decision, Override
from domain.evaluation.stated import StatedTotals, derived
from domain.evaluation.terms import Terms, terms_of
from domain.legal_basis import LegalBasis
from domain.lineage import Network, follow
from domain.rulebook import RuleBook
from projections.awards import AwardFilters, Awards, Given
from projections.lineage import Lineage
from projections.nodes import Life
from projections.organisations import Organisations
from projections.point import Point
from projections.reviews import Level, Reviews
from projections.rounds import Round, Rounds, Tally
from services.awards import levels_enough
from services.reading import Reading


@dataclass(frozen=True)
class Summary:
    """One round in numbers; levels from the best to the last, None where nobody knows.

    Where nobody is listed and somebody has stated totals, what follows from these.
    """

    review_id: UUID
    period: str
    decider_id: UUID | None
    group_name: str
    status: str
    total: int
    levels: dict[str, int | None]
    is_stated: bool
    unreviewed: int
    undecided: int
    ceiling: int | None  # how many may have the best level; None: no ceiling
    over: int  # how many more have it than may: never, but by rules of another day
    terms: Terms


def summaries(reading: Reading, period: str, under: UUID | None = None) -> list[Summary]:
    """Each round of one period in numbers, those decided at or below `under`."""
    rounds = Rounds(reading.connection, reading.schema)
    grouped: dict[UUID, list[Tally]] = defaultdict(list)
    for tally in rounds.tallies(period, reading.point, under):
        grouped[tally.review_id].append(tally)
    return [_summary(tallies) for tallies in grouped.values()]


def _summary(tallies: Sequence[Tally]) -> Summary:
    first, terms = tallies[0], terms_in(tallies[0].terms)
    codes = [level.code for level in terms.levels]
    found = {t.level: t.number for t in tallies if t.level is not None}
    outcomes = dict.fromkeys(("listed", "unreviewed"), 0)
    outcomes |= {t.outcome: t.number for t in tallies if t.outcome in outcomes}
    total = sum(found.values()) + sum(outcomes.values())
    levels: dict[str, int | None] = {code: found.get(code, 0) for code in codes}
    stated = msgspec.convert(first.stated, StatedTotals) if first.stated and not total else None
    if stated is not None:
        total, levels = stated.subjects, derived(stated, codes)
        outcomes["unreviewed"] = stated.unreviewed
    applied = terms.apply_ceiling(code for code, n in found.items() for _ in range(n))
    return Summary(
        *(first.review_id, first.period, first.decider_id, first.group_name, first.status),
        total=total,
        levels=levels,
        is_stated=stated is not None,
        unreviewed=outcomes["unreviewed"],
        undecided=outcomes["listed"],
        ceiling=applied.allowed if applied and stated is None else None,
        over=max(0, applied.rated - applied.allowed) if applied else 0,
        terms=terms,
    )


def terms_in(stored: Mapping[str, object]) -> Terms:
    """The terms of a round as its row holds them."""
    return msgspec.convert(stored, Terms)


def under_other_rules(
    reading: Reading, found: Round, rules: RuleBook, day: date
) -> tuple[Terms, Rejudgement]:
    """The terms of a round, and what the rules of `day` would say of its levels."""
    rows = Reviews(reading.connection, reading.schema).in_round(found.review_id, reading.point)
    decisions = [_decision(row) for row in rows if row.level is not None]
    collective = found.subjects_are == "organisation"
    judged = rejudged(decisions, terms_of(rules.on(day)), collective=collective)
    return terms_in(found.terms), judged


def _decision(row: Level) -> Decision:
    assert row.level is not None
    override = Override(row.override, LegalBasis(row.document)) if row.override else None
    facts = (row.hundredths, tuple(row.conditions), override)
    return Decision(row.subject_id, row.level, *facts)


# Years in a row


def years_until(last: int, number: int) -> tuple[int, ...]:
    """So many years, of which `last` is the last."""
    return tuple(range(last - number + 1, last + 1))


def chain_of(
    reading: Reading, subject_id: UUID, years: Sequence[int], policy: str, enough: Sequence[str]
) -> Chain:
    """The years of one organisation or person at the point of the reading."""
    return chains(reading, [subject_id], years, policy, enough)[subject_id]


def chains(
    reading: Reading,
    subject_ids: Sequence[UUID],
    years: Sequence[int],
    policy: str,
    enough: Sequence[str],
) -> dict[UUID, Chain]:
    """As `chain_of`, of many; three statements in all."""
    if not enough:
        raise InvalidValue("That form of award asks for no levels", field="form")
    past = _Past(reading, subject_ids)
    origins = {(i, year): list(past.origins(i, year)) for i in subject_ids for year in years}
    everybody = {origin.id for several in origins.values() for origin in several}
    levels = Reviews(reading.connection, reading.schema).of_years(
        list(everybody), years, reading.point
    )
    rated: dict[tuple[UUID, int], list[Rated]] = defaultdict(list)
    for row in levels:
        assert row.level is not None
        of = Rated(row.subject_id, row.level, row.review_id, row.set_at, row.document)
        rated[row.subject_id, row.year].append(of)
    return {
        subject_id: chain(
            years,
            policy,
            enough,
            lambda year, id_=subject_id: origins[id_, year],  # type: ignore[misc]
            lambda id_, year: rated[id_, year],
        )
        for subject_id in subject_ids
    }


class _Past:
    """Who organisations were in earlier years; persons have always been themselves."""

    def __init__(self, reading: Reading, subject_ids: Sequence[UUID]) -> None:
        known_at = reading.point.known_at
        lineage = Lineage(reading.connection, reading.schema)
        edges = lineage.backward(list(subject_ids), known_at, "organisation")
        self._day = reading.point.valid_at
        self._network = Network(edges)
        ids = {*subject_ids, *(edge.giver for edge in edges)}
        organisations = Organisations(reading.connection, reading.schema)
        self._lives: dict[UUID, Life] = organisations.lives(list(ids), known_at)

    def origins(self, id_: UUID, year: int) -> Iterator[Origin]:
        if id_ not in self._lives:
            yield Origin(id_, is_default=True, by_lineage=False)
            return
        then = min(self._day, date(year, 12, 31))
        for step in follow(id_, self._day, then, self._network, self._exists).steps:
            yield Origin(step.id, step.is_default, bool(step.edges))

    def _exists(self, id_: UUID, day: date) -> bool:
        life = self._lives.get(id_)
        return life is not None and life.includes(day)


@dataclass(frozen=True)
class Candidate:
    """Who could be given an award, how each year stands, and what was proposed or given already."""

    subject_id: UUID
    organisation_id: UUID | None
    chain: Chain
    awards: tuple[Given, ...]

    @property
    def is_eligible(self) -> bool:
        return not self.chain.gaps


def candidates(
    reading: Reading,
    rules: RuleBook,
    *,
    last_year: int,
    form: str,
    policy: str,
    under: UUID | None = None,
    with_gaps: bool = False,
) -> list[Candidate]:
    """Those rated well enough in the last year, and how the years before it stand.

    Without `with_gaps` only those all of whose years hold. `under`: organisations below it, and
    persons judged in these or in itself.
    """
    day = reading.point.valid_at
    rule = rules.on(day).values.get(f"award.form.{form}")
    number = rule.value["years"] if rule else 0
    if not number:
        raise InvalidValue("That form of award covers no years", field="form", rule="award.form")
    enough = levels_enough(rules.on(day), form)
    years = years_until(last_year, number)
    rated = _rated_last(reading, last_year, enough, under)
    counted = chains(reading, list(rated), years, policy, enough)
    given = _given(reading, form, last_year)
    found = [
        Candidate(id_, row.organisation_id, counted[id_], tuple(given[id_]))
        for id_, row in rated.items()
    ]
    return [each for each in found if with_gaps or each.is_eligible]


def _rated_last(
    reading: Reading, year: int, enough: Iterable[str], under: UUID | None
) -> dict[UUID, Level]:
    reviews = Reviews(reading.connection, reading.schema)
    rows = [row for level in enough for row in reviews.rated(str(year), level, reading.point)]
    if under is not None:
        organisations = Organisations(reading.connection, reading.schema)
        below = {row.organisation_id for row in organisations.descendants(under, reading.point)}
        within = {*below, under}
        rows = [r for r in rows if r.subject_id in below or r.organisation_id in within]
    return {row.subject_id: row for row in rows}


def _given(reading: Reading, form: str, last_year: int) -> dict[UUID, list[Given]]:
    filters = AwardFilters(form=form, last_year=last_year)
    found: dict[UUID, list[Given]] = defaultdict(list)
    point: Point = reading.point
    for each in Awards(reading.connection, reading.schema).many(point, filters, limit=1_000_000):
        found[each.subject_id].append(each)
    return found
