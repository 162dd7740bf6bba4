"""Reports: tables with official headings, at any point in both times."""
