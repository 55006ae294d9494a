"""What the timetable watches in running sends: forgotten ones, failing ones, what is too late."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from commsplan.delivery.leases import late_after
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import STOPPABLE, SendState, State
from commsplan.delivery.stopping import FAILURES, OVERDUE, failed_and_tried, pause_by_rule
from commsplan.delivery.tallies import QUIET, lock_chunks_of
from commsplan.delivery.waves import enough_tried, from_json, must_stop
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction

LOOK_EVERY = timedelta(seconds=30)
OUTDATED = "It would have come too late."


def pause_overdue() -> list[int]:
    """Pause every running send that nobody has looked after for long; return which.

    That is how a restored backup shows: what it believes to be waiting may have left long ago. It
    runs before anything else, and workers take nothing of such a send in the meantime.
    """
    last = now_utc() - late_after()
    forgotten = select(Send.id, Send.seen_at).where(_goes(), Send.seen_at <= last)
    return [
        send_id
        for send_id, seen_at in db.session.execute(forgotten).all()
        if pause_by_rule(send_id, OVERDUE, {"seen_at": str(seen_at)})
    ]


def pause_failing() -> list[int]:
    """Pause every send of which more copies fail than it allows; return which."""
    paused = []
    for send in db.session.scalars(select(Send).where(_goes(), Send.stop_percent.is_not(None))):
        failed, tried = failed_and_tried(send.id)
        enough = enough_tried(from_json(send.waves), send.addressed)
        if must_stop(failed, tried, send.stop_percent, enough):
            found: dict[str, object] = {"failed": failed, "tried": tried}
            if pause_by_rule(send.id, FAILURES, found):
                paused.append(send.id)
    return paused


def note_seen() -> list[int]:
    """Note that running sends are looked after, every half a minute; return which were due.

    One that was seen in the future, by a clock that was ahead, is due and keeps that moment: a
    clock that is behind must not make it look forgotten.
    """
    now = now_utc()
    running = Send.state == SendState.RUNNING
    ahead = list(
        db.session.scalars(select(Send.id).where(running, Send.seen_at > now + LOOK_EVERY))
    )
    due = (running, or_(Send.seen_at.is_(None), Send.seen_at <= now - LOOK_EVERY))
    if db.session.scalar(select(Send.id).where(*due).limit(1)) is None:
        return ahead
    with transaction() as database:
        seen = update(Send).where(*due).values(seen_at=now).returning(Send.id)
        return [*ahead, *database.scalars(seen)]


def skip_too_late() -> int:
    """Skip the copies that still wait after their send's last moment; return how many."""
    now, skipped = now_utc(), 0
    waiting = exists().where(
        Chunk.send_id == Send.id, Chunk.state == "ready", Chunk.tally.is_not(None)
    )
    late = select(Send.id).where(Send.state == SendState.RUNNING, Send.valid_until <= now, waiting)
    for send_id in db.session.scalars(late).all():
        with transaction() as database:
            lock_chunks_of([send_id])
            skipped += len(
                database.scalars(
                    update(Delivery)
                    .where(Delivery.send_id == send_id, Delivery.state.in_(STOPPABLE))
                    .values(state=State.SKIPPED_LATE, note=OUTDATED, settled_at=now)
                    .returning(Delivery.id)
                    .execution_options(**QUIET)
                ).all()
            )
    return skipped


def _goes() -> ColumnElement[bool]:
    return and_(Send.state == SendState.RUNNING, Send.paused_at.is_(None))
