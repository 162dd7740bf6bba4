"""Days and ages that a rule fixes, whenever somebody records what happened."""

from __future__ import annotations

from datetime import date

from domain.calendar import months_after, working_day_after
from domain.errors import InvalidValue, RuleBroken
from domain.rulebook import RuleSet, RuleValue

_YEAR = 12  # months


def is_above_age(born_on: date, day: date, rules: RuleSet) -> bool:
    """Whether he is older than the rule allows for all but committees under the Centre.

    Age is counted by months, from one to the other completed. Raises RuleBroken when too young.
    Source: Điều lệ Đảng, Điều 1; rule book membership.age (R-MEM-1).
    """
    rule = rules.rule("membership.age")
    months = (day.year - born_on.year) * _YEAR + day.month - born_on.month
    if months < rule.value["min"] * _YEAR:
        raise RuleBroken(
            f"He is not {rule.value['min']} on the day of the cell's decision",
            field="born_on",
            rule=rule.key,
            document=rule.document,
        )
    return bool(months > rule.value["max"] * _YEAR)


def ceremony_due(
    decided_on: date, received_on: date | None, rules: RuleSet
) -> tuple[date | None, RuleValue]:
    """The last day for the ceremony, and the rule; None: it cannot be told.

    Source: rule book membership.ceremony (R-MEM-6): working days from receipt, or from issue.
    """
    rule = rules.rule("membership.ceremony")
    begun = received_on if rule.value["counted_from"] == "receipt" else decided_on
    due = working_day_after(begun, rule.value["working_days"], rules) if begun else None
    return due, rule


def probation_end(ceremony_on: date, rules: RuleSet) -> tuple[date, RuleValue]:
    """The day as of which he is recognised. Source: membership.probation_months (R-MEM-7)."""
    rule = rules.rule("membership.probation_months")
    return months_after(ceremony_on, rule.value), rule


def recognition_due(probation_ended_on: date, rules: RuleSet) -> date | None:
    """By when the cell considers it. Source: membership.recognition_working_days (R-MEM-8)."""
    days = rules.value("membership.recognition_working_days")
    return working_day_after(probation_ended_on, days, rules)


def transfer_due(introduced_on: date, rules: RuleSet) -> tuple[date | None, RuleValue]:
    """The last day for receiving him. Source: membership.transfer_working_days (R-MEM-10)."""
    rule = rules.rule("membership.transfer_working_days")
    return working_day_after(introduced_on, rule.value, rules), rule


def refuse_unless_badge(years: int | None, field: str, rules: RuleSet) -> None:
    """Raises InvalidValue unless there is a badge of so many years, or none is told of."""
    rule = rules.rule("membership.badges")
    if years is not None and years not in rule.value["years"]:
        raise InvalidValue(
            f"There are badges of {', '.join(map(str, rule.value['years']))} years",
            field=field,
            rule=rule.key,
            document=rule.document,
        )


def refuse_unless_badge_due(
    years: int, way: str, party_age_on: date | None, day: date, rules: RuleSet
) -> None:
    """Raises RuleBroken unless his Party age on that day reaches the badge (R-MEM-22)."""
    rule = rules.rule("membership.badges")
    refuse_unless_badge(years, "years", rules)
    if party_age_on is None:
        raise RuleBroken("It is not known from when his Party age counts", field="years")
    due = months_after(party_age_on, years * _YEAR - _months_early(years, way, rule))
    if day < due:
        raise RuleBroken(
            f"He reaches it on {due:%d/%m/%Y}",
            field="years",
            rule=rule.key,
            document=rule.document,
            due_on=due,
        )


def _months_early(years: int, way: str, rule: RuleValue) -> int:
    if way == "posthumous":
        return int(rule.value["posthumous_months"])
    if way == "regular":
        return 0
    steps = {int(least): months for least, months in rule.value["early_months"].items()}
    return int(steps[max(least for least in steps if least <= years)])


def badge_due(party_age_on: date, last: int | None, day: date, rules: RuleSet) -> int | None:
    """The highest badge that his Party age reaches on that day and he has not got; None: none."""
    reached = [
        y
        for y in rules.value("membership.badges")["years"]
        if months_after(party_age_on, y * _YEAR) <= day
    ]
    return reached[-1] if reached and reached[-1] > (last or 0) else None
