"""Review, evaluation and classification: rounds, levels, ceilings, and years in a row."""
