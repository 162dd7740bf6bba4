"""Memberships of the Party: from admission, through cells, to the end."""

from domain.membership.events import AWARDS, DEGREES, MOVES, OFFICIAL, PROBATIONARY
from domain.membership.membership import Membership, refuse_unlikely
from domain.membership.votes import RollCount, Vote, roll_on

__all__ = [
    "AWARDS",
    "DEGREES",
    "MOVES",
    "OFFICIAL",
    "PROBATIONARY",
    "Membership",
    "RollCount",
    "Vote",
    "refuse_unlikely",
    "roll_on",
]
