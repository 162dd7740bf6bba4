"""Where the text of a document can be read, for those whose address was shipped with the data."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def addresses() -> Mapping[str, str]:
    """Number of a document -> https address of its text, as PROVENANCE.md of the lists tells."""
    text = files("services.vn2025").joinpath("resolutions.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    found = {row["number"]: row["url"] for row in rows if row["url"].startswith("https://")}
    return MappingProxyType(found)
