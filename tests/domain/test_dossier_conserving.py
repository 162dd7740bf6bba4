"""People and land are conserved: what a dossier states of them must add up."""

from __future__ import annotations

import pytest

from domain.dossier.conserving import refuse_lost
from domain.dossier.tables import After, Before, Tables, Transfer


def slips(before, after, transfers):
    """(table, code, measure) of each, in the order of the alphabet.

    Rows are (code, people, m²), of one that lives on its code before follows; transfers are
    (old, new, people, m²).
    """
    olds = tuple(Before(n, "unit", c, population=p, area=a) for n, (c, p, a) in _counted(before))
    news = tuple(
        After(n, "unit", code, population=people, area=area, keeps=keeps[0] if keeps else None)
        for n, (code, people, area, *keeps) in _counted(after)
    )
    went = tuple(
        Transfer(n, "unit", old, new, extent="part", population=people, area=area)
        for n, (old, new, people, area) in _counted(transfers)
    )
    told = refuse_lost(Tables(before=olds, after=news, transfers=went))
    codes = {"before": [row.code for row in olds], "after": [row.code for row in news]}
    return sorted((f.table, codes[f.table][f.row - 1], f.field) for f in told)


def _counted(rows):
    return enumerate(rows, 1)


NOTHING_LOST = {
    "a division": (
        [("a", 100, 50)],
        [("b", 60, 30), ("c", 40, 20)],
        [("a", "b", 60, 30), ("a", "c", 40, 20)],
    ),
    "figures that nobody gave": ([("a", 100, None)], [("b", None, None)], [("a", "b", None, None)]),
    "some that nobody gave": (
        [("a", 100, 50)],
        [("b", None, None), ("c", None, None)],
        [("a", "b", 60, None), ("a", "c", None, None)],
    ),
    "a part ceded by one that lives on": (
        [("a", 100, 50), ("b", 10, 5)],
        [("a", 90, 45, "a"), ("b", 20, 10, "b")],
        [("a", "b", 10, 5)],
    ),
}


@pytest.mark.parametrize("rows", NOTHING_LOST.values(), ids=NOTHING_LOST)
def test_what_adds_up_passes(rows):
    assert slips(*rows) == []


LOST = {
    "people who vanish in a division": (
        ([("a", 100, 50)], [("b", 60, 30)], [("a", "b", 59, 30), ("a", "c", 40, 20)]),
        [("before", "a", "population"), ("after", "b", "population")],
    ),
    "land that is won": (
        ([("a", 100, 50)], [("b", None, 60)], [("a", "b", 100, 50)]),
        [("after", "b", "area")],
    ),
    "more than there was, though one figure is missing": (
        ([("a", 100, 50)], [("b", None, None)], [("a", "b", 101, None), ("a", "c", None, None)]),
        [("before", "a", "population")],
    ),
    "more ceded than one had": (
        ([("a", 100, 50)], [("a", None, None, "a")], [("a", "b", 101, 5)]),
        [("before", "a", "population")],
    ),
}


@pytest.mark.parametrize(("rows", "told"), LOST.values(), ids=LOST)
def test_what_does_not_add_up_is_told(rows, told):
    before, after, transfers = rows
    news = {row[0] for row in after}
    after = [*after, *((t[1], None, None) for t in transfers if t[1] not in news)]
    assert slips(before, after, transfers) == sorted(told)
