"""One worker's turn at one send: lease chunks, write copies, keep the wire busy, write down.

The loop never waits for a single copy: while some are on the wire, others are settled and the next
are begun, at most one window of them in doubt at any moment.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from flask import current_app

from commsplan.delivery.held import Held
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import Lease, goes_out_now, lease_seconds, renew
from commsplan.delivery.pace import Pace
from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.rules import Outcome
from commsplan.delivery.shift_ledger import Chunk, ShiftLedger
from commsplan.delivery.traces import trace_window
from commsplan.delivery.windows import Result, Row, Turn
from commsplan.delivery.wire import Wire
from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc

DRAIN_SECONDS = 30.0  # then the bell rings again: other sends and chores get their turn
TURN_SECONDS = 0.2  # how long the wire may run before the ledger is looked at again
LOOK_SECONDS = 0.5  # so soon it is seen that somebody paused or cancelled the send
SETTLE_SECONDS = 0.5  # what is finished is written down by then, however little it is
RENEW_PART = 0.25  # of a lease: how old its last renewal may be
TRUST_PART = 0.7  # of a lease: after so long without a renewal nothing is put on the wire
LONGEST_HOLD_SECONDS = 1.0  # a limit that lets nothing go for longer frees the worker
WRITTEN_AT_ONCE = 8  # copies, 0.2 ms: the wire must not wait for a whole window
AT_HAND = 8  # chunks that wait for limits while others are leased
ASIDE = timedelta(seconds=30)  # how long the fullest of them makes way for others

Write = Callable[[Lease, Row], Parcel | Outcome]
"""Writes one copy, or says why it cannot be written."""


class Shift:
    """One worker's turn at one send."""

    def __init__(
        self,
        send_id: int,
        journal: Journal,
        wire: Wire,
        write: Write,
        pace: Pace,
        seconds: float = DRAIN_SECONDS,
    ) -> None:
        self.send_id = send_id
        self.journal = journal
        self.wire = wire
        self.write = write
        self.pace = pace
        self.until = time.monotonic() + seconds
        self.window = int(current_app.config["WORKER_WINDOW"])
        self.grace = float(current_app.config["WORKER_STOP_SECONDS"])
        self.lease_seconds = lease_seconds()
        self.held: dict[int, Held] = {}
        self.place: dict[int, Held] = {}
        self.ledger = ShiftLedger()
        self.to_turn: deque[Held] = deque()
        """Chunks whose turn comes when the present one is answered."""
        self.turning: Held | None = None
        self.unwritten: deque[tuple[Held, Row]] = deque()
        """Copies that have begun or are about to, and are still to be written."""
        self.drafts: dict[int, Parcel | Outcome] = {}
        """Copies that were written while the ledger notes that they begin."""
        self.is_leasing = False
        self.begin_at = self.window // 4
        """With so few copies on the wire the next are begun."""
        self.is_dry = False
        self.begun = 0
        self.renewed = self.turned_over = self.made_way = self.looked = time.monotonic()

    def work(self) -> int:
        """Drain chunk after chunk, then wait for what is on the wire; return how many began."""
        try:
            with self.ledger:
                self.wire.hear_also(self.ledger.line)
                self._keep_leases(at_once=True)
                self._fill()
                while self._has_work() and self.wire.can_send() and not self._over():
                    self._step()
                    self._fill()
                self._wind_up()
        finally:
            self.wire.close()
        return self.begun

    def _has_work(self) -> bool:
        return bool(self.held) or self.is_leasing

    def _over(self) -> bool:
        return closing.is_set() or time.monotonic() >= self.until or self._is_called_off()

    def _is_called_off(self) -> bool:
        """Tell whether the send does not go out any more: a slow wire must not hide a pause."""
        if time.monotonic() - self.looked < LOOK_SECONDS:
            return False
        self.looked = time.monotonic()
        return not goes_out_now(self.send_id)

    def _fill(self) -> None:
        """Lease chunks until two windows' worth of copies wait that may go, or none is ready.

        The second window is what goes out while the ledger looks for the next chunk.
        """
        while self._wants_more() and self._has_way():
            self.is_leasing = True
            self.ledger.next_chunk(self.send_id, self.journal.worker, self._leased)

    def _wants_more(self) -> bool:
        return not self.is_dry and not self.is_leasing and self._at_hand() < 2 * self.window

    def _leased(self, chunk: Chunk | None) -> None:
        self.is_leasing = False
        if chunk is None:
            self.is_dry = True
            return
        mine, rows = chunk
        self.held[mine.chunk_id] = Held(mine, deque(rows))

    def _at_hand(self) -> int:
        return sum(len(one.waiting) for one in self.held.values() if not one.hold)

    def _has_way(self) -> bool:
        """Tell whether another chunk may be leased; limits must neither stop nor flood it."""
        wait = self.pace.wait_of_all()
        if wait > LONGEST_HOLD_SECONDS:
            self.is_dry = True
            return False
        if len(self.held) < AT_HAND:
            return wait == 0 or not self.held
        if time.monotonic() > self.made_way + LONGEST_HOLD_SECONDS:
            self.made_way = time.monotonic()
            idle = [one for one in self.held.values() if one.hold and one.is_idle]
            if idle:
                self._drop(max(idle, key=lambda one: len(one.waiting)), now_utc() + ASIDE)
        return False

    def _drop(self, one: Held, until: datetime | None = None) -> None:
        del self.held[one.lease.chunk_id]
        self.ledger.let_go(one.lease, until, plain=one.is_done and one.is_clean)

    def _step(self) -> None:
        """Turn the ledger over if it is worth it, then let the wire run for a moment."""
        self._keep_leases()
        self.ledger.hear()
        if self.held and not (self.turning or self.unwritten) and self._is_worth_it():
            self._turn_over()
        self._write_some(WRITTEN_AT_ONCE)
        holds = (one.hold for one in self.held.values() if one.hold)
        seconds = 0.0 if self.unwritten else min(TURN_SECONDS, *holds, TURN_SECONDS)
        self._collect(self.wire.turn(seconds, self._few()))

    def _few(self) -> int:
        """Return with how few copies on the wire there is something to do here."""
        if self.turning is not None:
            return 0
        return self.begin_at if any(one.waiting for one in self.held.values()) else self.window // 2

    def _is_worth_it(self) -> bool:
        """Tell whether most of a window can be begun, or what is finished should not wait longer.

        The rest of the window keeps the lines busy meanwhile. For PostgreSQL a copy in a turn of 16
        costs 36 µs of CPU time, in one of 32 23 µs, in one of 48 15 µs (with few index entries).
        """
        on_the_wire = self.wire.undecided
        if on_the_wire == 0 or time.monotonic() - self.turned_over > SETTLE_SECONDS:
            return True
        if any(one.waiting for one in self.held.values()):
            return on_the_wire <= self.begin_at
        return sum(len(one.results) for one in self.held.values()) >= self.window // 2

    def _turn_over(self) -> None:
        """Ask for a turn of each chunk, one after the other."""
        self.turned_over = time.monotonic()
        self.to_turn = deque(self.held.values())
        self._turn_next()

    def _turn_next(self) -> None:
        while self.to_turn and self.turning is None:
            self._turn_chunk_over(self.to_turn.popleft())
        if not self.place and self.turning is None:
            self.journal.clear()

    def _turn_chunk_over(self, one: Held) -> None:
        """Settle and begin copies of a chunk.

        What other chunks have finished and not settled yet still counts as in doubt.
        """
        in_doubt = len(self.place) - len(one.results)
        choice = self.pace.choose(one.waiting, self.window - in_doubt)
        going, one.hold = choice.going, choice.wait
        if not going and not one.results:
            self._make_way(one)
            return
        results, one.results = one.results, []
        began, self.turning = time.monotonic(), one
        one.is_turning = True
        self.unwritten.extend((one, row) for row in going)

        def answered(turn: Turn) -> None:
            trace_window(one.lease, results, time.monotonic() - began)
            self._turned(one, results, going, turn)

        self.ledger.turn_over(one.lease, results, [row.delivery_id for row in going], answered)

    def _turned(self, one: Held, results: list[Result], going: list[Row], turn: Turn) -> None:
        """Follow what the ledger answered, and ask for the next chunk's turn."""
        self.turning, one.is_turning = None, False
        for result in results:
            del one.begun[result.delivery_id]
            del self.place[result.delivery_id]
        one.is_clean &= turn.settled == len(results)
        if not turn.is_ours:
            self._lose(one)
        elif going:  # whether the send goes out was looked at for it
            self.looked = time.monotonic()
        self._hasten()
        for row in going:
            if row.delivery_id in turn.begun:
                one.begun[row.delivery_id] = row
                self.place[row.delivery_id] = one
        self.begun += len(turn.begun)
        self._begin_drafts(one)
        self._make_way(one)
        self._turn_next()

    def _hasten(self) -> None:
        """Begin the next turn earlier where the wire was about to run dry before the answer."""
        if self.wire.undecided < self.window // 8:
            self.begin_at = min(self.begin_at + self.window // 16, self.window // 2)
        elif self.begin_at > self.window // 4:
            self.begin_at -= 1

    def _make_way(self, one: Held) -> None:
        """Give a chunk back of which nothing is left to do, or that a limit holds for long."""
        if one.is_done:
            self._drop(one)
        elif one.hold > LONGEST_HOLD_SECONDS and one.is_idle:
            self._drop(one, now_utc() + timedelta(seconds=one.hold))
            self.is_dry = True

    def _write_some(self, number: int) -> None:
        """Write a few of the copies that have begun, or are about to while a turn is answered."""
        written = []
        for _ in range(min(number, len(self.unwritten))):
            one, row = self.unwritten.popleft()
            if one.is_turning:
                self.drafts[row.delivery_id] = self.write(one.lease, row)
            elif row.delivery_id in one.begun:
                written.append((row, self.write(one.lease, row)))
        self._put(written)

    def _begin_drafts(self, one: Held) -> None:
        """Put those on the wire that were written before the ledger had noted that they begin."""
        drafts, self.drafts = self.drafts, {}
        self._put(
            (one.begun[number], copy) for number, copy in drafts.items() if number in one.begun
        )

    def _put(self, written: Iterable[tuple[Row, Parcel | Outcome]]) -> None:
        """Put copies on the wire; one that could not be written fails alone."""
        parcels = []
        for row, copy in written:
            if isinstance(copy, Parcel):
                parcels.append(copy)
            else:
                result = Result(row.delivery_id, copy, "", row.attempts)
                self.place[row.delivery_id].results.append(result)
        self.wire.put(parcels)

    def _collect(self, done: Iterable[Done]) -> None:
        for copy in done:
            one = self.place[copy.parcel.delivery_id]
            row = one.begun[copy.parcel.delivery_id]
            self.pace.went(copy.relay)
            one.results.append(Result(row.delivery_id, copy.outcome, copy.relay, row.attempts))

    def _keep_leases(self, at_once: bool = False) -> None:
        """Renew the leases in time; once one is lost, nothing more is begun in this shift."""
        age = time.monotonic() - self.renewed
        if age < self.lease_seconds * RENEW_PART and not at_once:
            return
        self.renewed = time.monotonic()
        kept = renew([one.lease for one in self.held.values()])
        if len(kept) < len(self.held):
            self.until = self.renewed
            self._collect(self.wire.halt())
        self.wire.trust_until(self.renewed + self.lease_seconds * TRUST_PART)

    def _lose(self, one: Held) -> None:
        """Begin nothing more of a chunk: it was taken away, or its send does not go out now."""
        one.waiting.clear()
        self.is_dry = True

    def _wind_up(self) -> None:
        """Take back what has not begun, wait for answers, write down, give the chunks back."""
        self._await_ledger()
        self._write_some(len(self.unwritten))
        self._collect(self.wire.halt())
        patience = time.monotonic() + self.grace if closing.is_set() else float("inf")
        while self.wire.undecided and time.monotonic() < patience:
            self._keep_leases()
            self._collect(self.wire.turn(TURN_SECONDS))
            self._settle_the_rest()
        self._collect(self.wire.close())
        self._settle_the_rest()
        for one in list(self.held.values()):
            self._drop(one)
        self.ledger.wait()

    def _settle_the_rest(self) -> None:
        """Begin nothing more; write down what is finished, free chunks with nothing on the wire."""
        for one in self.held.values():
            one.waiting.clear()
        if time.monotonic() - self.turned_over > SETTLE_SECONDS or not self.wire.undecided:
            self._turn_over()
            self._await_ledger()

    def _await_ledger(self) -> None:
        """Let the wire run until everything that was asked is answered."""
        while self.ledger.is_asked and not self.wire.is_closed:
            self._keep_leases()
            self._collect(self.wire.turn(TURN_SECONDS, few=-1))
            self.ledger.hear()
        self.ledger.wait()
