"""A reorganisation of the country's units, from lists to events."""

from services.reorganisation.importing import (
    Imported,
    InputRefused,
    checked,
    import_folder,
    shipped,
)
from services.reorganisation.reading import Finding

__all__ = ["Finding", "Imported", "InputRefused", "checked", "import_folder", "shipped"]
