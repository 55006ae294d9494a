"""Schedule, start, cancel, finish: what people and the timetable want of a send."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update

from commsplan.audiences.rules import BadRule
from commsplan.delivery.freezing import freeze
from commsplan.delivery.histories import write_history
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.queries import counts, late_after
from commsplan.delivery.rules import OPEN, STOPPABLE, SendState, State
from commsplan.delivery.tallies import QUIET, lock_chunks_of, lock_chunks_with, make_ready
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import CommsplanError, NotNow
from commsplan.foundation.logs import log
from commsplan.messages.actions import mark
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person

CONFIRMED = "Confirmed that it arrived."
SEND_AGAIN = "Sent again: it had not arrived."


def schedule(message: Message, due_at: datetime, by: Person | None) -> Send:
    """Fix text, audience and moment of a message: from here on the database row is the schedule.

    Raises:
        NotNow: the message has no audience, or is scheduled, going out or sent already.
    """
    with transaction() as database:
        newest = database.scalar(
            select(Version.id)
            .where(Version.message_id == message.id)
            .order_by(Version.number.desc())
            .limit(1)
        )
        if message.audience_id is None or newest is None:
            raise NotNow("The message has no audience yet.")
        if not mark(message.id, {"draft", "cancelled"}, "scheduled"):
            raise NotNow("The message is scheduled, going out or sent already.")
        send = Send(
            message_id=message.id,
            version_id=newest,
            audience_id=message.audience_id,
            state=SendState.SCHEDULED,
            due_at=due_at,
            scheduled_by_id=by.id if by else None,
            scheduled_at=now_utc(),
        )
        database.add(send)
        database.flush()
        audit.record(
            _actor(by),
            "send.scheduled",
            f"send {send.id}",
            after={"message": message.id, "version": newest, "due_at": due_at.isoformat()},
        )
    return send


def cancel_send(send: Send, by: Person | None) -> SendState:
    """Stop a send; what is on the wire at this moment finishes, nothing else leaves any more.

    Returns:
        The state it had: a scheduled one leaves its message as a draft.

    Raises:
        NotNow: it is finished or cancelled already.
    """
    with transaction():
        if _stop(send.id, SendState.SCHEDULED, by):
            before = SendState.SCHEDULED
            mark(send.message_id, {"scheduled"}, "draft")
        elif _stop(send.id, SendState.RUNNING, by):
            before = SendState.RUNNING
            mark(send.message_id, {"sending"}, "cancelled")
            _cancel_rows(send.id)
        else:
            raise NotNow("This send has ended already.")
        audit.record(
            _actor(by), "send.cancelled", f"send {send.id}", before={"state": before.value}
        )
    return before


def _stop(send_id: int, state: SendState, by: Person | None) -> bool:
    stopped = db.session.scalar(
        update(Send)
        .where(Send.id == send_id, Send.state == state)
        .values(
            state=SendState.CANCELLED,
            cancelled_at=now_utc(),
            cancelled_by_id=by.id if by else None,
        )
        .returning(Send.id)
    )
    return stopped is not None


def _cancel_rows(send_id: int) -> None:
    lock_chunks_of([send_id])
    db.session.execute(
        update(Delivery)
        .where(Delivery.send_id == send_id, Delivery.state.in_(STOPPABLE))
        .values(state=State.CANCELLED, settled_at=now_utc())
        .execution_options(**QUIET)
    )


def send_late_one_now(send: Send, by: Person) -> None:
    """Let a send go out now that was too overdue to start by itself."""
    with transaction() as database:
        moved = database.scalar(
            update(Send)
            .where(Send.id == send.id, Send.state == SendState.SCHEDULED)
            .values(due_at=now_utc())
            .returning(Send.id)
        )
        if moved is None:
            raise NotNow("This send is not waiting any more.")
        audit.record(_actor(by), "send.released", f"send {send.id}")


def start_due_sends() -> list[int]:
    """Start every send whose moment has come; return which.

    1. Leave those alone that are so late that a person has to decide.
    2. For each, in one transaction: scheduled → running by compare-and-set, the audience frozen to
       one row per person, and the message marked.
    """
    now = now_utc()
    due = db.session.scalars(
        select(Send.id)
        .where(
            Send.state == SendState.SCHEDULED,
            Send.due_at <= now,
            Send.due_at >= now - late_after(),
        )
        .order_by(Send.due_at)
    ).all()
    return [send_id for send_id in due if _try_to_start(send_id)]


def _try_to_start(send_id: int) -> bool:
    """Start one send; one whose audience cannot be read any more keeps no other from starting."""
    try:
        return _start(send_id)
    except (CommsplanError, BadRule) as error:
        log().error("send.cannot_start", send=send_id, reason=str(error) or type(error).__name__)
        return False


def _start(send_id: int) -> bool:
    with transaction() as database:
        mine = database.scalar(
            update(Send)
            .where(Send.id == send_id, Send.state == SendState.SCHEDULED, Send.due_at <= now_utc())
            .values(state=SendState.RUNNING, started_at=now_utc())
            .returning(Send.id)
        )
        if mine is None:
            return False
        send = database.get_one(Send, send_id, populate_existing=True)
        freeze(send)
        send.addressed = sum(counts(send).values())
        mark(send.message_id, {"scheduled"}, "sending")
        audit.record(
            "timetable", "send.started", f"send {send_id}", after={"addressed": send.addressed}
        )
    return True


def finish_sends() -> list[int]:
    """End every send of which no row is open any more; return which.

    Chunks that are all closed say where to look; the rows themselves decide.
    """
    open_chunk = exists().where(Chunk.send_id == Send.id, Chunk.state != "closed")
    ended = db.session.scalars(
        select(Send.id).where(Send.state == SendState.RUNNING, ~open_chunk)
    ).all()
    return [send_id for send_id in ended if _finish(send_id)]


def _finish(send_id: int) -> bool:
    with transaction() as database:
        open_row = exists().where(Delivery.send_id == send_id, Delivery.state.in_(OPEN))
        message_id = database.scalar(
            update(Send)
            .where(Send.id == send_id, Send.state == SendState.RUNNING, ~open_row)
            .values(state=SendState.FINISHED, finished_at=now_utc())
            .returning(Send.message_id)
        )
        if message_id is None:
            return False
        mark(message_id, {"sending"}, "sent")
        audit.record("timetable", "send.finished", f"send {send_id}")
    return True


def sweep_cancelled() -> None:
    """Cancel what came back from a worker after its send was cancelled."""
    leftover = (
        select(Chunk.send_id)
        .join(Send)
        .where(Send.state == SendState.CANCELLED, Chunk.state == "ready", Chunk.tally.is_not(None))
        .distinct()
    )
    for send_id in db.session.scalars(leftover).all():
        with transaction():
            _cancel_rows(send_id)


def resolve_doubt(delivery_ids: list[int], arrived: bool, by: Person | None) -> int:
    """Settle doubtful copies: they arrived, or they go out again under the same Message-ID.

    Sending again opens a finished send once more; of a cancelled one, such a copy is cancelled.
    Copies that are not in doubt are left alone.

    Returns:
        How many were settled.
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
            _open_again(set(settled))
        for send_id, number in settled.items():
            found: dict[str, object] = {
                "copies": number,
                "verdict": "arrived" if arrived else "sent again",
            }
            audit.record(_actor(by), "send.resolved", f"send {send_id}", after=found)
    return settled.total()


def _open_again(send_ids: set[int]) -> None:
    """Let finished sends run again for the copies that go out once more."""
    reopened = db.session.execute(
        update(Send)
        .where(Send.id.in_(send_ids), Send.state == SendState.FINISHED)
        .values(state=SendState.RUNNING, finished_at=None)
        .returning(Send.message_id)
    )
    for message_id in reopened.scalars().all():
        mark(message_id, {"sent"}, "sending")


def _actor(by: Person | None) -> str:
    return f"person {by.id}" if by else "command line"
