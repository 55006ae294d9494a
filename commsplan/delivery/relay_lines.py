"""One relay: its lines, the copies that wait for them, and whether it can be used just now."""

from __future__ import annotations

import math
import random
import selectors
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from commsplan.delivery.journal import body_line, reply_line
from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.rules import Outcome
from commsplan.delivery.smtp_greeting import Opened, Opening
from commsplan.delivery.smtp_line import Line
from commsplan.delivery.smtp_replies import CLOSING
from commsplan.foundation.relay_addresses import RelayAddress

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 15.0, 300.0
JITTER = 0.2
IN_A_ROW = 3  # so many lines lost or senders refused one after the other, and the relay is left
SWITCHED_OFF = "switched off"


@dataclass
class Round:
    """What the wire and its relays hand each other while the loop goes round."""

    selector: selectors.BaseSelector
    now: float
    done: list[Done] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Lines for the journal: they are written before anything is sent."""
    sending: list[Line] = field(default_factory=list)
    homeless: deque[Parcel] = field(default_factory=deque)
    """Copies that need another relay."""
    is_stirred: bool = True
    """Whether a line may have something new to do."""
    is_halted: bool = False
    begin_until: float = float("inf")
    """After this moment no body begins: whoever hands in copies may not own them any more."""


class RelayLines:
    """The lines to one relay; what a line says of itself is said to this."""

    def __init__(
        self, address: RelayAddress, around: Round, open_line: Callable[[RelayLines], Opening]
    ) -> None:
        self.address = address
        self.name = address.name
        self.lines: set[Line] = set()
        self.openings: set[Opening] = set()
        self.queue: deque[Parcel] = deque()
        self.held = 0
        """Copies in the queue and on the lines."""
        self.credit = 0
        """Its turn in the choice by weight."""
        self.is_switched_on = True
        self.words = ""
        """Why it is away."""
        self._around = around
        self._open_line = open_line
        self._idle: list[Line] = []
        self._away_until = self._narrow_until = around.now
        self._failures = self._lost_in_a_row = self._mails_refused = 0

    # What the wire asks

    def is_usable(self) -> bool:
        """Say whether copies may be begun here."""
        return self.is_switched_on and self._around.now >= self._away_until

    def room(self, part: float) -> int:
        """Return how many more copies this part of two for each line leaves room for."""
        return max(0, math.ceil(2 * self._width() * part) - self.held)

    def why_away(self) -> str:
        """Return in words why it is not used, "" while it is."""
        if not self.is_switched_on:
            return SWITCHED_OFF
        return "" if self.is_usable() else self.words

    def put(self, parcel: Parcel) -> None:
        """Let a copy wait for a line."""
        self.queue.append(parcel)
        self.held += 1

    def spread(self) -> None:
        """Give waiting copies to idle lines, and open more where they do not suffice."""
        if not self.is_usable() or self._around.is_halted:
            self.release()
            return
        if self._around.now > self._around.begin_until:
            return
        while self.queue and self._idle:
            self._idle.pop().begin()
        while len(self.openings) < len(self.queue) and self._may_open():
            opening = self._open_line(self)
            self.openings.add(opening)
            opening.start()

    def release(self) -> None:
        """Let go of what waits here, and of the lines that have nothing to do."""
        while self.queue:
            self.give_back(self.queue.popleft())
        while self._idle:
            self.hang_up(self._idle.pop())

    def opened(self, opening: Opening) -> None:
        """Take a line that was opened, or the reason why not."""
        self.openings.discard(opening)
        if opening.opened is None:
            self._not_opened(opening.words)
            return
        line = self._adopt(opening.opened)
        self._around.selector.register(line.sock, selectors.EVENT_READ, line)
        self.rest(line)

    def _adopt(self, opened: Opened) -> Line:
        line = Line(opened.sock, opened.features, self, self.address.copies_per_connection)
        self.lines.add(line)
        return line

    def _not_opened(self, words: str) -> None:
        """Do with fewer lines where there are some, else leave the relay alone."""
        if self.lines:
            self._narrow_until = self._around.now + FIRST_PAUSE_SECONDS
        else:
            self.refuses_us(words)

    def _width(self) -> int:
        if self._around.now < self._narrow_until:
            return max(1, len(self.lines))
        return self.address.connections

    def _may_open(self) -> bool:
        count = len(self.lines) + len(self.openings)
        return count < (1 if self._failures and not self.lines else self._width())

    def hang_up(self, line: Line) -> None:
        """Say goodbye and close; the answer is not waited for."""
        with suppress(OSError):  # it may have gone already
            line.sock.send(b"QUIT\r\n")
        self.drop(line)

    def drop(self, line: Line) -> None:
        """Close a line."""
        line.is_open = False
        self.lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        self._around.selector.unregister(line.sock)
        line.sock.close()
        self._around.is_stirred = True

    # What a line says (smtp_owner.Owner)

    def now(self) -> float:
        """Return the clock's reading of this round."""
        return self._around.now

    def next_parcel(self) -> Parcel | None:
        """Return the copy that waits longest, unless nothing may be begun."""
        if not self.queue or self._around.now > self._around.begin_until:
            return None
        return self.queue.popleft() if self.is_usable() else None

    def begun(self, parcel: Parcel) -> None:
        """Note that a body is about to go out."""
        self._around.notes.append(body_line(parcel.delivery_id, parcel.fence))

    def send_soon(self, line: Line) -> None:
        """Let the line send when the journal is written."""
        self._around.sending.append(line)

    def watch(self, line: Line) -> None:
        """Wake the line when the kernel takes more, or no longer."""
        line.is_watched = bool(line.out.left)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if line.is_watched else 0)
        self._around.selector.modify(line.sock, events, line)

    def answered(self, parcel: Parcel, code: int) -> None:
        """Note what was answered to a dot."""
        self._around.notes.append(reply_line(parcel.delivery_id, parcel.fence, code))
        if code and code != CLOSING:
            self._failures = self._lost_in_a_row = self._mails_refused = 0

    def finish(self, parcel: Parcel, outcome: Outcome) -> None:
        """Hand out what became of a copy."""
        self.held -= 1
        self._around.done.append(Done(parcel, outcome, self.name))

    def give_back(self, parcel: Parcel) -> None:
        """Let the wire find another place for a copy."""
        self.held -= 1
        self._around.homeless.append(parcel)

    def rest(self, line: Line) -> None:
        """Keep an idle line for what comes, unless it is worn or the relay is not used."""
        if line.copies_left and self.is_usable() and not self._around.is_halted:
            self._idle.append(line)
            self._around.is_stirred = True
        else:
            self.hang_up(line)

    def mail_judged(self, refusal: str) -> None:
        """Count refused senders: many in a row say something about the relay."""
        self._mails_refused = self._mails_refused + 1 if refusal else 0
        if self._mails_refused >= IN_A_ROW:
            self.refuses_us(refusal)

    def lost(self, line: Line, words: str, *, held: bool) -> None:
        """Close a line that died; what it says about the relay depends on when."""
        self.drop(line)
        if not held:
            return
        self._lost_in_a_row += 1
        if not line.is_proven or self._lost_in_a_row >= IN_A_ROW:
            self.refuses_us(words)

    def refuses_us(self, words: str) -> None:
        """Leave the relay alone: 15 seconds, doubling to 5 minutes while nothing succeeds."""
        self._around.is_stirred = True
        if not self.is_usable():
            return  # several lines say the same
        pause = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        self._lost_in_a_row = self._mails_refused = 0
        spread = 1 + JITTER * (2 * random.random() - 1)  # noqa: S311 – only jitter
        self._away_until = self._around.now + pause * spread
        self.words = words
