"""The audience of a send, frozen: one row per person, in one statement."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, insert, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.placing import moments, placed
from commsplan.delivery.rules import State
from commsplan.delivery.schedules import timing_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite

CHUNK = 500  # copies; a lease is one row's change, however many those are

Part = tuple[str, int, int, int]
"""Copies of a chunk in one state: the state, how many, the first and the last id."""


def freeze(send: Send) -> None:
    """Write one row per recipient, in one statement, inside the transaction.

    Rows are numbered in the order in which they may go, so that those of a chunk are neighbours.
    """
    timing = timing_of(send)
    last_round = select(func.coalesce(func.max(Delivery.round), 0)).where(
        Delivery.message_id == send.message_id
    )
    people = placed(send, timing)
    goes_at, quiet_at = moments(people, timing, send.started_at or now_utc())
    values = {
        "send_id": literal(send.id),
        "message_id": literal(send.message_id),
        "person_id": people.c.person_id,
        "channel": literal("email"),
        "round": literal((db.session.scalar(last_round) or 0) + 1),
        "wave": people.c.wave,
        "address": people.c.email,
        "state": people.c.state,
        "not_before": goes_at.label("goes_at"),
        "quiet_at": quiet_at,
        "fence": literal(0),
        "attempts": literal(0),
        "note": people.c.note,
    }
    rows = select(*values.values()).where(true())  # SQLite wants a WHERE before ON CONFLICT
    rows = rows.order_by("goes_at", people.c.person_id)
    dialect = sqlite if is_sqlite() else postgresql
    db.session.execute(
        dialect.insert(Delivery).from_select(list(values), rows).on_conflict_do_nothing()
    )
    make_chunks(send)


def make_chunks(send: Send) -> None:
    """Cut the frozen copies of a send into chunks of neighbours that may go at the same moment."""
    first_of_all = db.session.scalar(
        select(func.min(Delivery.id)).where(Delivery.send_id == send.id)
    )
    key = (Delivery.not_before, ((Delivery.id - first_of_all) // CHUNK).label("part"))
    parts: dict[tuple[object, int], list[Part]] = defaultdict(list)
    for moment, part, state, number, first, last in db.session.execute(
        select(*key, Delivery.state, func.count(), func.min(Delivery.id), func.max(Delivery.id))
        .where(Delivery.send_id == send.id)
        .group_by(*key, Delivery.state)
    ):
        parts[moment, part].append((state, number, first, last))
    rows = [_chunk(send.id, moment, found) for (moment, _part), found in parts.items()]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(Chunk), rows[start : start + CHUNK])


def _chunk(send_id: int, moment: object, found: list[Part]) -> dict[str, object]:
    return {
        "send_id": send_id,
        "first_id": min(first for _state, _number, first, _last in found),
        "last_id": max(last for _state, _number, _first, last in found),
        "copies": sum(number for _state, number, _first, _last in found),
        "state": "ready" if any(one[0] == State.PLANNED for one in found) else "closed",
        "not_before": moment,
        "tally": [(state, "", "", number) for state, number, _first, _last in sorted(found)],
    }
