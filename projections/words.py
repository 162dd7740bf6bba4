"""Audit lines in words, Vietnamese and English. Pure: the names of others are handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.catalogue import EVENTS
from projections.audit import Line

Language = Literal["vi", "en"]
_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

_ENGLISH = {
    "established": "came into being",
    "establishment-corrected": "record of its beginning corrected",
    "renamed": "renamed",
    "type-changed": "became of another type",
    "kind-changed": "became of another kind",
    "resubordinated": "came under another superior",
    "relocated": "moved to another unit",
    "code-assigned": "was given a code",
    "activity-suspended": "activity suspended",
    "activity-resumed": "activity resumed",
    "part-ceded": "ceded a part",
    "ended": "ceased to exist",
    "voided": "record taken back",
    "parked-retried": "parked stream tried again",
    "event-discarded": "record left out",
}

_FIELDS: dict[Language, dict[str, str]] = {
    "vi": {
        "is_active": "hoạt động",
        "name": "tên",
        "superior_id": "trực thuộc",
        "type": "loại đơn vị",
        "kind": "loại tổ chức",
        "unit_id": "địa bàn",
        "setting": "loại hình",
        "is_suspended": "đình chỉ",
        "way": "hình thức",
        "successors": "bên tiếp nhận",
        "stream_id": "hồ sơ",
        "event_position": "bản ghi số",
    },
    "en": {
        "is_active": "active",
        "name": "name",
        "superior_id": "superior",
        "type": "type",
        "kind": "kind",
        "unit_id": "unit",
        "setting": "setting",
        "is_suspended": "suspended",
        "way": "way",
        "successors": "successors",
        "stream_id": "stream",
        "event_position": "record",
    },
}

_WAYS = {
    "entered": "ghi nhận hiện trạng",
    "new": "thành lập mới",
    "merger": "hợp nhất, sáp nhập",
    "division": "chia tách",
    "conversion": "chuyển đổi",
    "dissolution": "giải thể",
    "disbandment": "giải tán",
}

_EXTENTS = {"whole": "toàn bộ", "part": "một phần", "unknown": "chưa rõ phạm vi"}


def sentence(line: Line, language: Language, names: Mapping[str, str] | None = None) -> str:
    """One line of the trail in words.

    `names` by id as text, and terms by "field=code"; what is not in it is shown as it is stored.
    """
    day, name = _day(line.effective_on, language), line.name or line.stream
    head = f"{day}: {name} - {_title(line, language)}"
    parts = [head, *_taken_back(line, language), *_changes(line, language, names or {})]
    documents = [_document(document, language) for document in line.basis]
    reason = [line.reason] if line.reason and not documents else []
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


def _document(document: Mapping[str, Any], language: Language) -> str:
    """Its number; where that is not known, who issued it, or what it is about."""
    number: str | None = document["number"]
    if number is not None:
        return number
    unknown = "số chưa rõ" if language == "vi" else "number not known"
    told = document["issuer"] or document["title"]
    return f"{unknown}: {told}" if told else unknown


def _title(line: Line, language: Language) -> str:
    if language == "vi":
        event = EVENTS.get(line.event_type)
        return event.TITLE if event else line.event_type
    return _ENGLISH.get(line.event_type.rpartition(".")[2], line.event_type)


def _taken_back(line: Line, language: Language) -> Iterator[str]:
    vi = language == "vi"
    if line.voids is not None:
        yield f"thu hồi bản ghi số {line.voids}" if vi else f"takes back record {line.voids}"
    if line.voided_by is not None:
        by = line.voided_by
        yield f"đã bị bản ghi số {by} thu hồi" if vi else f"taken back by record {by}"


def _changes(line: Line, language: Language, names: Mapping[str, str]) -> Iterator[str]:
    for change in line.changes:
        field = change["field"]
        if field == "is_active" and line.voids is None:
            continue  # the title says it
        old, new = (_value(field, change[end], language, names) for end in ("from", "to"))
        on = date.fromisoformat(change["on"])
        elsewhen = "" if on == line.effective_on else f" [{_day(on, language)}]"
        became = new if change["from"] is None else f"{old} → {new}"
        yield f"{_field(field, language)}{elsewhen}: {became}"


def _field(field: str, language: Language) -> str:
    if field.startswith("code."):
        return f"{'mã số' if language == 'vi' else 'code'} {field.removeprefix('code.')}"
    return _FIELDS[language].get(field, field)


def _value(field: str, value: Any, language: Language, names: Mapping[str, str]) -> str:
    vi = language == "vi"
    if value is None or value == []:
        return "không" if vi else "none"
    if isinstance(value, bool):
        return ("có" if value else "không") if vi else ("yes" if value else "no")
    if field == "successors":
        return ", ".join(_successor(each, vi, names) for each in value) or (
            "không" if vi else "none"
        )
    if field == "way":
        return _WAYS.get(value, value) if vi else str(value)
    if field.endswith("_id"):
        return names.get(value, str(value))
    return f"“{value}”" if field == "name" else names.get(f"{field}={value}", str(value))


def _successor(successor: Mapping[str, Any], vi: bool, names: Mapping[str, str]) -> str:
    extent = successor["extent"]
    return f"{names.get(successor['id'], successor['id'])} ({_EXTENTS[extent] if vi else extent})"


def _day(day: date, language: Language) -> str:
    return f"{day:%d/%m/%Y}" if language == "vi" else day.isoformat()
