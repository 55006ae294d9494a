"""The ledger of postings: planned with the send, taken by one worker, settled under its fence.

The rules are those of mails (leases.py), for one row at a time: `sending` is committed before the
wire; a worker that was lost leaves doubt. Where the receiver can tell a repeat by its key (webhook,
notice board), a doubtful posting goes again by itself; a chat room cannot, so a person decides.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from commsplan.delivery.channel import Postponed
from commsplan.delivery.leases import goes_out
from commsplan.delivery.models import Send
from commsplan.delivery.outlet_models import MessageOutlet, Outlet, Posting
from commsplan.delivery.rules import (
    GIVE_UP_AFTER,
    NOTE_LENGTH,
    RELAY_PAUSE,
    Outcome,
    SendKind,
    SendState,
    State,
    retry_in,
)
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction

LEASE = timedelta(minutes=5)  # the longest way (sign in, join, post, at 35 s each) takes two
QUIET = {"synchronize_session": False}
OPEN = (State.PLANNED, State.SENDING)
HAS_IT = (State.PLANNED, State.SENDING, State.ACCEPTED, State.UNCERTAIN)
AGAIN = frozenset({SendKind.REMINDER, SendKind.CORRECTION, SendKind.RECALL})
"""Kinds of sends that say something new: they go to a room that has had the message before."""
REPEATABLE = ("webhook", "board")
WORKER_LOST = "The worker was lost while this was on the wire."


@dataclass(frozen=True)
class Claim:
    """A posting that one worker may put on the wire, under this fence."""

    posting_id: int
    fence: int


def freeze_postings(send: Send) -> int:
    """Plan one posting per outlet of the message, inside the transaction that starts the send.

    Outlets that have been switched off get nothing; one that has the message already gets nothing
    again, unless this send says something new (a reminder, a correction, a recall).

    Returns:
        How many were planned.
    """
    has_it = exists().where(
        Posting.message_id == send.message_id,
        Posting.outlet_id == Outlet.id,
        Posting.state.in_(HAS_IT),
    )
    wanted = (
        select(Outlet.id)
        .join(MessageOutlet, MessageOutlet.outlet_id == Outlet.id)
        .where(MessageOutlet.message_id == send.message_id, Outlet.switched_off_at.is_(None))
        .order_by(Outlet.id)
    )
    if send.kind not in AGAIN:
        wanted = wanted.where(~has_it)
    last = select(func.coalesce(func.max(Posting.round), 0)).where(
        Posting.message_id == send.message_id
    )
    number = (db.session.scalar(last) or 0) + 1
    planned = [
        Posting(
            send_id=send.id,
            message_id=send.message_id,
            outlet_id=outlet_id,
            round=number,
            not_before=now_utc(),
        )
        for outlet_id in db.session.scalars(wanted)
    ]
    db.session.add_all(planned)
    db.session.flush()
    return len(planned)


def cancel_postings(send_id: int) -> None:
    """Stop what has not left yet, inside the transaction that stops the send."""
    db.session.execute(
        update(Posting)
        .where(Posting.send_id == send_id, Posting.state == State.PLANNED)
        .values(state=State.CANCELLED, settled_at=now_utc())
        .execution_options(**QUIET)
    )


def open_posting(send_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the test that something still has to happen at an outlet of a send."""
    return exists().where(Posting.send_id == send_id, Posting.state.in_(OPEN))


def has_open_postings(send_id: int) -> bool:
    """Tell whether something still has to happen at an outlet of this send."""
    return bool(db.session.scalar(select(open_posting(send_id))))


def sends_with_postings() -> list[int]:
    """Return the running sends that have a posting which may go now."""
    ready = _ready(Posting.send_id == Send.id).exists()
    return list(db.session.scalars(select(Send.id).where(ready).order_by(Send.due_at, Send.id)))


def claim(send_id: int, worker: str) -> Claim | None:
    """Take the next posting of a running send and commit that it goes on the wire now."""
    now = now_utc()
    ready = _ready(Posting.send_id == send_id).order_by(Posting.id).limit(1)
    taken = ready.with_for_update(skip_locked=True, of=Posting).cte("taken")  # evaluated once
    with transaction() as database:
        row = database.execute(
            update(Posting)
            .where(Posting.id.in_(select(taken.c.id)), Posting.state == State.PLANNED)
            .values(
                state=State.SENDING,
                fence=Posting.fence + 1,
                attempts=Posting.attempts + 1,
                leased_by=worker[:80],
                lease_until=now + LEASE,
            )
            .returning(Posting.id, Posting.fence)
            .execution_options(**QUIET)
        ).first()
    return Claim(row.id, row.fence) if row else None


def _ready(which: ColumnElement[bool]) -> Select[int]:
    """Select the postings that may go now; a paused send has none."""
    may_go = [Posting.state == State.PLANNED, Posting.not_before <= now_utc()]
    goes = select(Send.id).where(goes_out(now_utc()))
    return select(Posting.id).where(which, *may_go, Posting.send_id.in_(goes))


def settle_posting(claimed: Claim, outcome: Outcome, chance: random.Random | None = None) -> bool:
    """Write down what became of a posting, if its fence still holds; return whether it did."""
    now = now_utc()
    state, pause = outcome.state, timedelta()
    with transaction() as database:
        row = database.execute(
            select(Posting.attempts, Posting.outlet_id, Send.started_at, Send.state)
            .join(Send)
            .where(
                Posting.id == claimed.posting_id,
                Posting.fence == claimed.fence,
                Posting.state == State.SENDING,
            )
            .with_for_update(of=Posting)
        ).first()
        if row is None:
            return False
        if state is State.PLANNED:
            pause = _pause(outcome, row.attempts, chance or random.Random())  # noqa: S311 – jitter
            given_up = row.started_at is not None and now + pause - row.started_at > GIVE_UP_AFTER
            cancelled = row.state == SendState.CANCELLED
            state = State.CANCELLED if cancelled else State.FAILED if given_up else state
        database.execute(
            update(Posting)
            .where(Posting.id == claimed.posting_id)
            .values(
                state=state,
                note=outcome.note[:NOTE_LENGTH],
                attempts=row.attempts - int(not outcome.tried),
                settled_at=now,
                accepted_at=now if state is State.ACCEPTED else None,
                not_before=now + pause,
                leased_by="",
                lease_until=None,
            )
            .execution_options(**QUIET)
        )
        if outcome.tried:
            _remember(row.outlet_id, outcome)
    return True


def _pause(outcome: Outcome, attempts: int, chance: random.Random) -> timedelta:
    """Return how long to wait: what the service asked for, else as for mails."""
    asked = outcome.wait if isinstance(outcome, Postponed) else None
    if asked is not None and not outcome.tried:
        return asked
    if asked is not None:
        return max(asked, RELAY_PAUSE) * (1 + 0.1 * chance.random())  # not before it, a bit after
    return retry_in(outcome, max(attempts, 1), chance.random())


def _remember(outlet_id: int, outcome: Outcome) -> None:
    """Keep with the outlet when it last took something, or what it last said instead."""
    if outcome.state is State.ACCEPTED:
        values: dict[str, object] = {"last_ok_at": now_utc(), "last_words": ""}
    else:
        values = {"last_words": outcome.note[:NOTE_LENGTH]}
    db.session.execute(
        update(Outlet).where(Outlet.id == outlet_id).values(**values).execution_options(**QUIET)
    )


def recover_postings() -> None:
    """Judge what lost workers had on the wire: again where a repeat is noticed, else in doubt."""
    lapsed = (Posting.state == State.SENDING, Posting.lease_until < now_utc())
    repeatable = select(Outlet.id).where(Outlet.kind.in_(REPEATABLE))
    freed = {"fence": Posting.fence + 1, "leased_by": "", "lease_until": None, "note": WORKER_LOST}
    if not db.session.scalar(select(exists().where(*lapsed))):
        return
    with transaction() as database:
        database.execute(
            update(Posting)
            .where(*lapsed, Posting.outlet_id.in_(repeatable))
            .values(state=State.PLANNED, not_before=now_utc(), **freed)
            .execution_options(**QUIET)
        )
        database.execute(
            update(Posting)
            .where(*lapsed)
            .values(state=State.UNCERTAIN, settled_at=now_utc(), **freed)
            .execution_options(**QUIET)
        )


def sweep_cancelled_postings() -> None:
    """Cancel what came back from a worker after its send was cancelled."""
    cancelled = select(Send.id).where(Send.state == SendState.CANCELLED)
    leftover = (Posting.state == State.PLANNED, Posting.send_id.in_(cancelled))
    for send_id in db.session.scalars(select(Posting.send_id).where(*leftover).distinct()).all():
        with transaction():
            cancel_postings(send_id)
