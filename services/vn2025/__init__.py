"""The lists of the reorganisation of 1 July 2025; PROVENANCE.md says where each comes from."""
