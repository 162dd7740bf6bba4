"""A reorganisation of the country's units, from lists to events."""

from services.reorganisation.importing import (
    Imported,
    InputRefused,
    carry_out_dossiers,
    checked,
    record,
    record_opening,
    shipped,
)
from services.reorganisation.reading import Finding

__all__ = [
    "Finding",
    "Imported",
    "InputRefused",
    "carry_out_dossiers",
    "checked",
    "record",
    "record_opening",
    "shipped",
]
