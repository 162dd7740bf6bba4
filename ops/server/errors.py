"""What can go wrong with the embedded PostgreSQL."""


class ServerError(Exception):
    """The embedded PostgreSQL cannot be had, and why, in words an operator can act upon."""
