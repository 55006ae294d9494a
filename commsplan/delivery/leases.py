"""Who holds which chunk of a send: lease, renew, let go, lose. Every step is compare-and-set.

A worker owns the chunk it changed: the row carries its name and a fence that rises with every lease
and every loss. Whatever changes copies locks their chunks first and the copies after, so that no
two of these wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select, true, update

from commsplan.delivery.histories import write_history
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import SendState, State
from commsplan.delivery.tallies import QUIET, of_chunk, write_tally
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction

WATCHED_WITHIN = timedelta(minutes=3)  # the timetable looks every 30 seconds
WORKER_LOST = "The worker was lost while this copy was on the wire."


@dataclass(frozen=True)
class Lease:
    """A chunk as its worker holds it."""

    chunk_id: int
    send_id: int
    first_id: int
    last_id: int
    fence: int
    worker: str

    def holds(self) -> ColumnElement[bool]:
        """Test that a chunk is still held under this lease."""
        return and_(
            Chunk.id == self.chunk_id,
            Chunk.fence == self.fence,
            Chunk.leased_by == self.worker,
            Chunk.state == "leased",
        )


LEASE = (
    Chunk.id,
    Chunk.send_id,
    Chunk.first_id,
    Chunk.last_id,
    Chunk.fence,
    Chunk.leased_by,
)
"""The columns a lease is made of."""


def lease_seconds() -> int:
    """Return how long a worker owns its chunks without a sign of life, in seconds."""
    return int(current_app.config["WORKER_LEASE_SECONDS"])


def late_after() -> timedelta:
    """Return how late a send may start or go on by itself; later ones wait for a person."""
    return timedelta(hours=current_app.config["LATE_AFTER_HOURS"])


def goes_out(now: datetime) -> ColumnElement[bool]:
    """Test that copies of a send may go on the wire at a moment.

    Not while nobody looks after it: after a backup was restored, before the timetable has seen it;
    or, with a stop rule, while the timetable does not run that would apply it.
    """
    return and_(
        Send.state == SendState.RUNNING,
        Send.paused_at.is_(None),
        or_(Send.valid_until.is_(None), Send.valid_until > now),
        or_(Send.seen_at.is_(None), Send.seen_at > now - late_after()),
        or_(Send.stop_percent.is_(None), Send.seen_at > now - WATCHED_WITHIN),
    )


def goes_out_now(send_id: int) -> bool:
    """Tell whether copies of a send may go on the wire, as of this moment."""
    db.session.commit()  # on SQLite, whatever was read before would be read again
    going = select(Send.id).where(Send.id == send_id, goes_out(now_utc()))
    return db.session.scalar(going) is not None


def lease(send_id: int, worker: str) -> Lease | None:
    """Take the next chunk of a send with a copy that may go now.

    Workers that come at once skip each other's chunks (PostgreSQL) or queue up (SQLite).
    """
    now = now_utc()
    ready = (
        select(Chunk.id)
        .join(Send)
        .where(Chunk.send_id == send_id, Chunk.state == "ready")
        .where(Chunk.not_before <= now, goes_out(now))
        .order_by(Chunk.not_before, Chunk.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Chunk)
        .cte("next_chunk")
    )
    with transaction() as database:
        row = database.execute(
            update(Chunk)
            .where(Chunk.id.in_(select(ready.c.id)), Chunk.state == "ready")
            .values(
                state="leased",
                fence=Chunk.fence + 1,
                leased_by=worker,
                leased_at=now,
                lease_until=now + timedelta(seconds=lease_seconds()),
                tally=None,
            )
            .returning(*LEASE)
            .execution_options(**QUIET)
        ).first()
    return Lease(*row) if row else None


def renew(leases: Iterable[Lease]) -> set[int]:
    """Give a sign of life for chunks; return the ids of those that are still the worker's."""
    held = [one.holds() for one in leases]
    if not held:
        return set()
    until = now_utc() + timedelta(seconds=lease_seconds())
    with transaction() as database:
        rows = database.execute(
            update(Chunk)
            .where(or_(*held))
            .values(lease_until=until)
            .returning(Chunk.id)
            .execution_options(**QUIET)
        )
        return set(rows.scalars())


def let_go(lease: Lease, until: datetime | None = None) -> bool:
    """Give a chunk back; return False when it had been taken away meanwhile.

    What the worker left on the wire unsettled is in doubt.

    Args:
        lease: the chunk.
        until: nobody needs to look at it before this moment; a speed limit says so.
    """
    with transaction() as database:
        mine = _release(lease, true())
        if mine and until is not None:
            database.execute(
                update(Chunk)
                .where(Chunk.id == lease.chunk_id, Chunk.not_before < until)
                .values(not_before=until)
                .execution_options(**QUIET)
            )
        return mine


def lock(lease: Lease) -> bool:
    """Lock a chunk, inside a transaction, before its copies; return whether the lease holds."""
    held = select(Chunk.id).where(lease.holds()).with_for_update()
    return db.session.scalar(held) is not None


def take_back_lapsed() -> None:
    """Free every chunk whose worker gave no sign of life in time; what it sent is in doubt."""
    now = now_utc()
    for one in _leases(Chunk.lease_until < now):
        with transaction():
            _release(one, Chunk.lease_until < now)


def leases_of(worker: str) -> list[Lease]:
    """Return the chunks a worker holds."""
    return _leases(Chunk.leased_by == worker)


def holders() -> list[str]:
    """Return the workers that hold chunks now."""
    return list(
        db.session.scalars(select(Chunk.leased_by).where(Chunk.state == "leased").distinct())
    )


def _leases(which: ColumnElement[bool]) -> list[Lease]:
    found = select(*LEASE).where(Chunk.state == "leased", which).order_by(Chunk.id)
    return [Lease(*row) for row in db.session.execute(found)]


def _release(lease: Lease, which: ColumnElement[bool]) -> bool:
    """Free a chunk, inside a transaction: copies still on the wire are in doubt, the rest waits."""
    fence = db.session.scalar(
        update(Chunk)
        .where(lease.holds(), which)
        .values(
            state="ready",
            fence=Chunk.fence + 1,
            leased_by="",
            lease_until=None,
            closed_at=now_utc(),
        )
        .returning(Chunk.fence)
        .execution_options(**QUIET)
    )
    if fence is None:
        return False
    doubtful = db.session.scalars(
        update(Delivery)
        .where(
            of_chunk(lease.send_id, lease.first_id, lease.last_id),
            Delivery.state == State.SENDING,
        )
        .values(
            state=State.UNCERTAIN,
            note=WORKER_LOST,
            fence=fence,
            attempts=Delivery.attempts + 1,
            settled_at=now_utc(),
        )
        .returning(Delivery.id)
        .execution_options(**QUIET)
    ).all()
    write_history(doubtful, State.UNCERTAIN, WORKER_LOST, lease.worker)
    write_tally(lease.chunk_id)
    return True
