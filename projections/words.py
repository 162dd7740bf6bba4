"""Audit lines in words, Vietnamese and English. Pure: the names of others are handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.catalogue import EVENTS
from projections.audit import Line
from projections.vocabulary import CODES, ENGLISH, EXTENTS, FIELDS, WAYS, Language

__all__ = ["Language", "entry", "sentence"]

_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_TECHNICAL = {"holding_id", "holding_ids", "assignment_id"}
_PERSONS = {"person_id", "introducer_ids"}
_DAYS = {"until", "surplus_until"}
_SAID_MAX = 12  # entries of a list in a sentence; the values of the line have them all


def sentence(
    line: Line,
    language: Language,
    names: Mapping[str, str] | None = None,
    about: UUID | None = None,
) -> str:
    """One line of the trail in words.

    `names` by id as text, and terms by "field=code"; what is not in it is shown as it is stored. Of
    a long list it says what regards whom one asks `about`, else how it begins, and how many more
    there are.
    """
    known = names or {}
    head = f"{_day(line.effective_on, language)}: {_called(line, known)} - {_title(line, language)}"
    parts = [head, *_taken_back(line, language), *_changes(line, language, known, about)]
    documents = [_cited(document, language, known) for document in line.basis]
    reason = [line.reason] if line.reason else []
    if documents and reason:
        parts.append(f"{_field('reason', language)}: {reason.pop()}")
    basis = ", ".join([*documents, *reason, line.authority_name])
    return f"{'; '.join(parts)} ({basis})."


def entry(line: Line, language: Language, told: str) -> str:
    """`told`, a line in words, as an entry of the register: its number, by whom and when recorded.

    Times are those of Asia/Ho_Chi_Minh.
    """
    who = line.actor_id + (f" ({line.actor_post})" if line.actor_post else "")
    at = line.recorded_at.astimezone(_LOCAL)
    if language == "vi":
        return f"Bản ghi số {line.position} - {told} Ghi bởi {who}, {at:%H:%M:%S %d/%m/%Y}."
    return f"Record {line.position} - {told} Recorded by {who}, {at.isoformat(' ', 'seconds')}."


def _called(line: Line, names: Mapping[str, str]) -> str:
    """Its name; of what has none, that of the first organisation or unit that it is about."""
    if line.name:
        return line.name
    if line.category == "person":
        return _person(str(line.stream), names)
    named = (names[str(each)] for each in line.mentions if str(each) in names)
    return next(named, str(line.stream))


def _person(id_: str, names: Mapping[str, str]) -> str:
    """A person is told by the end of the id, unless somebody who may has handed in the name."""
    return names.get(id_, f"người {id_[-8:]}")


def _document(document: Mapping[str, Any], language: Language) -> str:
    """Its number; where that is not known, who issued it, or what it is about."""
    number: str | None = document["number"]
    if number is not None:
        return number
    unknown = "số chưa rõ" if language == "vi" else "number not known"
    told = document["issuer"] or document["title"]
    return f"{unknown}: {told}" if told else unknown


def _cited(document: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> str:
    """A document of the basis, with who signed it: the post, or a person's id."""
    told, signatory = _document(document, language), document["signatory"]
    if not signatory:
        return told
    signed = "người ký" if language == "vi" else "signed by"
    return f"{told} – {signed}: {_person(signatory, names) if _is_id(signatory) else signatory}"


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _title(line: Line, language: Language) -> str:
    if language == "vi":
        event = EVENTS.get(line.event_type)
        return event.TITLE if event else line.event_type
    told = line.event_type.rpartition(".")[2]
    return ENGLISH.get(told, told.replace("-", " "))


def _taken_back(line: Line, language: Language) -> Iterator[str]:
    vi = language == "vi"
    if line.voids is not None:
        yield f"thu hồi bản ghi số {line.voids}" if vi else f"takes back record {line.voids}"
    if line.voided_by is not None:
        by = line.voided_by
        yield f"đã bị bản ghi số {by} thu hồi" if vi else f"taken back by record {by}"


def _changes(
    line: Line, language: Language, names: Mapping[str, str], about: UUID | None
) -> Iterator[str]:
    for change in _with_bodies(line.changes):
        if _goes_without_saying(change, line):
            continue
        field = change["field"]
        ends = (_shortened(change[end], about) for end in ("from", "to"))
        old, new = (
            _value(field, said, language, names) + _left_out(number, language)
            for said, number in ends
        )
        on = date.fromisoformat(change["on"])
        elsewhen = "" if on == line.effective_on else f" [{_day(on, language)}]"
        became = new if change["from"] is None else f"{old} → {new}"
        yield f"{_field(field, language)}{elsewhen}: {became}"


def _shortened(value: Any, about: UUID | None) -> tuple[Any, int]:
    """Of a long list what is to be said, and how many entries are left out."""
    if not isinstance(value, list) or len(value) <= _SAID_MAX:
        return value, 0
    said = [each for each in value if about and _regards(each, str(about))] or value[:_SAID_MAX]
    return said, len(value) - len(said)


def _regards(entry: Any, id_: str) -> bool:
    return id_ in entry.values() if isinstance(entry, dict) else entry == id_


def _left_out(number: int, language: Language) -> str:
    if not number:
        return ""
    return f" và {number} mục khác" if language == "vi" else f" and {number} more"


def _with_bodies(changes: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Where a body and a post are said, the post with its body: a member is one of many things."""
    said = {change["field"]: change for change in changes}
    if not said.keys() >= {"body", "post"}:
        return changes
    body, post = said.pop("body"), said["post"]
    ends = {end: _post(body[end], post[end]) for end in ("from", "to")}
    return [*(said | {"post": {**post, **ends}}).values()]


def _post(body: str | None, post: str | None) -> str | None:
    return f"{body}.{post}" if body and post else None


def _goes_without_saying(change: Mapping[str, Any], line: Line) -> bool:
    """What the title says, whom the line is about, ids that nobody but a program knows, nothing."""
    if change["field"] in _TECHNICAL or (change["from"] is None and change["to"] in (None, [])):
        return True
    if change["field"] == "organisation_id" and not line.name:
        return True
    return change["field"] == "is_active" and line.voids is None


def _field(field: str, language: Language) -> str:
    if field.startswith("code."):
        return f"{'mã số' if language == 'vi' else 'code'} {field.removeprefix('code.')}"
    return FIELDS[language].get(field, field.removesuffix("_id").replace("_", " "))


def _value(field: str, value: Any, language: Language, names: Mapping[str, str]) -> str:
    vi = language == "vi"
    if value is None or value == []:
        return "không" if vi else "none"
    if isinstance(value, bool):
        return ("có" if value else "không") if vi else ("yes" if value else "no")
    if field == "successors":
        return ", ".join(_successor(each, vi, names) for each in value)
    if isinstance(value, list):
        of_subjects = any(isinstance(each, dict) and "subject_id" in each for each in value)
        between = " | " if of_subjects else ", "
        return between.join(_value(field, each, language, names) for each in value)
    if isinstance(value, dict):
        return _parts(value, language, names)
    return _text(field, str(value), language, names)


def _parts(value: Mapping[str, Any], language: Language, names: Mapping[str, str]) -> str:
    """A value that has parts: a document by its number, a post with its body, else all of them."""
    if value.keys() >= {"number", "issuer", "title"}:
        return _document(value, language)
    if value.keys() == {"body", "post"}:
        return _text("post", f"{value['body']}.{value['post']}", language, names)
    if value.keys() == {"body", "post", "number"}:
        post = _text("post", f"{value['body']}.{value['post']}", language, names)
        return f"{post} {value['number']}"
    if value.keys() >= {"person_id", "body", "post", "holding_id"}:
        post = _text("post", f"{value['body']}.{value['post']}", language, names)
        where = f" ({value['place']})" if value.get("place") else ""
        return f"{_person(value['person_id'], names)} – {post}{where}"
    if value.keys() == {"id", "organisation_id"}:  # who is judged; a person, and where
        where = value["organisation_id"]
        who = names.get(value["id"], value["id"]) if where is None else _person(value["id"], names)
        return f"{who} ({names.get(where, where)})" if where else who
    told = {name: _value(name, each, language, names) for name, each in value.items() if each}
    whom = told.pop("subject_id", None)
    said = ", ".join(f"{_field(name, language)} {each}" for name, each in told.items())
    return f"{whom} – {said}" if whom else said


def _text(field: str, value: str, language: Language, names: Mapping[str, str]) -> str:
    if field == "way":
        return WAYS.get(value, value) if language == "vi" else value
    if field in _PERSONS:
        return _person(value, names)
    if field.endswith("_id"):
        return names.get(value, value)
    if field == "name":
        return f"“{value}”"
    if field == "hundredths":
        points = f"{int(value) / 100:.2f}"
        return points.replace(".", ",") if language == "vi" else points
    if field.endswith("_on") or field in _DAYS:
        return _day(date.fromisoformat(value), language)
    word = names.get(f"{field}={value}")
    return word or (CODES.get(f"{field}={value}", value) if language == "vi" else value)


def _successor(successor: Mapping[str, Any], vi: bool, names: Mapping[str, str]) -> str:
    extent = successor["extent"]
    told = [EXTENTS[extent] if vi else extent]
    if (population := successor.get("population")) is not None:  # older lines have no figures
        told.append(f"{population} {'người' if vi else 'people'}")
    if (area := successor.get("area")) is not None:
        told.append(f"{area} m²")
    return f"{names.get(successor['id'], successor['id'])} ({', '.join(told)})"


def _day(day: date, language: Language) -> str:
    return f"{day:%d/%m/%Y}" if language == "vi" else day.isoformat()
