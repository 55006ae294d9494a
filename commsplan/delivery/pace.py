"""Which copies a worker may put on the wire now, as the speed limits say.

Each copy draws a token from the bucket of its channel and of its recipient's domain. Of mail
servers it draws from every limited one the part that this one carries by its weight, so that none
gets more than its limit however many there are; a mail server without a limit lifts nobody else's.
Where the wire went another way than by the weights, the next draw corrects it.

Nobody sleeps here: a copy that may not go stays in the ledger as it is.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from commsplan.delivery.buckets import draw_for, limits
from commsplan.delivery.rates import Key, Scope, shares
from commsplan.delivery.relays import usable
from commsplan.foundation.relay_addresses import RelayAddress

LOOK_SECONDS = 2.0  # so soon a changed limit holds in every worker
EMAIL: Key = (Scope.CHANNEL, "email")


class Asker(Protocol):
    """A mail that asks whether it may go: a copy of a send, an invitation."""

    @property
    def delivery_id(self) -> int:
        """Tells it from the others."""

    @property
    def address(self) -> str:
        """To whom it goes."""


Row = TypeVar("Row", bound=Asker)


@dataclass(frozen=True)
class Choice(Generic[Row]):
    """What may go of a chunk."""

    going: list[Row] = field(default_factory=list)
    wait: float = 0.0
    """When nothing may go because of a limit: how many seconds until something may."""


class Pace:
    """One worker's view of the speed limits, for one turn at one send."""

    def __init__(
        self, relays: Collection[RelayAddress], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Get ready; limits are read when the first copy asks.

        Args:
            relays: the mail servers that the wire shares the copies out to, with their weights.
            clock: seconds that only go forward.
        """
        self._weights = {one.name: one.weight for one in relays}
        self._clock = clock
        self._look_at = 0.0
        self._limits: Collection[Key] = ()
        self._every: dict[Key, float] = {}
        """What each copy takes, whoever it is for."""
        self._owed: defaultdict[Key, float] = defaultdict(float)
        self._empty: dict[Key, float] = {}
        """Until when a bucket need not be asked again, by our clock."""

    def choose(self, waiting: deque[Row], room: int) -> Choice[Row]:
        """Take the copies out of a chunk that may go now; the others keep their order."""
        self._look()
        if not self._limits or room < 1:
            return Choice([waiting.popleft() for _ in range(min(room, len(waiting)))])
        if (wait := self.wait_of_all()) > 0:
            return Choice(wait=wait if waiting else 0.0)
        asking = self._askers(waiting, room)
        needs = [self._need(row) for row in asking]
        if any(needs):
            drawn = draw_for(needs, self._owed)
            self._owed.clear()
            now = self._clock()
            self._empty |= {key: now + wait for key, wait in drawn.waits.items()}
            asking = [row for row, goes in zip(asking, drawn.going, strict=True) if goes]
        going = {row.delivery_id for row in asking}
        kept = [row for row in waiting if row.delivery_id not in going]
        waiting.clear()
        waiting.extend(kept)
        return Choice(asking, 0.0 if asking or not kept else min(map(self._wait, kept)))

    def wait_of_all(self) -> float:
        """Return how many seconds no copy may go at all, whoever it is for; 0 when some may."""
        self._look()
        return self._longest(self._every)

    def went(self, relay: str) -> None:
        """Note which mail server a copy really went to; "" is none."""
        for scope, name in self._every:
            if scope == Scope.RELAY:
                self._owed[scope, name] += (name == relay) - self._every[scope, name]

    def _look(self) -> None:
        """Read limits and mail servers again from time to time."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        self._limits = limits().keys()
        self._empty.clear()
        limited = {name for scope, name in self._limits if scope == Scope.RELAY}
        self._every = {EMAIL: 1.0} if EMAIL in self._limits else {}
        if limited:
            there = usable(self._weights)
            parts = shares({name: self._weights[name] for name in there}, limited)
            self._every |= {(Scope.RELAY, name): part for name, part in parts.items()}

    def _askers(self, waiting: deque[Row], room: int) -> list[Row]:
        """Return the first copies whose buckets are not known to be empty."""
        found: list[Row] = []
        for row in waiting:
            if len(found) == room:
                break
            if self._wait(row) <= 0:
                found.append(row)
        return found

    def _need(self, row: Asker) -> dict[Key, float]:
        domain = _domain(row)
        return {**self._every, domain: 1.0} if domain in self._limits else self._every

    def _wait(self, row: Asker) -> float:
        return self._longest(self._need(row))

    def _longest(self, keys: Collection[Key]) -> float:
        until = max((self._empty[key] for key in keys if key in self._empty), default=0.0)
        return max(until - self._clock(), 0.0)


def _domain(row: Asker) -> Key:
    return (Scope.DOMAIN, row.address.rpartition("@")[2].lower())
