"""`sogoc reviews` and `sogoc awards`: rounds, levels, years in a row, and what was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from domain.errors import NotFound
from domain.evaluation.period import Period
from ops.cli import nodes
from ops.cli.app import As, Limit, app
from ops.cli.asking import reading
from ops.cli.output import write
from ops.cli.points import KnownAt, ValidAt, read_day
from ops.cli.subjects import subject
from projections.awards import AwardFilters, Awards
from projections.organisations import Organisations
from projections.reviews import Level, Reviews
from projections.rounds import RoundFilters, Rounds
from services.awards import levels_enough
from services.merits import candidates, chain_of, under_other_rules, years_until
from services.reading import Reading
from services.rulebook import rule_book

ALL = 1_000_000
ROUND = ("period", "decider", "group", "subjects_are", "status", "decision_on", "rules", "id")
LEVEL = (
    "period",
    "subject",
    "status",
    "level",
    "points",
    "own_level",
    "because",
    "document",
    "authority",
    "valid_from",
    "subject_id",
    "review_id",
)
YEAR = ("year", "holds", "levels", "origins")
CANDIDATE = ("subject", "eligible", "gaps", "held", "policy", "awards", "subject_id")
AWARD = (
    "subject",
    "kind",
    "form",
    "first_year",
    "last_year",
    "status",
    "gaps",
    "policy",
    "document",
    "authority",
    "subject_id",
    "id",
)
JUDGED = ("subject_id", "level", "other", "differs", "overridden")


class Policy(StrEnum):
    OWN = "own-years"
    ANY = "any-predecessor"
    DEFAULT = "default-predecessor"
    ALL = "all-predecessors"


class Form(StrEnum):
    YEARLY = "yearly"
    FIVE_YEARS = "five_years"


Whose = Annotated[str, typer.Argument(metavar="CODE|ID|NAME", help="Of an organisation.")]
Under = Annotated[
    str | None, typer.Option(metavar="CODE|ID|NAME", help="It, and what is below it.")
]
LastYear = Annotated[int, typer.Option("--year", min=1930, max=2199, help="The last year.")]
Which = Annotated[UUID, typer.Argument(metavar="ID", help="Of the round.")]
PolicyOption = Annotated[Policy, typer.Option(help="How years of merged organisations count.")]

reviews_group = typer.Typer(
    invoke_without_command=True, epilog="Example: sogoc reviews --period 2025 --under 01"
)
awards_group = typer.Typer(
    invoke_without_command=True, epilog="Example: sogoc awards --year 2024 --kind flag"
)
app.add_typer(reviews_group, name="reviews")
app.add_typer(awards_group, name="awards")


# Rounds and levels


@reviews_group.callback()
def reviews(
    context: typer.Context,
    period: Annotated[str | None, typer.Option(help="2025, or 2025-Q4.")] = None,
    under: Under = None,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """List rounds of evaluation, in the order of periods."""
    if context.invoked_subcommand:
        nodes.refuse_lost_options(context)
        return
    with reading(valid_at, known_at) as found:
        filters = RoundFilters(
            period=str(Period.parse(period)) if period else None, under=_id(found, under)
        )
        rows = Rounds(found.connection, found.schema).many(found.point, filters, limit=limit or ALL)
        names = _names(found, (row.decider_id for row in rows))
        told = [
            {
                "period": row.period,
                "decider": names.get(row.decider_id, row.decider_id) if row.decider_id else None,
                "group": row.group_name,
                "subjects_are": row.subjects_are,
                "status": row.status,
                "decision_on": row.decision_on,
                "rules": row.terms["document"],
                "id": row.review_id,
            }
            for row in rows
        ]
        write(told, format_, ROUND)


@reviews_group.command("levels", epilog="Example: sogoc reviews levels ID --format csv")
def levels(
    which: Which, valid_at: ValidAt = None, known_at: KnownAt = None, format_: As = None
) -> None:
    """List all who are judged in one round, each with what was decided."""
    with reading(valid_at, known_at) as found:
        rows = Reviews(found.connection, found.schema).in_round(which, found.point)
        _refuse_nothing(rows, which)
        write(_levels(found, rows), format_, LEVEL)


@reviews_group.command("of", epilog="Example: sogoc reviews of 'dang bo phuong ba dinh'")
def of(
    whose: Whose, valid_at: ValidAt = None, known_at: KnownAt = None, format_: As = None
) -> None:
    """List the levels of one organisation over the years."""
    with reading(valid_at, known_at) as found:
        one = subject(found, whose, ["organisations"])
        rows = Reviews(found.connection, found.schema).of_subject(one.id, found.point)
        write(_levels(found, rows), format_, LEVEL)


@reviews_group.command("history", epilog="Example: sogoc reviews history ROUND SUBJECT")
def history(
    which: Which,
    subject_id: Annotated[UUID, typer.Argument(metavar="ID", help="Of who was judged.")],
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell who changed a level, from what to what, and why, day by day."""
    with reading(None, known_at) as found:
        asking = Reviews(found.connection, found.schema)
        rows = asking.history(which, subject_id, found.point.known_at)
        _refuse_nothing(rows, which)
        told = [
            line | {"valid_to": row.valid_to, "actor": row.actor_id}
            for row, line in zip(rows, _levels(found, rows), strict=True)
        ]
        write(told, format_, ("valid_from", "valid_to", "status", "level", "because", "actor"))


@reviews_group.command("chain", epilog="Example: sogoc reviews chain 10081 --year 2024")
def chain(
    whose: Whose,
    year: LastYear,
    years: Annotated[int, typer.Option(min=1, max=20)] = 5,
    policy: PolicyOption = Policy.ANY,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell whether years in a row hold for an award, also through mergers."""
    with reading(valid_at, known_at) as found:
        one = subject(found, whose, ["organisations"])
        enough = levels_enough(rule_book().on(found.point.valid_at), Form.FIVE_YEARS)
        wanted = years_until(year, years)
        counted = chain_of(found, one.id, wanted, str(policy), enough)
        names = _names(found, (id_ for each in counted.years for id_ in each.origins))
        told = [
            {
                "year": each.year,
                "holds": each.holds,
                "levels": [f"{r.level} ({r.document or 'số chưa rõ'})" for r in each.rated],
                "origins": [names.get(id_, str(id_)) for id_ in each.origins],
            }
            for each in counted.years
        ]
        write(told, format_, YEAR)


@reviews_group.command("rejudge", epilog="Example: sogoc reviews rejudge ID --rules-on 2026-07-26")
def rejudge(
    which: Which,
    rules_on: Annotated[
        date, typer.Option(parser=read_day, metavar="DAY", help="By the rules of that day.")
    ],
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell what the rules of another day would give for the levels of a round."""
    with reading(valid_at, known_at) as found:
        one = Rounds(found.connection, found.schema).one(which, found.point)
        if one is None:
            raise NotFound(f"No review {which} is open then", id=str(which))
        _, judged = under_other_rules(found, one, rule_book(), rules_on)
        told = [{name: getattr(each, name) for name in JUDGED} for each in judged.subjects]
        write(told, format_, JUDGED, title=judged.terms.document)


def _levels(found: Reading, rows: Sequence[Level]) -> list[dict[str, Any]]:
    names = _names(found, (row.subject_id for row in rows))
    return [
        {
            "period": row.period,
            "subject": names.get(row.subject_id),
            "status": row.status,
            "level": row.level,
            "points": None if row.hundredths is None else f"{row.hundredths / 100:g}",
            "own_level": row.own_level,
            "because": row.because or row.override,
            "document": row.document,
            "authority": row.authority_name,
            "valid_from": row.valid_from,
            "subject_id": row.subject_id,
            "review_id": row.review_id,
        }
        for row in rows
    ]


# Awards


@awards_group.callback()
def awards(
    context: typer.Context,
    year: Annotated[
        int | None, typer.Option(min=1930, max=2199, help="The last year covered.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="flag ...; may be repeated.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """List awards as they stand on a day."""
    if context.invoked_subcommand:
        nodes.refuse_lost_options(context)
        return
    nodes.refuse_unknown("--kind", kind or [], "award.kind.")
    filters = AwardFilters(last_year=year, kinds=kind or (), statuses=status or ())
    with reading(valid_at, known_at) as found:
        rows = Awards(found.connection, found.schema).many(found.point, filters, limit=limit or ALL)
        names = _names(found, (row.subject_id for row in rows))
        told = [
            {
                "subject": names.get(row.subject_id),
                "document": row.document,
                "authority": row.authority_name,
                "id": row.award_id,
            }
            | {name: getattr(row, name) for name in AWARD if hasattr(row, name)}
            for row in rows
        ]
        write(told, format_, AWARD)


@awards_group.command(
    "candidates", epilog="Example: sogoc awards candidates --year 2024 --with-gaps --format csv"
)
def could_be_given(
    year: LastYear,
    form: Annotated[Form, typer.Option(help="Which award.")] = Form.FIVE_YEARS,
    policy: PolicyOption = Policy.ANY,
    under: Under = None,
    with_gaps: Annotated[bool, typer.Option(help="Also whose years do not all hold.")] = False,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """List who could be given an award, and which years are missing."""
    with reading(valid_at, known_at) as found:
        rows = candidates(
            found,
            rule_book(),
            last_year=year,
            form=str(form),
            policy=str(policy),
            under=_id(found, under),
            with_gaps=with_gaps,
        )
        names = _names(found, (row.subject_id for row in rows))
        told = [
            {
                "subject": names.get(row.subject_id),
                "eligible": row.is_eligible,
                "gaps": list(row.chain.gaps),
                "held": sum(each.holds for each in row.chain.years),
                "policy": row.chain.policy,
                "awards": [award.status for award in row.awards],
                "subject_id": row.subject_id,
            }
            for row in rows
        ]
        write(told, format_, CANDIDATE)


def _id(found: Reading, text: str | None) -> UUID | None:
    return subject(found, text, ["organisations"], active_only=True).id if text else None


def _names(found: Reading, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    organisations = Organisations(found.connection, found.schema)
    return organisations.names([id_ for id_ in ids if id_], found.point.known_at)


def _refuse_nothing(rows: Sequence[Level], which: UUID) -> None:
    if not rows:
        raise NotFound(f"Nothing was known of review {which}", id=str(which))
