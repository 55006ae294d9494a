"""Starting what is due: the audience is frozen, or, much too late, a person or a policy decides."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select, update

from commsplan.audiences.rules import BadRule
from commsplan.delivery.changed_minds import withhold_changed
from commsplan.delivery.freezing import freeze
from commsplan.delivery.leases import late_after
from commsplan.delivery.models import Send
from commsplan.delivery.postings import freeze_postings
from commsplan.delivery.queries import counts
from commsplan.delivery.rules import SendState
from commsplan.delivery.stopping import after_taking_back
from commsplan.delivery.timing import LatePolicy
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import CommsplanError, NotNow
from commsplan.foundation.logs import log
from commsplan.messages.actions import mark
from commsplan.people.models import Person

TOO_LATE = "late"
"""Why a send was cancelled by itself, as its `paused_why`."""


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
        audit.record(f"person {by.id}", "send.released", f"send {send.id}")


def start_due_sends() -> list[int]:
    """Start every send whose moment has come; return which.

    1. Take those back that are too late to be of use, as was decided when they were scheduled.
    2. Leave those alone that are so late that a person has to decide.
    3. For each other one, in one transaction: scheduled → running by compare-and-set, the audience
       frozen to one row per person, and the message marked.
    """
    _skip_late_sends()
    now = now_utc()
    in_time = or_(Send.due_at >= now - late_after(), Send.late_policy == LatePolicy.SEND)
    due = db.session.scalars(
        select(Send.id)
        .where(Send.state == SendState.SCHEDULED, Send.due_at <= now, in_time)
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
    now = now_utc()
    with transaction() as database:
        mine = database.scalar(
            update(Send)
            .where(Send.id == send_id, Send.state == SendState.SCHEDULED, Send.due_at <= now)
            .values(state=SendState.RUNNING, started_at=now, seen_at=now)
            .returning(Send.id)
        )
        if mine is None:
            return False
        send = database.get_one(Send, send_id, populate_existing=True)
        freeze(send)
        freeze_postings(send)
        withhold_changed(send_id)
        send.addressed = sum(counts(send).values())
        mark(send.message_id, {"scheduled"}, "sending")
        audit.record(
            "timetable", "send.started", f"send {send_id}", after={"addressed": send.addressed}
        )
    withhold_changed(send_id)  # whoever unsubscribed before its rows could be seen
    return True


def _skip_late_sends() -> None:
    """Take sends back that would come too late, as their policy or their last moment says."""
    late = db.session.scalars(select(Send.id).where(_comes_too_late())).all()
    for send_id in late:
        with transaction() as database:
            skipped = database.scalar(
                update(Send)
                .where(Send.id == send_id, _comes_too_late())
                .values(state=SendState.CANCELLED, cancelled_at=now_utc(), paused_why=TOO_LATE)
                .returning(Send.id)
            )
            if skipped is not None:
                after_taking_back(database.get_one(Send, send_id, populate_existing=True))
                audit.record("timetable", "send.skipped", f"send {send_id}")


def _comes_too_late() -> ColumnElement[bool]:
    now = now_utc()
    overdue = and_(Send.late_policy == LatePolicy.SKIP, Send.due_at < now - late_after())
    return and_(Send.state == SendState.SCHEDULED, or_(overdue, Send.valid_until <= now))
