"""The trade, without a server: given facts, when a command, then facts."""
