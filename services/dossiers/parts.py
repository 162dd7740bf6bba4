"""A dossier over dossiers: the reorganisation of a country is one decision and many parts.

It does nothing itself. It passes its check when each part has passed its own, and all together come
to what the national decision declares; it is carried out when they all are.
"""

from __future__ import annotations

from domain.dossier.dossier import DONE, Dossier
from domain.dossier.findings import Finding
from domain.dossier.outcome import Balance
from domain.dossier.tables import Heading
from domain.errors import WrongState
from services.work import Work

_SUMMED = ("before", "begun", "ended", "changed_in", "changed_out", "after")


class Parts:
    """The dossiers that one names as its parts."""

    def __init__(self, work: Work, heading: Heading, findings: list[Finding]) -> None:
        self.dossiers: list[Dossier] = []
        work.look_up(part_key(key) for key in heading.parts)
        for key in heading.parts:
            found = find_by_key(work, key)
            if found is None:
                words = f"There is no dossier with the key {key!r}"
                findings.append(Finding("dossier", 0, "parts", "part-known", words))
                continue
            self.dossiers.append(found)
            if found.heading.effective_on != heading.effective_on:
                words = f"{key} takes effect on {found.heading.effective_on:%d/%m/%Y}"
                findings.append(Finding("dossier", 0, "parts", "INV-DOS-6", words))
            if found.check is None:
                words = f"{key} ({found.heading.title}) did not pass its check yet"
                findings.append(Finding("dossier", 0, "parts", "INV-DOS-6", words))

    def balances(self) -> list[Balance]:
        """Theirs, summed by sort."""
        sums: dict[str, dict[str, int]] = {}
        for dossier in self.dossiers:
            for balance in dossier.check.outcome.balances if dossier.check else ():
                of = sums.setdefault(balance.sort, dict.fromkeys(_SUMMED, 0))
                for name in _SUMMED:
                    of[name] += getattr(balance, name)
        return [Balance(sort, **sums[sort]) for sort in sorted(sums)]

    def digests(self) -> tuple[str, ...]:
        """What they come to: another check of one of them is another outcome of the whole."""
        return tuple(d.check.outcome.digest for d in self.dossiers if d.check)

    def refuse_unless_done(self) -> None:
        """Raises WrongState while a part is not carried out."""
        left = [d.heading.title for d in self.dossiers if d.state not in DONE]
        if left:
            raise WrongState(
                f"{len(left)} of its parts are not carried out yet, the first: {left[0]}",
                field="parts",
                rule="INV-DOS-6",
            )


def part_key(key: str) -> str:
    return f"only:dossier:{key}"


def find_by_key(work: Work, key: str) -> Dossier | None:
    """The dossier that bears that key and is not withdrawn."""
    bearers = [b for b in work.bearers(part_key(key)) if isinstance(b, Dossier)]
    standing = (b for b in bearers if b.draft and b.heading.key == key and b.state != "withdrawn")
    return next(standing, None)
