"""What truly happened at the mail server: an append-only file, one line per copy or mischief.

A line is `number TAB event TAB Message-ID TAB address`; the number rises by one a line, so that a
torn or missing line would show. `copy` is a copy that the server has, whatever it answered.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

COPY = "copy"


class LogWriter:
    """The sink's end of the file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        self._number = 0

    def copy(self, message_id: str, address: str) -> None:
        """Write down a copy that the server has from now on."""
        self.event(COPY, message_id, address)

    def event(self, event: str, message_id: str, address: str) -> None:
        """Write one line, whole, before anything else happens."""
        self._number += 1
        line = f"{self._number}\t{event}\t{message_id}\t{address}\n"
        os.write(self._file, line.encode())


@dataclass
class Seen:
    """The log, read."""

    copies: Counter[str] = field(default_factory=Counter)
    """How many copies the server has, by Message-ID."""
    went_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The recipients of each Message-ID: more than one, or a wrong one, is a mix-up."""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each mischief met each Message-ID."""
    refused: set[str] = field(default_factory=set)
    """Recipients that were refused for good."""
    kinds: Counter[str] = field(default_factory=Counter)
    """How often each kind of mischief happened at all."""


def read_log(path: Path) -> Seen:
    """Read the whole file.

    Raises:
        ValueError: a line is missing or torn: the harness itself is broken.
    """
    seen = Seen()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        counted, event, message_id, address = line.split("\t")
        if int(counted) != number:
            raise ValueError(f"Line {number} of the sink's log carries the number {counted}.")
        if event == COPY:
            seen.copies[message_id] += 1
            seen.went_to[message_id].add(address)
            continue
        seen.kinds[event] += 1
        seen.events[event, message_id] += 1
        if event.startswith("5") and address:
            seen.refused.add(address)
    return seen


class Tail:
    """Counts the copies while the file grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._copies = 0

    def copies(self) -> int:
        """Return how many copies the server has by now."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._offset)
                whole = file.read().rpartition(b"\n")[0]
            self._offset += len(whole) + bool(whole)
            self._copies += whole.count(b"\tcopy\t")
        return self._copies
