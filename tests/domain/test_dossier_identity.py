"""Who lives on, who begins and who ends: the table of domain/dossier/identity.py, line by line."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dossier.findings import Finding
from domain.dossier.identity import Begins, Ends, LivesOn, steps
from domain.dossier.tables import NOBODY, After, Before, Tables, Transfer


def fates(before, after, transfers=()):
    """What becomes of each, in a few words, and the slips: (table, row, rule)."""
    found: list[Finding] = []
    rows = {
        "before": tuple(Before(n, "unit", **_row(b)) for n, b in enumerate(before, 1)),
        "after": tuple(After(n, "unit", **_row(a)) for n, a in enumerate(after, 1)),
        "transfers": tuple(_transfer(n, t) for n, t in enumerate(transfers, 1)),
    }
    told = [_words(f) for step in steps(Tables(**rows), found) for f in step.fates]
    return told if not found else [(each.table, each.row, each.rule) for each in found]


def _row(given):
    return {"code": given} if isinstance(given, str) else given


def _transfer(number, words):
    old, new, *extent = words.split()
    return Transfer(number, "unit", old, new, extent=extent[0] if extent else "whole")


def _words(fate):
    if isinstance(fate, LivesOn):
        ceded = "".join(f", gives to {t.new}" for t in fate.ceded)
        return f"{fate.before.code} lives on as {fate.after.code}{ceded}"
    if isinstance(fate, Begins):
        return f"{fate.after.code} begins by {fate.way}"
    heirs = " ".join(t.new for t in fate.heirs) or "nobody"
    return f"{fate.before.code} ends by {fate.way}: {heirs}"


KINDS_OF_CHANGE = {
    "a new code makes no new body": (["a"], ["b"], ["a b"], ["a lives on as b"]),
    "the same code and no transfer": (["a"], ["a"], [], ["a lives on as a"]),
    "several become one, which begins": (
        ["a", "b"],
        ["a"],
        ["a a", "b a"],
        ["a begins by merger", "a ends by merger: a", "b ends by merger: a"],
    ),
    "one takes another in and says that it lives on": (
        ["a", "b"],
        [{"code": "a", "keeps": "a"}],
        ["a a", "b a"],
        ["a lives on as a", "b ends by merger: a"],
    ),
    "one becomes several": (
        ["a"],
        ["b", "c"],
        ["a b part", "a c part"],
        ["b begins by division", "c begins by division", "a ends by division: b c"],
    ),
    "one gives a part and lives on": (
        ["a", "b"],
        [{"code": "a", "keeps": "a"}, {"code": "b", "keeps": "b"}],
        ["a b part"],
        ["a lives on as a, gives to b", "b lives on as b"],
    ),
    "several to several": (
        ["a", "b"],
        ["c", "d"],
        ["a c part", "a d part", "b d"],
        [
            "c begins by division",
            "d begins by merger",
            "a ends by division: c d",
            "b ends by merger: d",
        ],
    ),
    "nobody takes over": (["a"], [], [], ["a ends by dissolution: nobody"]),
    "nothing was there": ([], ["a"], [], ["a begins by new"]),
    "another level is another body": (
        [{"code": "a", "level": "district"}],
        [{"code": "b", "level": "commune"}],
        ["a b"],
        ["b begins by conversion", "a ends by conversion: b"],
    ),
    "the same code on another level is another body": (
        [{"code": "a", "level": "district"}],
        [{"code": "a", "level": "commune"}],
        [],
        ["a begins by new", "a ends by dissolution: nobody"],
    ),
    "it is said that it is new": (
        ["a"],
        [{"code": "b", "keeps": NOBODY}],
        ["a b"],
        ["b begins by conversion", "a ends by conversion: b"],
    ),
    "the way is stated": (
        [{"code": "a", "way": "disbandment"}],
        [],
        [],
        ["a ends by disbandment: nobody"],
    ),
    "two exchange their codes": (
        ["a", "b"],
        ["a", "b"],
        ["a b", "b a"],
        ["b lives on as a", "a lives on as b"],
    ),
}


@pytest.mark.parametrize(
    ("before", "after", "transfers", "told"), KINDS_OF_CHANGE.values(), ids=KINDS_OF_CHANGE
)
def test_each_kind_of_change(before, after, transfers, told):
    assert fates(before, after, transfers) == told


SLIPS = {
    "a transfer from one that is not there": (
        ["a"],
        ["b"],
        ["x b"],
        ("transfers", 1, "code-known"),
    ),
    "a transfer to one that is not there": (["a"], ["b"], ["a x"], ("transfers", 1, "code-known")),
    "a transfer stated twice": (["a"], ["b"], ["a b", "a b"], ("transfers", 2, "transfer-once")),
    "a code twice before": (["a", "a"], ["b"], ["a b"], ("before", 2, "code-once")),
    "a code twice after": (["a"], ["b", "b"], ["a b"], ("after", 2, "code-once")),
    "one lives on as two": (
        ["a"],
        [{"code": "b", "keeps": "a"}, {"code": "c", "keeps": "a"}],
        [],
        ("after", 2, "one-identity"),
    ),
    "it keeps one that is not there": (
        ["a"],
        [{"code": "b", "keeps": "x"}],
        [],
        ("after", 1, "code-known"),
    ),
}


@pytest.mark.parametrize(("before", "after", "transfers", "slip"), SLIPS.values(), ids=SLIPS)
def test_each_slip_is_told(before, after, transfers, slip):
    assert slip in fates(before, after, transfers)


def test_steps_come_in_their_order_and_units_first():
    tables = Tables(
        before=(Before(1, "organisation", "a", step=1), Before(2, "unit", "a", step=2)),
        after=(After(1, "unit", "b", step=1),),
    )
    told = [(step.number, step.subject) for step in steps(tables, [])]
    assert told == [(1, "unit"), (1, "organisation"), (2, "unit")]


codes = st.sampled_from("abcd")
edges = st.tuples(codes, codes, st.sampled_from(["whole", "part", "unknown"]))


@given(st.sets(codes), st.sets(codes), st.lists(edges, max_size=8, unique_by=lambda e: e[:2]))
def test_everybody_has_one_fate_and_nobody_is_lost(before, after, edges):
    tables = Tables(
        before=tuple(Before(n, "unit", code) for n, code in enumerate(sorted(before), 1)),
        after=tuple(After(n, "unit", code) for n, code in enumerate(sorted(after), 1)),
        transfers=tuple(
            Transfer(n, "unit", old, new, extent=extent)
            for n, (old, new, extent) in enumerate(edges, 1)
        ),
    )
    all_ = [fate for step in steps(tables, []) for fate in step.fates]
    olds = Counter(f.before.code for f in all_ if isinstance(f, LivesOn | Ends))
    news = Counter(f.after.code for f in all_ if isinstance(f, LivesOn | Begins))
    assert olds == Counter(before)
    assert news == Counter(after)
    sound = [e for e in edges if e[0] in before and e[1] in after]
    given_away = sum(len(f.heirs) for f in all_ if isinstance(f, Ends))
    given_away += sum(len(f.ceded) for f in all_ if isinstance(f, LivesOn))
    to_itself = sum(
        any(t[:2] == (f.before.code, f.after.code) for t in sound)
        for f in all_
        if isinstance(f, LivesOn)
    )
    assert given_away + to_itself == len(sound)
