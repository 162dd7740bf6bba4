"""What a reorganisation dossier states, as tables of rows; one shape for every way in and out.

A reorganisation is a list of steps that take effect on one day, in their order. Of each step the
tables say what stood before, what stands after, and how much of the one went to the other. From
that follows who lives on, who begins, who ends, and with which heirs (domain/dossier/identity.py).
So any change of any register of places can be stated: merger, division, absorption, a part ceded,
n to m, a new name, type, code or superior, an end without heirs.

A thing is referred to by its code in the dossier's scheme ("00004"). A Party organisation has the
code of the unit on whose territory it stands; one that does not is referred to by "id:" and its id,
by "scheme:code", or, when it begins in this dossier, by any other handle ("new:cells/1").
Sources: RFC 4180 for the files; the mutation list of a register of places (before, after, extent).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

SUBJECTS = ("unit", "organisation")
NOBODY = "-"
"""In `keeps`: it begins anew, whatever the rule of identity would say."""

SUPERIOR = "@superior"
"""In `authority`: the standing board of whatever organisation is directly above."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One document that decides, and on whose authority; rows point to it by `ref`."""

    row: int  # in its table, the first being 1: what verdicts name
    ref: str
    number: str | None = None  # "1656/NQ-UBTVQH15"; None: not known
    issued_on: date | None = None
    issuer: str | None = None
    title: str | None = None
    authority: str | None = None  # who decided; None: the issuer; or SUPERIOR
    authority_of: str | None = None  # the organisation whose board that is
    decided_on: date | None = None  # None: the day of issue
    cites: tuple[str, ...] = ()  # refs of further documents at its head
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What stood on the eve and is touched; the register must say the same of it."""

    row: int
    subject: str  # one of SUBJECTS
    code: str
    step: int = 1
    level: str | None = None  # of a unit
    name: str | None = None  # None: not compared
    type: str | None = None  # type of a unit, kind of an organisation
    superior: str | None = None
    way: str | None = None  # how it ends if it does (node.ENDINGS); None: by the heirs it has
    decision: str | None = None  # of its end; None: the dossier's first
    population: int | None = None  # people, all that went to its heirs
    area: int | None = None  # square metres


@dataclass(frozen=True, slots=True)
class After:
    """What stands on the day."""

    row: int
    subject: str
    code: str
    step: int = 1
    level: str | None = None  # of a unit
    name: str | None = None  # None: as it was called
    type: str | None = None  # None: as it was
    superior: str | None = None  # None: as it was; NOBODY: none
    keeps: str | None = None  # who lives on as this one; None: by rule; NOBODY: it is new
    unit: str | None = None  # the unit that an organisation stands on
    setting: str | None = None  # of an organisation: "territory", "school", ...
    decision: str | None = None
    population: int | None = None  # people, all that came from those before
    area: int | None = None  # square metres


@dataclass(frozen=True, slots=True)
class Transfer:
    """How much of an old one went to a new one."""

    row: int
    subject: str
    old: str
    new: str
    step: int = 1
    extent: str = "whole"  # lineage.EXTENTS
    is_default: bool = False
    population: int | None = None  # people
    area: int | None = None  # square metres


@dataclass(frozen=True, slots=True)
class Declared:
    """How many there are before and after by the decision's own words; must come out so."""

    row: int
    subject: str
    level: str  # of units; of organisations their kind, or "*"
    type: str = "*"
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of everything of a sort that hangs on what ends (affairs.SORTS)."""

    row: int
    sort: str
    rule: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What becomes of one thing, stated by hand; goes before the rule of its sort."""

    row: int
    sort: str
    of: str  # the organisation on which it hangs
    what: str = "*"  # id or number of the thing; "*": all of that sort
    to: str | None = None  # who takes it over; None: it ends
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Seats:
    """How many are to hold a post in each organisation of a kind that begins, and until when."""

    row: int
    kind: str  # of organisations: "commune_upper"
    body: str  # "executive_committee"
    post: str  # "secretary"
    number: int
    due_on: date | None = None  # until when they are to be filled; None: no day was set


@dataclass(frozen=True, slots=True)
class Tables:
    """All rows of a dossier."""

    decisions: tuple[Decision, ...] = ()
    before: tuple[Before, ...] = ()
    after: tuple[After, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    declared: tuple[Declared, ...] = ()
    rules: tuple[Rule, ...] = ()
    handovers: tuple[Handover, ...] = ()
    seats: tuple[Seats, ...] = ()

    def __len__(self) -> int:
        return sum(len(getattr(self, f.name)) for f in fields(self))


@dataclass(frozen=True, slots=True)
class Heading:
    """What a dossier says of itself, once."""

    title: str
    effective_on: date  # of all its operations
    key: str | None = None  # a handle of the drafter's, unique among dossiers: "vn2025/25"
    scheme: str = "nso"  # in which codes are written
    scope: str | None = None  # code of the province it is about; None: the country
    parts: tuple[str, ...] = ()  # keys of the dossiers that must be carried out with it
    note: str | None = None
