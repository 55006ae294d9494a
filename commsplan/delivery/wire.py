"""The wire: copies over several lines to several relays at once, in one loop on one thread.

RFC 5321's replies decide. RFC 1047 is the limit: a line that dies between the final dot and the
reply leaves one copy in doubt, and only that one. The loop goes round like this:

1. Copies find a relay, by weight, and idle lines of it; more lines are opened in threads.
2. Whatever came is read; replies become outcomes, and the next bodies are chosen.
3. The journal notes the outcomes and the bodies, in one write.
4. The bodies go out.
"""

from __future__ import annotations

import contextlib
import queue
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from commsplan.delivery.journal import Journal
from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.relay_choice import Relays
from commsplan.delivery.relay_lines import RelayLines, Round
from commsplan.delivery.smtp_greeting import Opening
from commsplan.delivery.smtp_line import Line
from commsplan.delivery.smtp_timeouts import RFC_5321, Timeouts
from commsplan.foundation.relay_addresses import RelayAddress

LOOK_SECONDS = 0.05  # so often time limits and switches are looked at
ENDED = "the line was closed from this side"


class HasFileno(Protocol):
    """Something that a selector can wait for."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""


class Other:
    """Stands beside a descriptor that is not one of the wire's own."""


OTHER = Other()


class Wire:
    """All lines of one worker."""

    def __init__(
        self,
        relays: Sequence[RelayAddress],
        journal: Journal,
        *,
        timeouts: Timeouts = RFC_5321,
        clock: Callable[[], float] = time.monotonic,
        may_use: Callable[[str], bool] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Get ready; nothing is opened before there is a copy.

        Args:
            relays: where copies may go.
            journal: takes a line before a body goes out and after its reply.
            timeouts: how long a server may take for each step.
            clock: seconds that only go forward.
            may_use: says by name whether a relay may be used; asked again and again.
            tls: how certificates are checked; by default against the system's store.
        """
        self._journal = journal
        self._timeouts = timeouts
        self._clock = clock
        self._tls = tls
        self._round = Round(selectors.DefaultSelector(), clock())
        lines = [RelayLines(relay, self._round, self._open_line) for relay in relays]
        self._relays = Relays(lines, self._round, may_use)
        self._opened: queue.SimpleQueue[tuple[RelayLines, Opening]] = queue.SimpleQueue()
        self._bell, self._bell_rope = socket.socketpair()
        self._bell.setblocking(False)
        self._round.selector.register(self._bell, selectors.EVENT_READ)
        self._look_at = 0.0
        self._undecided = 0
        self.is_closed = self._is_called = False

    @property
    def undecided(self) -> int:
        """Copies handed in and not yet returned."""
        return self._undecided

    def names(self) -> set[str]:
        """Return the names of all relays."""
        return {relay.name for relay in self._relays.all}

    def can_send(self) -> bool:
        """Return whether any relay can be used just now."""
        return len(self.away()) < len(self._relays.all)

    def trust_until(self, moment: float) -> None:
        """Begin no body after this moment of the clock, unless a later one is given by then."""
        self._round.begin_until = moment
        self._round.is_stirred = True

    def room(self) -> int:
        """Return how many more copies may be handed in without lying about: two for each line."""
        self._round.now = self._clock()
        self._relays.look()
        return self._relays.room()

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Hand in copies; each comes back from `turn` exactly once.

        Raises:
            ValueError: a body does not end in CRLF, so that its final dot would not be one.
        """
        for parcel in parcels:
            if parcel.body and not parcel.body.endswith(b"\r\n"):
                raise ValueError("A body must end in CRLF.")
            self._round.homeless.append(parcel)
            self._undecided += 1
        self._round.now = self._clock()
        self._relays.look()
        self._round.is_stirred = True

    def hear_also(self, other: HasFileno | None) -> None:
        """Return from `turn` also when there is something to read here; it is read elsewhere."""
        if other is not None:
            self._round.selector.register(other, selectors.EVENT_READ, OTHER)

    def turn(self, seconds: float, few: int | None = None) -> list[Done]:
        """Go round until a copy is done, but no longer than this; return what is done.

        Args:
            seconds: the longest time.
            few: go on, although copies are done, while more than so many are undecided.
        """
        around = self._round
        around.now = self._clock()
        until = around.now + seconds
        self._is_called = False
        while True:
            self._settle_in()
            self._send()
            is_enough = self._is_enough(few)
            wait = 0.0 if is_enough else max(0.0, min(until - around.now, LOOK_SECONDS))
            events = around.selector.select(wait)
            around.now = self._clock()
            for key, mask in events:
                self._hear(key.data, mask)
            if around.now >= self._look_at:
                self._look()
            self._send()
            if self._is_called or around.now >= until or self._is_enough(few):
                return self._hand_out()

    def _is_enough(self, few: int | None) -> bool:
        done = len(self._round.done)
        return done > 0 and (few is None or self._undecided - done <= few)

    def away(self) -> dict[str, str]:
        """Return the relays that are not used just now, with the reason in words."""
        self._round.now = self._clock()
        self._relays.look()
        return self._relays.why_away()

    def halt(self) -> list[Done]:
        """Begin nothing any more; return what was not begun, the rest comes from `turn`."""
        self._round.is_halted = True
        for relay in self._relays.all:
            relay.release()
            for line in list(relay.lines):
                if line.withdraw():
                    relay.drop(line)
        self._relays.house()
        return self._hand_out()

    def close(self) -> list[Done]:
        """Close every line; return what was still on them."""
        if self.is_closed:
            return []
        self.is_closed = True
        done = self.halt()
        for relay in self._relays.all:
            for opening in relay.openings:
                opening.give_up()
            for line in list(relay.lines):
                line.abandon(ENDED)
                relay.drop(line)
        self._relays.house()
        self._round.selector.close()
        self._bell.close()
        self._bell_rope.close()
        self._note()
        return done + self._hand_out()

    # The loop

    def _settle_in(self) -> None:
        """Find a place for copies, and begin what can be begun."""
        around = self._round
        while around.is_stirred:
            around.is_stirred = False
            self._relays.house()
            self._relays.spread()
            around.is_stirred |= bool(around.homeless)

    def _hear(self, line: Line | Other | None, mask: int) -> None:
        if line is None:
            self._take_opened()
        elif isinstance(line, Other):
            self._is_called = True
        elif line.is_open:
            line.ready(self._round.now)
            if line.is_open and mask & selectors.EVENT_WRITE:
                self._round.sending.append(line)

    def _send(self) -> None:
        """Write the journal, then let every line send that has something to."""
        around = self._round
        while around.sending or around.notes:
            self._note()
            lines, around.sending = around.sending, []
            for line in lines:
                if line.is_open:
                    line.flush(around.now)

    def _note(self) -> None:
        notes = self._round.notes
        if notes:
            self._journal.write("".join(notes))
            notes.clear()

    def _hand_out(self) -> list[Done]:
        done, self._round.done = self._round.done, []
        self._undecided -= len(done)
        return done

    def _look(self) -> None:
        """Look at switches, and at time limits: whatever had come was read before."""
        self._look_at = self._round.now + LOOK_SECONDS
        self._relays.look()
        for relay in self._relays.all:
            for line in list(relay.lines):
                line.check(self._round.now, self._timeouts)

    # Opening

    def _open_line(self, relay: RelayLines) -> Opening:
        return Opening(
            relay.address,
            self._timeouts.greeting,
            self._tls_context,
            lambda opening: self._ring(relay, opening),
        )

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _ring(self, relay: RelayLines, opening: Opening) -> None:
        """Tell the loop, from another thread, that an opening has ended."""
        self._opened.put((relay, opening))
        with contextlib.suppress(OSError):  # the wire was closed meanwhile
            self._bell_rope.send(b"\0")

    def _take_opened(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        for relay, opening in self._all_opened():
            relay.opened(opening)

    def _all_opened(self) -> Iterator[tuple[RelayLines, Opening]]:
        while not self._opened.empty():
            yield self._opened.get()
