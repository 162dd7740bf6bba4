"""Which codes became which, as the rows of a dossier say."""

from services.dossiers.old_to_new import old_to_new
from tests.services.dossiers import becomes, tables, was, went


def told(*rows):
    return [(r.old, r.new, r.new_name, r.extent) for r in old_to_new(tables(*rows))]


def test_each_old_one_is_told_wherever_it_went():
    assert told(
        was("60001", name="Xã Đồng"),
        was("60002"),
        was("60003", name="Xã Núi"),
        was("60004"),
        becomes("60001", name="Xã Đồng Suối"),
        becomes("60003"),
        becomes("60005", keeps="60004", name="Phường Bến Mới"),
        went("60002", "60001", "part"),
        went("60002", "60005", "part"),
    ) == [
        ("60001", "60001", "Xã Đồng Suối", "whole"),
        ("60002", "60001", "Xã Đồng Suối", "part"),
        ("60002", "60005", "Phường Bến Mới", "part"),
        ("60003", "60003", "Xã Núi", "whole"),
        ("60004", "60005", "Phường Bến Mới", "whole"),
    ]


def test_who_ends_without_heirs_leads_nowhere():
    assert told(was("60001")) == [("60001", None, None, None)]
