"""The trade in plain Python: values, events, aggregates and rules. No clock, no storage, no web."""
