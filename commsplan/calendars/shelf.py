"""Calendars ready to be sent, in this process's memory, under the hash of their bytes.

What lies under a hash is never out of date, so nothing is ever taken off but for room.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

ROOM_BYTES = 64 * 1024 * 1024  # of one process: ten calendars of 10,000 events, or all usual ones


class Shelf:
    """Keeps what was last asked for, as far as there is room."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self._room = room
        self._taken = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """Return what lies under a key."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: str, body: bytes) -> None:
        """Lay something down; what was not asked for the longest makes room."""
        with self._lock:
            self._taken += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._taken > self._room and len(self._bodies) > 1:
                self._taken -= len(self._bodies.popitem(last=False)[1])

    def clear(self) -> None:
        """Take everything off."""
        with self._lock:
            self._bodies.clear()
            self._taken = 0


shelf = Shelf()
