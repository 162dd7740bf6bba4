"""What the fields and codes of events are called, Vietnamese and English.

Terms of the rule book (kinds, types, posts) are not here: they have dates and documents of their
own. A field that has no word here is told by its name.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "en"]

ENGLISH = {
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

FIELDS: dict[Language, dict[str, str]] = {
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
        "approval": "chuẩn y",
        "assignment_id": "phân công",
        "ballot": "kết quả bỏ phiếu",
        "bodies": "cơ quan",
        "body": "cơ quan",
        "by": "nơi bầu",
        "case": "vụ việc",
        "cause": "nguyên nhân",
        "cell_id": "chi bộ",
        "document": "văn bản",
        "due_on": "thời hạn",
        "duties": "nhiệm vụ",
        "form": "hình thức",
        "holders": "nhân sự và chức vụ",
        "from_organisation_id": "từ tổ chức",
        "mode": "cách lập",
        "model": "theo mẫu",
        "number": "số lượng",
        "occasion": "trường hợp",
        "organisation_id": "tổ chức",
        "person_id": "nhân sự",
        "place": "nơi",
        "plans": "số lượng từng chức vụ",
        "post": "chức vụ",
        "size": "số lượng thành viên",
        "surplus_until": "được vượt số lượng đến",
        "target": "phụ trách",
        "target_id": "phụ trách",
        "term": "nhiệm kỳ",
        "to_organisation_id": "đến tổ chức",
        "to_posts": "chức vụ mới",
        "until": "đến ngày",
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
        "from_organisation_id": "from organisation",
        "to_organisation_id": "to organisation",
    },
}

WAYS = {
    "entered": "ghi nhận hiện trạng",
    "new": "thành lập mới",
    "merger": "hợp nhất, sáp nhập",
    "division": "chia tách",
    "conversion": "chuyển đổi",
    "dissolution": "giải thể",
    "disbandment": "giải tán",
}

EXTENTS = {"whole": "toàn bộ", "part": "một phần", "unknown": "chưa rõ phạm vi"}

CODES = {
    "by=cell": "chi bộ",
    "by=committee": "hội nghị cấp ủy",
    "by=congress": "đại hội",
    "cause=died": "từ trần",
    "cause=expelled": "bị khai trừ",
    "cause=left_party": "ra khỏi Đảng",
    "cause=left_work": "thôi công tác",
    "cause=retired": "nghỉ hưu",
    "cause=struck_off": "bị xóa tên",
    "form=assigned": "phân công",
    "form=named": "bổ nhiệm",
    "form=recognised": "công nhận",
    "form=transferred": "điều động",
    "kind=area": "địa bàn",
    "kind=household": "hộ gia đình",
    "kind=organisation": "tổ chức",
    "mode=appointed": "chỉ định",
    "mode=elected": "bầu",
    "occasion=additional": "bổ sung",
    "occasion=division": "chia tách",
    "occasion=merger": "hợp nhất, sáp nhập",
    "occasion=new": "thành lập mới",
    "occasion=vacancy": "kiện toàn",
}
"""Vietnamese, by "field=code": of enumerations that no regulation sets."""
