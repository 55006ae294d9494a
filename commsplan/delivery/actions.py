"""Schedule and finish sends, and settle their copies in doubt."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update

from commsplan.delivery.changed_minds import withhold_changed
from commsplan.delivery.histories import write_history
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.postings import open_posting
from commsplan.delivery.recipients import origin_of
from commsplan.delivery.reopening import open_again
from commsplan.delivery.rules import OPEN, SendKind, SendState, State
from commsplan.delivery.schedules import columns_of
from commsplan.delivery.stopping import actor
from commsplan.delivery.tallies import QUIET, lock_chunks_with, make_ready
from commsplan.delivery.timing import PLAIN, Timing
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import mark
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person

CONFIRMED = "Confirmed that it arrived."
SEND_AGAIN = "Sent again: it had not arrived."


def schedule(message: Message, due_at: datetime, by: Person | None, timing: Timing = PLAIN) -> Send:
    """Fix text, audience and moment of a message: from here on the database row is the schedule.

    A message that was begun as a follow-up goes to whom the send it follows says.

    Args:
        message: what goes out.
        due_at: when it starts; with local time, the earliest moment over its readers' zones.
        by: who wants that.
        timing: when each copy goes from then on.

    Raises:
        NotNow: the message has no audience, or is scheduled, going out or sent already.
    """
    with transaction() as database:
        origin = origin_of(message)
        newest = database.scalar(
            select(Version.id)
            .where(Version.message_id == message.id)
            .order_by(Version.number.desc())
            .limit(1)
        )
        audience_id = origin.of_send.audience_id if origin else message.audience_id
        if audience_id is None or newest is None:
            raise NotNow("The message has no audience yet.")
        if not mark(message.id, {"draft", "cancelled"}, "scheduled"):
            raise NotNow("The message is scheduled, going out or sent already.")
        send = Send(
            message_id=message.id,
            version_id=newest,
            audience_id=audience_id,
            kind=origin.kind if origin else SendKind.FIRST,
            of_send_id=origin.of_send_id if origin else None,
            due_at=due_at,
            **columns_of(timing),
        )
        add_scheduled(send, by)
    return send


def add_scheduled(send: Send, by: Person | None) -> None:
    """Write a new send down as scheduled, inside a transaction."""
    send.state = SendState.SCHEDULED
    send.scheduled_by_id = by.id if by else None
    send.scheduled_at = now_utc()
    db.session.add(send)
    db.session.flush()
    what = {"message": send.message_id, "version": send.version_id, "kind": str(send.kind)}
    audit.record(
        actor(by),
        "send.scheduled",
        f"send {send.id}",
        after={**what, "due_at": send.due_at.isoformat()},
    )


def finish_sends() -> list[int]:
    """End every send of which no row is open any more; return which.

    Chunks that are all closed say where to look; the rows themselves decide.
    """
    open_chunk = exists().where(Chunk.send_id == Send.id, Chunk.state != "closed")
    ended = db.session.scalars(
        select(Send.id).where(Send.state == SendState.RUNNING, ~open_chunk, ~open_posting(Send.id))
    ).all()
    return [send_id for send_id in ended if _finish(send_id)]


def _finish(send_id: int) -> bool:
    with transaction() as database:
        open_row = exists().where(Delivery.send_id == send_id, Delivery.state.in_(OPEN))
        message_id = database.scalar(
            update(Send)
            .where(Send.id == send_id, Send.state == SendState.RUNNING)
            .where(~open_row, ~open_posting(send_id))
            .values(state=SendState.FINISHED, finished_at=now_utc())
            .returning(Send.message_id)
        )
        if message_id is None:
            return False
        mark(message_id, {"sending"}, "sent")
        audit.record("timetable", "send.finished", f"send {send_id}")
    return True


def resolve_doubt(delivery_ids: list[int], arrived: bool, by: Person | None) -> int:
    """Settle doubtful copies: they arrived, or they go out again under the same Message-ID.

    Sending again opens a finished send once more; of a cancelled one, such a copy is cancelled.
    Copies that are not in doubt are left alone.

    Returns:
        How many were settled.

    Raises:
        NotNow: they cannot go again while another send of the message is open.
    """
    now = now_utc()
    values: dict[str, Any] = (
        {"state": State.ACCEPTED, "note": CONFIRMED, "settled_at": now, "accepted_at": now}
        if arrived
        else {"state": State.PLANNED, "note": SEND_AGAIN, "settled_at": now, "not_before": now}
    )
    settled: Counter[int] = Counter()
    with transaction() as database:
        for start in range(0, len(delivery_ids), 500):
            doubtful = (
                Delivery.id.in_(delivery_ids[start : start + 500]),
                Delivery.state == State.UNCERTAIN,
            )
            copies = database.execute(select(Delivery.send_id, Delivery.id).where(*doubtful)).all()
            lock_chunks_with((send_id, one) for send_id, one in copies)
            rows = database.execute(
                update(Delivery)
                .where(*doubtful)
                .values(**values)
                .returning(Delivery.send_id, Delivery.id)
                .execution_options(**QUIET)
            ).all()
            settled.update(send_id for send_id, _one in rows)
            write_history([one for _send, one in rows], values["state"], str(values["note"]))
            if not arrived:
                make_ready(((send_id, one) for send_id, one in rows), now)
        if not arrived:
            open_again(set(settled))
            for send_id in settled:
                withhold_changed(send_id)
        for send_id, number in settled.items():
            found: dict[str, object] = {
                "copies": number,
                "verdict": "arrived" if arrived else "sent again",
            }
            audit.record(actor(by), "send.resolved", f"send {send_id}", after=found)
    return settled.total()
