"""Invented people and what they do, for showing and for measuring. Nobody here exists."""
