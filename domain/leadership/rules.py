"""What the rule book says of bodies, posts and their numbers, on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from domain.errors import PostNotAllowed
from domain.rulebook import RuleSet, RuleValue


@dataclass(frozen=True, slots=True)
class BodyRule:
    """A body of an organisation (cơ quan lãnh đạo), or one outside the Party."""

    code: str  # "executive_committee"
    name: str
    english: str
    kinds: tuple[str, ...]  # of organisation in which there is one
    of_party: bool  # its posts are Party posts
    has_term: bool  # its posts are held within a term on record
    is_established: bool  # there is none before a decision to set it up
    document: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """Whoever holds the post also holds one of these."""

    one_of: tuple[str, ...]  # "executive_committee.member"
    kinds: tuple[str, ...]  # in organisations of these kinds; empty: in all
    where_held: str | None  # asked only while somebody holds this post; None: always


@dataclass(frozen=True, slots=True)
class PostRule:
    """A post of a body."""

    code: str  # "executive_committee.secretary"
    name: str
    english: str
    requires: tuple[Requirement, ...]
    document: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most so many people hold these posts of an organisation of a kind."""

    key: str
    posts: tuple[str, ...]
    at_least: int | None  # for what is set up or planned; too few holders are vacancies
    at_most: int
    merged_from: int | None  # so many predecessors: `at_most_merged` holds instead
    at_most_merged: int | None
    in_units: Mapping[str, int]  # other numbers, by the official code of the unit it stands on
    document: str


def body_rule(rules: RuleSet, body: str) -> BodyRule:
    """Raises PostNotAllowed when the rules of the day know no such body."""
    key = f"body.{body}"
    if key in rules.read:
        return cast(BodyRule, rules.read[key])
    rule = rules.values.get(key)
    if rule is None:
        raise PostNotAllowed(
            f"The rules of {rules.day:%d/%m/%Y} know no body {body!r}",
            field="body",
            rule=f"body.{body}",
            rule_set=rules.id,
            allowed=sorted(each.key.removeprefix("body.") for each in rules.under("body.")),
        )
    said = rule.value
    read = rules.read[key] = BodyRule(
        code=body,
        name=said["name"],
        english=said["english"],
        kinds=tuple(said["kinds"]),
        of_party=said["party"],
        has_term=said["term"],
        is_established=said.get("established", False),
        document=rule.document,
    )
    return read


def post_rule(rules: RuleSet, body: str, post: str) -> PostRule:
    """Raises PostNotAllowed when the rules of the day know no such post of that body."""
    prefix = f"post.{body}."
    if prefix + post in rules.read:
        return cast(PostRule, rules.read[prefix + post])
    body_rule(rules, body)
    rule = rules.values.get(prefix + post)
    if rule is None:
        raise PostNotAllowed(
            f"The rules of {rules.day:%d/%m/%Y} know no post {post!r} of {body!r}",
            field="post",
            rule=prefix + post,
            rule_set=rules.id,
            allowed=sorted(each.key.removeprefix(prefix) for each in rules.under(prefix)),
        )
    said = rule.value
    requires = tuple(map(_requirement, said.get("requires", ())))
    named = (f"{body}.{post}", said["name"], said["english"])
    read = rules.read[prefix + post] = PostRule(*named, requires, rule.document)
    return read


def ceilings(rules: RuleSet, kind: str) -> list[Ceiling]:
    """The numbers set for organisations of a kind."""
    key = f"leadership.seats.{kind}"
    if key not in rules.read:
        prefixes = (f"{key}.", "leadership.seats.all.")
        rules.read[key] = [_ceiling(rule) for prefix in prefixes for rule in rules.under(prefix)]
    return cast(list[Ceiling], rules.read[key])


def _requirement(said: dict[str, Any]) -> Requirement:
    kinds = tuple(said.get("kinds", ()))
    return Requirement(tuple(said["one_of"]), kinds, said.get("where_held"))


def _ceiling(rule: RuleValue) -> Ceiling:
    said = rule.value
    return Ceiling(
        key=rule.key,
        posts=tuple(said["posts"]),
        at_least=said.get("min"),
        at_most=said["max"],
        merged_from=said.get("merged_from"),
        at_most_merged=said.get("max_merged"),
        in_units=said.get("in_units", {}),
        document=rule.document,
    )
