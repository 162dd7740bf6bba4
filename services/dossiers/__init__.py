"""Reorganisation dossiers: from files to a rehearsal, to one transaction, and back again."""
