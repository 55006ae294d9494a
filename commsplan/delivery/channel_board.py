"""The notice board: a post is there as soon as its row says so, for whoever it concerns.

Nothing leaves this machine, so nothing can be refused, late or in doubt.
"""

from __future__ import annotations

from commsplan.delivery.channel import Post
from commsplan.delivery.rules import Outcome, accepted

ON_THE_BOARD = "It is on the notice board."


class BoardChannel:
    """Hands posts to the notice board."""

    def hand_over(self, post: Post) -> Outcome:
        """Say yes: `board_queries.py` shows what was accepted."""
        return accepted(ON_THE_BOARD)
