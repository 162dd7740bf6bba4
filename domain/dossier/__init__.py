"""Reorganisation dossiers: what one states, and its life from draft to carrying out."""
