"""Who leads an organisation: bodies, terms, seats, holders, inspection committees, assignments."""

from domain.leadership.leadership import Leadership
from domain.leadership.record import leadership_id

__all__ = ["Leadership", "leadership_id"]
