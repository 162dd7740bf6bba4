"""Dossiers in and out of files: CSV sets, XLSX workbooks and JSON, one schema for all three."""
