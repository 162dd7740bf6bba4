"""What a client would like (RFC 7240): all `Prefer` lines, read as the grammar has them.

Whoever asks for a trial must never record for real. So a preference that is called dry-run counts
whatever stands beside it, and what cannot be read or nearly says it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from api.errors import MalformedRequest

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*+"'
_VALUE = rf"(?:[ \t]*+=[ \t]*+(?:{_TOKEN}|{_QUOTED})?+)?+"
_PREFERENCE = re.compile(  # possessive throughout: it never looks back, so no line takes long
    rf"[ \t]*+(?P<name>{_TOKEN}){_VALUE}"
    rf"(?P<parameters>(?:[ \t]*+;[ \t]*+(?:{_TOKEN}{_VALUE})?+)*+)[ \t]*+(?:,|$)"
)
_PARAMETER = re.compile(rf";[ \t]*({_TOKEN})")
_EMPTY = re.compile(r"[ \t]*(,|$)")  # a list may have empty members (RFC 9110, section 5.6.1)


def wants_async(lines: Iterable[str]) -> bool:
    """Whether the answer need not wait for the work (RFC 7240, section 4.1).

    Raises MalformedRequest when a line cannot be read.
    """
    return "respond-async" in {name.lower() for line in lines for name in _names(line)}


def wants_dry_run(lines: Iterable[str]) -> bool:
    """Whether any preference, or a parameter of one, is called dry-run.

    Raises MalformedRequest when a line cannot be read, and for dryrun, dry_run and the like.
    """
    names = {name.lower() for line in lines for name in _names(line)}
    for name in names - {"dry-run"}:
        if re.sub("[^a-z]", "", name) == "dryrun":
            raise MalformedRequest.at("header", "Prefer", f"{name} is not known: write dry-run")
    return "dry-run" in names


def _names(line: str) -> Iterable[str]:
    at = 0
    while at < len(line):
        if empty := _EMPTY.match(line, at):
            at = empty.end()
            continue
        found = _PREFERENCE.match(line, at)
        if found is None:
            raise MalformedRequest.at("header", "Prefer", "not readable; write `Prefer: dry-run`")
        yield found["name"]
        yield from _PARAMETER.findall(found["parameters"])
        at = found.end()
