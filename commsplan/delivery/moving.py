"""Moving copies past their readers' quiet hours when these have begun before the copies left."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, literal, select, update

from commsplan.delivery.hours import QuietHours
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import State
from commsplan.delivery.schedules import timing_of
from commsplan.delivery.tallies import MOVED_WITHIN, QUIET, of_chunk, write_tally
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Moment, db, transaction
from commsplan.people.models import Person
from commsplan.people.queries import zone_in_sql

MOVING_SECONDS = 3.0  # the rest comes with the next look: it stays quiet for hours


def move_out_of_quiet(send_id: int, seconds: float = MOVING_SECONDS) -> int:
    """Move the copies of a send whose readers' quiet hours have begun to the end of these.

    Chunk by chunk, each in a transaction of its own: its row is locked first, its copies after it.

    Returns:
        How many chunks were moved.
    """
    quiet = timing_of(db.session.get_one(Send, send_id, populate_existing=True)).quiet
    if quiet is None:
        return 0
    now, zone = now_utc(), zone_in_sql()
    # no test of the send: PostgreSQL would read all its copies anew for each chunk
    begun = exists().where(Delivery.id.between(Chunk.first_id, Chunk.last_id), _waits_in_quiet(now))
    chunks = db.session.scalars(
        select(Chunk.id)
        .where(Chunk.send_id == send_id, Chunk.state == "ready", begun)
        .where(Chunk.not_before <= now + MOVED_WITHIN)
        .order_by(Chunk.id)
    ).all()
    end, moved = time.monotonic() + seconds, 0
    for chunk_id in chunks:
        if time.monotonic() < end:
            moved += _move_chunk(chunk_id, quiet, zone, now)
    return moved


def _waits_in_quiet(now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == State.PLANNED, Delivery.quiet_at <= now)


def _move_chunk(chunk_id: int, quiet: QuietHours, zone: ColumnElement[str], now: datetime) -> bool:
    """Move the copies of a chunk that nobody holds, zone by zone."""
    with transaction() as database:
        chunk = database.execute(
            update(Chunk)
            .where(Chunk.id == chunk_id, Chunk.state == "ready")
            .values(tally=None)
            .returning(Chunk.send_id, Chunk.first_id, Chunk.last_id)
            .execution_options(**QUIET)
        ).first()
        if chunk is None:
            return False
        for name, ids in _by_zone(and_(of_chunk(*chunk), _waits_in_quiet(now)), zone).items():
            database.execute(
                update(Delivery)
                .where(Delivery.id.in_(ids), Delivery.state == State.PLANNED)
                .values(_after(quiet, now, name))
                .execution_options(**QUIET)
            )
        write_tally(chunk_id)
    return True


def _by_zone(waiting: ColumnElement[bool], zone: ColumnElement[str]) -> dict[str, list[int]]:
    """Return the copies that pass a test by where their readers are.

    Two queries by keys: for a join PostgreSQL would read the whole directory for each chunk.
    """
    rows = db.session.execute(select(Delivery.id, Delivery.person_id).where(waiting)).all()
    readers = [person_id for _id, person_id in rows]
    where = select(Person.id, zone).where(Person.id.in_(readers))
    zones = {row[0]: row[1] for row in db.session.execute(where)}
    found: dict[str, list[int]] = defaultdict(list)
    for delivery_id, person_id in rows:
        found[zones[person_id]].append(delivery_id)
    return found


def _after(quiet: QuietHours, now: datetime, zone: str) -> dict[str, object]:
    """Return when copies of a zone go instead; a later try stays later."""
    end = quiet.out_of(now, zone)
    later = case((Delivery.not_before > end, Delivery.not_before), else_=literal(end, Moment()))
    return {"not_before": later, "quiet_at": quiet.next_begin(end, zone)}
