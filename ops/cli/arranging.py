"""The order in which `sogoc --help` tells of its commands, a line for each; and how texts wrap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from typer.core import TyperGroup

MORE = "More"  # what has no place here yet
PANELS: Mapping[str, Mapping[str, str]] = {
    "Reading": {
        "units": "List administrative units as of a day; show one, its tree.",
        "organisations": "List Party organisations as of a day; show one, its tree.",
        "leadership": "Tell who leads an organisation, by which decisions.",
        "posts": "Tell which posts a person holds, in the Party and outside.",
        "vacancies": "List posts with vacant seats, since when, how overdue.",
        "members": "Members of the Party: rolls and movements.",
        "reviews": "List rounds of evaluation; show one, a chain of years.",
        "awards": "List awards as they stand on a day.",
        "people": "Persons: sealed, and shown for a purpose.",
        "report": "Write a report; alone: list which there are.",
        "audit": "Tell the audit trail: a line for each event.",
        "events": "Show events in the order in which they were recorded.",
        "rules": "Show the rules of a day, with the documents that set them.",
    },
    "Explaining": {
        "crosswalk": "Tell what became of codes; never a silent pick.",
        "diff": "Tell what differs between two points, and why.",
        "why": "Tell why a value is what it is.",
    },
    "Recording": {
        "dossier": "Reorganise: prepare, rehearse, approve, carry out, correct.",
        "demo": "Record the reorganisation of 1 July 2025, and serve it.",
        "import": "Record the reorganisation of 1 July 2025.",
    },
    "Running": {
        "serve": "Serve the API and the first page until Ctrl-C.",
        "migrate": "Bring tables up to date with this release.",
        "token": "Make a bearer token for an office or account.",
        "keys": "The keys of persons, and the one that wraps them.",
        "epoch": "Show the epochs of the log, or begin another one.",
    },
    "Checking and mending": {
        "verify": "Read the whole log and replay all read models.",
        "projections": "Show where the read models stand.",
        "parked": "List what read models could not take in; decide about it.",
        "rebuild": "Build read models anew, compare, and switch.",
    },
}
_PLACES = {
    name: (panel, words) for panel, commands in PANELS.items() for name, words in commands.items()
}
_ORDER = {name: number for number, name in enumerate(_PLACES)}


class Arranged(TyperGroup):
    """The command `sogoc`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, command in self.commands.items():
            panel, words = _PLACES.get(name, (MORE, None))
            command.rich_help_panel = panel  # type: ignore[attr-defined]
            command.short_help = words or command.short_help
        _unwrap(self)

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=lambda name: _ORDER.get(name, len(_ORDER)))


def _unwrap(command: Any) -> None:
    """Lines of a docstring end where the code wants it; a terminal has its own width."""
    if command.help:
        command.help = re.sub(r"(?<!\n)\n(?!\n)\s*", " ", command.help)
    for each in getattr(command, "commands", {}).values():
        _unwrap(each)
