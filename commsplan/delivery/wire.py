"""The wire, copy after copy over one reused connection."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.rules import Trouble, away, untouched
from commsplan.delivery.smtp import Line, RelayAway

LOST_IN_A_ROW = 3  # so many lines lost one after the other, and the relay is left alone


class Wire:
    """Copies waiting for the wire, and what became of them."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.queue: deque[Parcel] = deque()
        self.begin_until = float("inf")
        self.reason = ""
        self.lost = 0

    @property
    def undecided(self) -> int:
        return len(self.queue)

    def put(self, parcels: Iterable[Parcel]) -> None:
        self.queue.extend(parcels)

    def can_send(self) -> bool:
        return not self.reason

    def away(self) -> dict[str, str]:
        return {self.line.name: self.reason} if self.reason else {}

    def turn(self, seconds: float) -> list[Done]:
        end, done = time.monotonic() + seconds, []
        while self.queue and time.monotonic() < min(end, self.begin_until) and not self.reason:
            done.append(self._one(self.queue.popleft()))
        return done + (self.halt() if self.reason else [])

    def _one(self, parcel: Parcel) -> Done:
        try:
            outcome = self.line.hand_over(parcel)
        except RelayAway as error:
            self.reason = str(error)
            return Done(parcel, away(self.reason), self.line.name)
        unlucky = outcome.trouble in (Trouble.LOST, Trouble.DROPPED)
        self.lost = self.lost + 1 if unlucky else 0
        if outcome.trouble is Trouble.CLOSED or self.lost >= LOST_IN_A_ROW:
            self.reason = outcome.note
        return Done(parcel, outcome, self.line.name)

    def halt(self) -> list[Done]:
        outcome = away(self.reason) if self.reason else untouched()
        found = [Done(parcel, outcome, "") for parcel in self.queue]
        self.queue.clear()
        return found

    def close(self) -> list[Done]:
        self.line.hang_up(politely=True)
        return self.halt()
