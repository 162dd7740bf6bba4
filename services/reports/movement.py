"""Who came to an organisation and who went in a period (RP-03), and of which groups they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta

from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS, Organisations
from projections.point import Point
from projections.rolls import Movement, tally
from services.reading import Reading
from services.reports.frame import PERIOD, SUPERIOR, Column, Given, Parameter, Report, Row, period
from services.reports.groups import GroupsOf
from services.reports.members import names_of, rolls_at, roots_of

_DAY = timedelta(days=1)
_VIEWS = (MEMBERSHIPS.name, ORGANISATIONS.name)

_COUNTED = {
    "opening": ("Đảng viên đầu kỳ", "At the beginning"),
    "entered": ("Ghi nhận vào sổ", "Entered as they stood"),
    "admitted": ("Kết nạp", "Admitted"),
    "readmitted": ("Kết nạp lại", "Admitted again"),
    "restored": ("Khôi phục quyền đảng viên", "Restored"),
    "received_far": ("Chuyển đến từ ngoài tỉnh", "Received from beyond the province"),
    "received_near": ("Chuyển đến trong tỉnh", "Received from within the province"),
    "reorganised_in": ("Tăng do sắp xếp tổ chức", "Came by reorganisation"),
    "transferred_far": ("Chuyển đi ngoài tỉnh", "Transferred beyond the province"),
    "transferred_near": ("Chuyển đi trong tỉnh", "Transferred within the province"),
    "reorganised_out": ("Giảm do sắp xếp tổ chức", "Went by reorganisation"),
    "left": ("Cho ra khỏi Đảng", "Left on request"),
    "struck_off": ("Xóa tên", "Struck off"),
    "expelled": ("Khai trừ", "Expelled"),
    "died": ("Từ trần", "Died"),
    "recognised": ("Công nhận chính thức", "Became official"),
    "closing": ("Đảng viên cuối kỳ", "At the end"),
}
_OF = {"members": "Tổng số đảng viên", "probationers": "Trong đó: đảng viên dự bị"}
_GROUPS = {
    "women": "Trong đó: nữ",
    "youth": "Trong đó: trong độ tuổi thanh niên",
    "minority": "Trong đó: dân tộc thiểu số",
    "religious": "Trong đó: có đạo",
}


def _movement(reading: Reading, given: Given, groups_of: GroupsOf | None = None) -> Iterator[Row]:
    """Of each organisation all members, of which on probation, and of which of each group."""
    begins, ends = period(given)
    organisations = Organisations(reading.connection, reading.schema)
    last = replace(reading.point, valid_at=ends - _DAY)
    ids = roots_of(reading, given, last.valid_at)
    if given["each"]:
        ids += [row.organisation_id for id_ in ids for row in organisations.children(id_, last)]
    names = names_of(reading, ids)
    for id_ in ids:
        about = {"organisation": names.get(id_), "organisation_id": id_}
        moved = rolls_at(reading).movement(id_, begins, ends, reading.point.known_at)
        for of, counted in (("members", moved.members), ("probationers", moved.probationers)):
            recognised = moved.recognised if of == "probationers" else None
            told = {"of": of, "of_name": _OF[of], "recognised": recognised, "is_withheld": False}
            yield about | told | asdict(counted)
        for row in _grouped(reading, moved, groups_of):
            yield about | dict(row)


def _grouped(reading: Reading, moved: Movement, groups_of: GroupsOf | None) -> Iterator[Row]:
    """A row a group, without numbers where nobody may see who belongs to it."""
    if groups_of is None:
        for of, name in _GROUPS.items():
            yield {"of": of, "of_name": name, "is_withheld": True}
        return
    rolls, known_at = rolls_at(reading), reading.point.known_at
    moves = rolls.moves(moved.organisation_id, moved.begins, moved.ends, known_at)
    first, last = moved.begins - _DAY, moved.ends - _DAY
    opening, closing = (
        {m.membership_id: m.person_id for m in rolls.below(moved.organisation_id, point)}
        for point in (Point(first, known_at), Point(last, known_at))
    )
    people = rolls.people([m.membership_id for m in moves], known_at) | opening | closing
    groups = groups_of(people.values(), reading, last)
    for of, name in _GROUPS.items():
        theirs = {id_ for id_, who in people.items() if getattr(groups.get(who), of, None)}
        counted = tally(
            [move for move in moves if move.membership_id in theirs],
            len(theirs & opening.keys()),
            len(theirs & closing.keys()),
        )
        unknown = sum(getattr(groups.get(who), of, None) is None for who in closing.values())
        told = {"of": of, "of_name": name, "unknown": unknown, "is_withheld": False}
        yield told | asdict(counted)


MOVEMENT = Report(
    id="RP-03",
    title="Biến động đảng viên",
    english="Movement of members",
    columns=(
        Column("organisation", "Tổ chức đảng", "Organisation"),
        Column("of_name", "Đối tượng", "Of whom"),
        *(Column(name, vi, en, "number") for name, (vi, en) in _COUNTED.items()),
        Column("unknown", "Cuối kỳ chưa rõ", "Of whom it is not known, at the end", "number"),
        Column("is_withheld", "Không cung cấp", "Withheld", "flag"),
        Column("of", "Mã đối tượng", "Code of whom", "code"),
        Column("organisation_id", "Mã định danh tổ chức", "Id of the organisation", "id"),
    ),
    rows=_movement,
    views=_VIEWS,
    parameters=(
        SUPERIOR,
        *PERIOD,
        Parameter("each", "Từng tổ chức trực thuộc", "Those directly below it, too.", "flag"),
    ),
    note="Opening and all that came, less all that went, is closing; of probationers, those who "
    "became official went, too. Province: the top organisation of the day. Women, youth, ethnic "
    "minorities and religious are personal details: they are counted for whoever may see these and "
    "states a purpose, by what is known for the last day of the period; else they are withheld.",
    grouped=_movement,
)

REPORTS = (MOVEMENT,)
