"""What a worker does for a send: take copies, put them on the wire, write down what happened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import parseaddr
from itertools import islice

from flask import current_app

from commsplan.delivery.clockwork import DELIVER
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import (
    Held,
    Settled,
    begin_window,
    give_back,
    lease,
    lease_seconds,
    read_held,
    renew,
    settle,
)
from commsplan.delivery.models import Send
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.recovery import journal_folder
from commsplan.delivery.rules import Outcome, Trouble, away, untouched
from commsplan.delivery.smtp import Parcel, RelayAway, Wire
from commsplan.delivery.writing import write_copy
from commsplan.foundation.bell import QueueName, closing, ring
from commsplan.foundation.database import db
from commsplan.foundation.logs import log
from commsplan.foundation.mail import relay

DRAIN_SECONDS = 30.0  # then the bell rings again: other sends and chores get their turn
CHUNK = 200
SIGN_OF_LIFE = 0.05  # of a lease: how old the last renewal may be when a copy goes on the wire
LOST_IN_A_ROW = 3  # so many lines lost one after the other, and the relay is left alone


def deliver(send_id: int) -> None:
    """Put copies of a send on the wire until none is left or the time is up, then ring again."""
    with Journal(journal_folder()) as journal:
        Shift(send_id, journal).work()
    if not closing.is_set() and send_id in sends_with_work():
        ring(QueueName.SENDS, DELIVER, send_id, at_most=2)


def deliver_without_bell() -> None:
    """Work on every running send: for a worker that the queue server cannot call."""
    for send_id in sends_with_work():
        if not closing.is_set():
            deliver(send_id)


class Shift:
    """One worker's turn at one send."""

    def __init__(self, send_id: int, journal: Journal, seconds: float = DRAIN_SECONDS) -> None:
        self.send_id = send_id
        self.journal = journal
        self.worker = journal.worker
        self.until = time.monotonic() + seconds
        self.window = int(current_app.config["WORKER_WINDOW"])
        self.lease_seconds = lease_seconds()
        self.renewed = 0.0
        self.lost = 0
        self.stop: Outcome | None = None
        smtp_url = str(current_app.config["SMTP_URL"])
        sender = parseaddr(current_app.config["MAIL_FROM"])[1]
        self.wire = Wire(lambda: relay(smtp_url), sender, journal, self.lease_seconds)

    def work(self) -> None:
        """Drain chunk after chunk."""
        with self.wire:
            while self.stop is None and not self._over():
                held = lease(self.send_id, self.worker, CHUNK)
                if not held:
                    return
                self._drain(held)

    def _over(self) -> bool:
        return closing.is_set() or time.monotonic() >= self.until

    def _drain(self, held: Sequence[Held]) -> None:
        """Work through one chunk; whatever is not put on the wire goes back."""
        parcels = iter(self._write(held))
        while self.stop is None and not self._over():
            window = list(islice(parcels, self.window))
            if not window:
                return
            self._send(window)
        rest = [Held(parcel.delivery_id, parcel.fence) for parcel in parcels]
        give_back(rest, self.stop or untouched())

    def _write(self, held: Sequence[Held]) -> list[Parcel]:
        """Write every copy of a chunk; one that cannot be written fails alone."""
        send = db.session.get_one(Send, self.send_id)
        written = [
            (one, write_copy(one, row, send.version, send.message)) for one, row in read_held(held)
        ]
        settle(Settled(one, copy) for one, copy in written if isinstance(copy, Outcome))
        return [copy for _one, copy in written if isinstance(copy, Parcel)]

    def _send(self, window: list[Parcel]) -> None:
        """Commit the intent, put a window on the wire, write down what became of it."""
        going = begin_window([Held(p.delivery_id, p.fence) for p in window], self.worker)
        self.renewed = time.monotonic()
        settled = []
        for parcel in window:
            held = Held(parcel.delivery_id, parcel.fence)
            if held not in going:
                continue
            if not self._still_ours():
                log().warning("delivery.lease_lost", send=self.send_id)
                break
            settled.append(Settled(held, self._hand_over(parcel)))
        settle(settled)
        self.journal.clear()

    def _still_ours(self) -> bool:
        """Renew the lease when the last sign of life is a moment old."""
        if time.monotonic() - self.renewed < self.lease_seconds * SIGN_OF_LIFE:
            return True
        self.renewed = time.monotonic()
        if renew(self.send_id, self.worker):
            return True
        self.stop = untouched()
        return False

    def _hand_over(self, parcel: Parcel) -> Outcome:
        """Put one copy on the wire, unless the relay is away or it is time to stop."""
        if self.stop is not None:
            return self.stop
        if self._over():
            return untouched()
        try:
            outcome = self.wire.hand_over(parcel)
        except RelayAway as error:
            log().warning("delivery.relay_away", send=self.send_id, reason=str(error))
            self.stop = away(str(error))
            return self.stop
        unlucky = outcome.trouble in (Trouble.LOST, Trouble.DROPPED)
        self.lost = self.lost + 1 if unlucky else 0
        if outcome.trouble is Trouble.CLOSED or self.lost >= LOST_IN_A_ROW:
            self.stop = away(outcome.note)
        return outcome
