"""How the chaos mail server misbehaves: every draw follows from the seed and from what is asked.

A draw depends on the seed, on the copy (or the recipient, or the connection) and on how often it
was tried, never on the order in which things arrive: the same run meets the same mischief.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """What the server does after the final dot."""

    TAKEN = "taken"
    """Takes the copy and says 250."""
    TAKEN_THEN_CUT = "taken-then-cut"
    """Takes the copy and cuts the line without a word: the client cannot know."""
    TAKEN_THEN_SILENT = "taken-then-silent"
    """Takes the copy and says nothing for longer than anybody waits."""
    SILENT = "silent"
    """Does not take it, and says nothing for longer than anybody waits."""
    CUT = "cut"
    """Does not take it, and cuts the line without a word."""
    CLOSING = "421"
    """Does not take it, says 421 and hangs up (RFC 5321 §4.2.1)."""
    LATER = "451"
    """Does not take it this time."""
    NEVER = "554"
    """Will never take it."""


DOUBTFUL = frozenset({End.TAKEN_THEN_CUT, End.TAKEN_THEN_SILENT, End.SILENT, End.CUT})
"""After these nobody on the client's side can know what became of the copy (RFC 1047)."""
HAS_COPY = frozenset({End.TAKEN, End.TAKEN_THEN_CUT, End.TAKEN_THEN_SILENT})

NEVER_ONE_IN = 500
"""Recipients that no server of this domain knows: 550 at RCPT, or 554 after the dot."""
LATER_AT_FIRST_ONE_IN = 50
"""Recipients who are asked to come again the first time (greylisting)."""
ENDS: tuple[tuple[End, float], ...] = (
    (End.TAKEN_THEN_CUT, 0.001),
    (End.TAKEN_THEN_SILENT, 0.0005),
    (End.SILENT, 0.0005),
    (End.CUT, 0.001),
    (End.CLOSING, 0.002),
    (End.LATER, 0.004),
)
CLOSING_AT_A_COMMAND = 0.0005
RESET_IN_A_GROUP = 0.002
NOT_WELCOME = 0.03  # of the connections: 421 instead of a greeting
WITHOUT_PIPELINING = 0.15  # of the connections
SHORT_PATIENCE = 0.2  # of the connections: closed after a second of silence
SLOW_CONNECTION = 0.1
SLOW_SECONDS = 0.15

KINDS = frozenset(End) | {"550", "reset", "idle", "slow", "without pipelining"}
"""Everything the server does to its clients, by the names that the log and the docs use."""


@dataclass(frozen=True)
class Mischief:
    """The draws of one run. A calm one misbehaves in nothing but the recipients it never takes."""

    seed: int
    calm: bool = False

    def draw(self, *what: object) -> float:
        """Return a number in 0..1 that is always the same for the same question."""
        asked = "|".join(map(str, (self.seed, *what))).encode()
        return int.from_bytes(hashlib.blake2b(asked, digest_size=7).digest()) / 2**56

    def _happens(self, chance: float, *what: object) -> bool:
        return not self.calm and self.draw(*what) < chance

    def welcomes(self, connection: int) -> bool:
        """Tell whether this connection gets a greeting."""
        return not self._happens(NOT_WELCOME, "welcome", connection)

    def offers_pipelining(self, connection: int) -> bool:
        """Tell whether this connection may send several commands at once (RFC 2920)."""
        return not self._happens(WITHOUT_PIPELINING, "pipelining", connection)

    def patience(self, connection: int) -> float:
        """Return after how much silence the line is closed, in seconds."""
        return 1.0 if self._happens(SHORT_PATIENCE, "patience", connection) else 60.0

    def slowness(self, connection: int) -> float:
        """Return how long this connection waits for each answer to a body, in seconds."""
        return SLOW_SECONDS if self._happens(SLOW_CONNECTION, "slow", connection) else 0.0

    def closes_at(self, connection: int, command: int) -> bool:
        """Tell whether the server says 421 to this command."""
        return self._happens(CLOSING_AT_A_COMMAND, "closing", connection, command)

    def resets_at(self, connection: int, command: int) -> bool:
        """Tell whether the line breaks at this command, while more of its group is waiting."""
        return self._happens(RESET_IN_A_GROUP, "reset", connection, command)

    def never_takes(self, address: str) -> bool:
        """Tell whether this recipient does not exist, however often somebody asks."""
        return self.draw("never", address) < 1 / NEVER_ONE_IN

    def at_recipient(self, address: str, tries: int) -> int:
        """Return the answer to RCPT, for the n-th try of this recipient."""
        if self.never_takes(address) and self.draw("where", address) < 0.5:
            return 550
        if tries == 1 and self._happens(1 / LATER_AT_FIRST_ONE_IN, "greylisted", address):
            return 451
        return 250

    def at_end(self, copy: str, address: str, tries: int) -> End:
        """Return what happens after the final dot, for the n-th try of this copy."""
        if self.never_takes(address):
            return End.NEVER
        drawn = 1.0 if self.calm else self.draw("end", copy, tries)
        for end, chance in ENDS:
            if drawn < chance:
                return end
            drawn -= chance
        return End.TAKEN
