"""The views: their layouts, the engine that follows, and what can be asked."""
