"""Reports on dossiers, to read and to download: rehearsal, completion, crosswalk, impact.

Each is a `DossierReport` (frame.py): facts, tables of plain rows, and drawings. One and the same
becomes a page, files of CSV, a workbook or JSON (writing.py, page.py), in Vietnamese or English.
"""
