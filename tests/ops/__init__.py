"""Tests of ops: they start real servers in temporary folders."""
