"""Read models: pure functions from events to rows, and the one engine that runs them."""
