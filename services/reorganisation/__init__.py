"""A reorganisation of the country's units, from lists to events."""

from services.reorganisation.importing import (
    Imported,
    InputRefused,
    checked,
    record,
    shipped,
)
from services.reorganisation.reading import Finding

__all__ = ["Finding", "Imported", "InputRefused", "checked", "record", "shipped"]
