"""Invitations on their way to the wire and back: one worker's turn at their outbox.

1. Claim mails: `sending` is committed before anything of them is on the wire.
2. Those that may go, as the speed limits and the suppression list say, are written and handed in.
3. What the wire has finished with is written down, under the fence of its claim.
4. What was not begun when the turn ends goes back as it was.

Whatever dies leaves what it had `sending`; `recover_invitations` judges it by the worker's journal,
and only what may have arrived and may not have is in doubt.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import joinedload

from commsplan.calendars.invitation_mail import Letter, write
from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_rules import MailState
from commsplan.calendars.outbox import LEASE, Claim, claim, on_the_wire, settle
from commsplan.delivery.journal import Evidence, Journal, evidence_of, forget, sweep
from commsplan.delivery.pace import Pace
from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.rules import (
    GIVE_UP_AFTER,
    Outcome,
    State,
    accepted,
    doubtful,
    dropped,
    judge,
    retry_in,
    untouched,
)
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED, suppression_of
from commsplan.delivery.traces import without_addresses
from commsplan.delivery.wire import Wire
from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.logs import log

TURN_SECONDS = 30.0  # then the bell rings again: sends get their turn
AT_HAND = 64  # mails claimed at once, at most
LINE_TURN_SECONDS = 1.0
LAST_BODY_BEFORE_LEASE_ENDS = 720.0  # seconds; a server may take so long over one mail (RFC 5321)
LEFT = "They do not work here any more."
NOT_WRITTEN = "This mail cannot be written."


@dataclass
class Held:
    """A mail that this worker has."""

    claim: Claim
    delivery_id: int
    """The mail's id: the wire and the journal call it so."""
    address: str
    letter: Letter = field(repr=False)


def invitation_journals() -> Path:
    """Return where workers keep the journals of the invitations they send."""
    return Path(current_app.config["DATA_DIR"]) / "invitation-journal"


class InvitationRound:
    """One worker's turn."""

    def __init__(
        self, journal: Journal, wire: Wire, pace: Pace, seconds: float = TURN_SECONDS
    ) -> None:
        self._journal, self._wire, self._pace = journal, wire, pace
        self._until = time.monotonic() + seconds
        self._held: dict[int, Held] = {}
        self._waiting: deque[Held] = deque()

    def work(self) -> int:
        """Send what is due until nothing is or the time is up; return how many were settled."""
        settled = 0
        try:
            while not self._is_over() and (self._fill() or self._held):
                self._begin()
                settled += self._collect(self._wire.turn(LINE_TURN_SECONDS))
            self._give_back()
            settled += self._collect(self._wire.halt())
            while self._wire.undecided:
                settled += self._collect(self._wire.turn(LINE_TURN_SECONDS))
        finally:
            self._collect(self._wire.close())
        return settled

    def _is_over(self) -> bool:
        return closing.is_set() or time.monotonic() >= self._until or not self._wire.can_send()

    def _fill(self) -> bool:
        """Claim more mails; return whether any waits."""
        room = min(AT_HAND - len(self._held) - len(self._waiting), self._wire.room())
        if room > 0 and self._pace.wait_of_all() == 0:
            for claimed in claim(self._journal.worker, room):
                self._take(claimed)
            rest = time.monotonic() + LEASE.total_seconds() - LAST_BODY_BEFORE_LEASE_ENDS
            self._wire.trust_until(rest)
        return bool(self._waiting)

    def _take(self, claimed: Claim) -> None:
        """Write a claimed mail, or settle at once what cannot or must not go."""
        mail = db.session.get_one(
            InvitationMail,
            claimed.mail_id,
            populate_existing=True,
            options=[joinedload(InvitationMail.person), joinedload(InvitationMail.invitation)],
        )
        if mail.person.left_on is not None:
            settle(claimed.mail_id, claimed.fence, MailState.CANCELLED, note=LEFT)
        elif suppression_of(mail.person.email) is not None:
            settle(claimed.mail_id, claimed.fence, MailState.SUPPRESSED, note=ADDRESS_SUPPRESSED)
        else:
            try:
                letter = write(mail)
            except ValueError as error:
                log().warning("invitation.unwritten", mail=claimed.mail_id, why=str(error))
                settle(claimed.mail_id, claimed.fence, MailState.FAILED, note=NOT_WRITTEN)
                return
            self._waiting.append(Held(claimed, claimed.mail_id, letter.address, letter))

    def _begin(self) -> None:
        choice = self._pace.choose(self._waiting, max(self._wire.room(), 1))
        db.session.rollback()  # no transaction stays open while a mail server thinks
        if choice.wait > 0:
            self._hold_back(timedelta(seconds=choice.wait))
        for one in choice.going:
            self._held[one.delivery_id] = one
        self._wire.put(_parcel(one) for one in choice.going)

    def _hold_back(self, wait: timedelta) -> None:
        """Put what a speed limit keeps back for so long."""
        while self._waiting:
            self._release(self._waiting.popleft(), wait)

    def _give_back(self) -> None:
        self._hold_back(timedelta())

    def _release(self, one: Held, wait: timedelta) -> None:
        mail_id, fence = one.claim.mail_id, one.claim.fence
        due_at = now_utc() + wait
        settle(mail_id, fence, MailState.PLANNED, due_at=due_at, tried=False)

    def _collect(self, finished: list[Done]) -> int:
        for done in finished:
            one = self._held.pop(done.parcel.delivery_id)
            self._pace.went(done.relay)
            kept = settle_outcome(one.claim, done.outcome, done.relay)
            log().info(
                "invitation.settled",
                mail=one.delivery_id,
                state=done.outcome.state.value,
                kept=kept,
            )
        return len(finished)


def _parcel(one: Held) -> Parcel:
    stuffed = one.letter.raw.replace(b"\r\n.", b"\r\n..")  # RFC 5321 §4.5.2
    return Parcel(one.delivery_id, one.claim.fence, one.letter.sender, one.letter.address, stuffed)


def settle_outcome(claimed: Claim, outcome: Outcome, relay: str) -> bool:
    """Write down what a mail server said; return whether the mail was still this worker's."""
    state, due_at = MailState(outcome.state.value), None
    if outcome.state is State.PLANNED:
        pause = retry_in(outcome, max(claimed.attempts, 1), random.random())  # noqa: S311 – jitter
        due_at = now_utc() + (pause if outcome.note else timedelta())
        created = db.session.get_one(InvitationMail, claimed.mail_id).created_at
        if due_at - created > GIVE_UP_AFTER:
            state = MailState.FAILED
        db.session.rollback()
    note = without_addresses(outcome.note)
    return settle(
        claimed.mail_id,
        claimed.fence,
        state,
        note=note,
        relay=relay,
        due_at=due_at,
        tried=outcome.tried,
    )


def recover_invitations() -> None:
    """Judge what lost workers had on the wire: by their journals, else when their lease ends."""
    folder, mails = invitation_journals(), on_the_wire()
    workers = {mail.leased_by for mail in mails}
    found = {worker: evidence_of(folder, worker) for worker in workers}
    for mail in mails:
        evidence = found[mail.leased_by]
        lapsed = mail.lease_until is not None and mail.lease_until < now_utc()
        if evidence is None and not lapsed:
            continue
        claimed = Claim(mail.id, mail.fence, mail.attempts)
        settle_outcome(claimed, verdict_of(claimed, evidence), mail.relay)
    for worker, evidence in found.items():
        if evidence is not None:
            forget(folder, worker)
    if folder.exists():
        sweep(folder, workers)


def verdict_of(claimed: Claim, evidence: Evidence | None) -> Outcome:
    """Say what became of a lost worker's mail, as far as its journal tells."""
    key = (claimed.mail_id, claimed.fence)
    if evidence is None:
        return doubtful("The worker was lost while this was on the wire.")
    if key in evidence.accepted():
        return accepted("(from the lost worker's journal)")
    if key in evidence.refused():
        code = evidence.refused()[key]
        return judge(code, "(from the lost worker's journal)") if code else dropped("line broke")
    if key in evidence.bodies or not evidence.whole:
        return doubtful("The worker was lost while this was on the wire.")
    return untouched()
