"""Audit lines in words, with the official terms of the rule book for codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from uuid import UUID

from projections.audit import Line
from projections.words import Language, sentence
from services.rulebook import rule_book


def told(
    line: Line,
    language: Language,
    names: Mapping[str, str] | None = None,
    about: UUID | None = None,
) -> str:
    """One line of the trail; `names` by id as text, an unknown one is shown as its id.

    Of a long list it says what regards whom one asks `about`.
    """
    return sentence(line, language, {**_terms(language), **(names or {})}, about)


def term(field: str, code: str, language: Language = "vi") -> str:
    """The official term for a code of a field, such as `kind`; the code where there is none."""
    return _terms(language).get(f"{field}={code}", code)


@cache
def _terms(language: Language) -> dict[str, str]:
    """Terms by "field=code"; the short one of a code that several levels share."""
    terms: dict[str, str] = {}
    word, short = ("name", "short") if language == "vi" else ("english", "short_english")
    for rule in rule_book().rules:
        of, _, code = rule.key.rpartition(".")
        if of == "organisation.kind":
            terms[f"kind={code}"] = rule.value[word]
        elif of.startswith("unit.type."):
            terms[f"type={code}"] = rule.value.get(short, rule.value[word])
        elif of.startswith("post."):
            terms[f"post={rule.key.removeprefix('post.')}"] = rule.value[word]
        elif of == "body":
            terms[f"body={code}"] = terms[f"bodies={code}"] = rule.value[word]
        elif of in ("award.kind", "award.form"):
            terms[f"{of.removeprefix('award.')}={code}"] = rule.value[word]
        elif rule.key == "evaluation.levels" and language == "vi":
            terms |= {f"level={level['code']}": level["name"] for level in rule.value}
        elif rule.key == "evaluation.conditions" and language == "vi":
            terms |= {f"conditions={code}": name for code, name in rule.value.items()}
        elif rule.key == "evaluation.criteria" and language == "vi":
            terms |= {f"criterion={each['code']}": each["name"] for each in rule.value}
        elif rule.key == "membership.exemption_grounds" and language == "vi":
            terms |= {f"ground={code}": name for code, name in rule.value.items()}
        elif rule.key == "organisation.settings" and language == "vi":
            terms |= {f"setting={code}": name for code, name in rule.value.items()}
    return terms
