"""What a worker knows of a chunk while it holds it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from commsplan.delivery.leases import Lease
from commsplan.delivery.windows import Result, Row


@dataclass
class Held:
    """A chunk that this worker holds."""

    lease: Lease
    waiting: deque[Row]
    begun: dict[int, Row] = field(default_factory=dict)
    """Committed as `sending` and not settled yet: what is in doubt if this worker dies."""
    results: list[Result] = field(default_factory=list)
    hold: float = 0.0
    """A limit lets nothing of it go for so many seconds."""

    is_turning: bool = False
    """A turn of it is asked for and not answered yet."""
    is_clean: bool = True
    """Every result of it was written down."""

    @property
    def is_idle(self) -> bool:
        """Whether none of it is on the wire or on its way there."""
        return not (self.begun or self.is_turning)

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to do."""
        return not self.waiting and self.is_idle
