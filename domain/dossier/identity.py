"""Who lives on, who begins and who ends in one step: the rule of identity.

A code is not an identity and a name is not one either. So of each step it is decided by what went
where:

| what the rows say                                        | then                                 |
|----------------------------------------------------------|--------------------------------------|
| `keeps` names a row of before                            | that one lives on as this one        |
| `keeps` is NOBODY                                        | this one begins, by conversion where |
|                                                          | it took over the whole of one alone  |
| one giver gave its whole to it, and nothing to others    | the giver lives on: a new name, type,|
|                                                          | code or superior makes no new body   |
| the same code before and after, and no transfers of it   | it lives on                          |
| another level (a district becomes a commune)             | it begins, by conversion             |
| several givers                                           | it begins, by merger                 |
| a part of one giver                                      | it begins, by division               |
| no giver                                                 | it begins, new                       |

Who does not live on ends: by division with several heirs, by merger (conversion to another level)
with one, by dissolution with none. Who lives on and gives to others cedes a part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.dossier.findings import Finding, found
from domain.dossier.tables import NOBODY, SUBJECTS, After, Before, Tables, Transfer


@dataclass(frozen=True, slots=True)
class LivesOn:
    """One that was there and stays, perhaps changed; `ceded` went to others."""

    before: Before
    after: After
    ceded: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True)
class Begins:
    """One that was not there before."""

    after: After
    way: str  # node.FOUNDINGS
    origins: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """One that is no more, and who took over."""

    before: Before
    way: str  # node.ENDINGS
    heirs: tuple[Transfer, ...] = ()


Fate = LivesOn | Begins | Ends


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of everything of one step: the rows of one subject."""

    number: int
    subject: str
    fates: tuple[Fate, ...]


def steps(tables: Tables, findings: list[Finding]) -> Iterator[Step]:
    """Steps in their order, units before the organisations upon them; slips go to `findings`."""
    rows: dict[tuple[int, str], Rows] = defaultdict(lambda: Rows([], [], []))
    for before in tables.before:
        rows[_of(before)].before.append(before)
    for after in tables.after:
        rows[_of(after)].after.append(after)
    for transfer in tables.transfers:
        rows[_of(transfer)].transfers.append(transfer)
    for number, subject in sorted(rows, key=lambda of: (of[0], SUBJECTS.index(of[1]))):
        decided = _Decided(rows[number, subject], findings)
        yield Step(number, subject, tuple(decided.fates()))


class Rows(NamedTuple):
    """Those of one step about one subject."""

    before: list[Before]
    after: list[After]
    transfers: list[Transfer]


class _Decided:
    """The rows of one step about one subject, by code."""

    def __init__(self, rows: Rows, findings: list[Finding]) -> None:
        self._findings = findings
        self.before: dict[str, Before] = self._by_code("before", rows.before)
        self.after: dict[str, After] = self._by_code("after", rows.after)
        self.from_: dict[str, list[Transfer]] = defaultdict(list)
        self.into: dict[str, list[Transfer]] = defaultdict(list)
        pairs: set[tuple[str, str]] = set()
        for each in rows.transfers:
            if self._is_sound(each, pairs):
                self.from_[each.old].append(each)
                self.into[each.new].append(each)

    def _by_code(self, table: str, rows: Sequence[Before | After]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for row in rows:
            if known.setdefault(row.code, row) is not row:
                words = f"{row.code} stands in row {known[row.code].row} of this step already"
                self._findings.append(found(table, row, "code", "code-once", words))
        return known

    def _is_sound(self, transfer: Transfer, pairs: set[tuple[str, str]]) -> bool:
        sound = True
        sides: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
            ("old", transfer.old, "before", self.before),
            ("new", transfer.new, "after", self.after),
        )
        for field, code, table, known in sides:
            if code not in known:
                words = f"{code} is not among the rows of '{table}' of this step"
                self._findings.append(found("transfers", transfer, field, "code-known", words))
                sound = False
        if (transfer.old, transfer.new) in pairs:
            words = f"{transfer.old} > {transfer.new} is stated already"
            self._findings.append(found("transfers", transfer, "new", "transfer-once", words))
            sound = False
        pairs.add((transfer.old, transfer.new))
        return sound

    def fates(self) -> Iterator[Fate]:
        kept: dict[str, After] = {}
        for after in self.after.values():
            before = self._lives_on_as(after)
            if before is None:
                continue
            if before.code in kept:
                words = f"{before.code} lives on as {kept[before.code].code} already"
                self._findings.append(found("after", after, "keeps", "one-identity", words))
            else:
                kept[before.code] = after
        as_which = {after.code: self.before[code] for code, after in kept.items()}
        for after in self.after.values():
            before = as_which.get(after.code)
            if before is None:
                yield self._begins(after)
            else:
                given = self.from_[before.code]
                yield LivesOn(before, after, tuple(t for t in given if t.new != after.code))
        for before in self.before.values():
            if before.code not in kept:
                yield self._ends(before)

    def _lives_on_as(self, after: After) -> Before | None:
        if after.keeps == NOBODY:
            return None
        if after.keeps is not None:
            if after.keeps not in self.before:
                words = f"{after.keeps} is not among the rows of 'before' of this step"
                self._findings.append(found("after", after, "keeps", "code-known", words))
            return self.before.get(after.keeps)
        givers = self.into[after.code]
        if not givers:
            same: Before | None = self.before.get(after.code)
            return same if same and not self.from_[same.code] and _alike(same, after) else None
        [first, *others] = givers
        giver: Before = self.before[first.old]
        whole = first.extent == "whole" and len(self.from_[giver.code]) == 1
        return giver if whole and not others and _alike(giver, after) else None

    def _begins(self, after: After) -> Begins:
        origins = self.into[after.code]
        givers: list[Before] = [self.before[t.old] for t in origins]
        if not givers:
            way = "new"
        elif self._is_one_to_one(origins) or not any(_alike(giver, after) for giver in givers):
            way = "conversion"
        else:
            way = "merger" if len(givers) > 1 else "division"
        return Begins(after, way, tuple(origins))

    def _is_one_to_one(self, transfers: Sequence[Transfer]) -> bool:
        """The whole of one became the whole of the other, and yet it is said to be new."""
        [first, *others] = transfers
        alone = len(self.from_[first.old]) == 1 and len(self.into[first.new]) == 1
        return first.extent == "whole" and alone and not others

    def _ends(self, before: Before) -> Ends:
        heirs = self.from_[before.code]
        if not heirs:
            way = "dissolution"
        elif self._is_one_to_one(heirs) or not any(
            _alike(before, self.after[t.new]) for t in heirs
        ):
            way = "conversion"
        else:
            way = "division" if len(heirs) > 1 else "merger"
        return Ends(before, before.way or way, tuple(heirs))


def _of(row: Before | After | Transfer) -> tuple[int, str]:
    return row.step, row.subject


def _alike(before: Before, after: After) -> bool:
    """Whether they are of one level, as far as the rows say."""
    return before.level is None or after.level is None or before.level == after.level
