"""A finished send that runs again, for copies and posts that go out once more."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from commsplan.delivery.models import Send
from commsplan.delivery.rules import SendState
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import mark

OTHER_SEND = (
    "Another send of this message is scheduled or going out. Wait until it has ended, then send "
    "these again."
)


def open_again(send_ids: Collection[int]) -> None:
    """Let finished sends run again, inside a transaction; those that run or were stopped stay.

    Raises:
        NotNow: another send of the same message is open, and there is one at a time.
    """
    other = aliased(Send)
    in_the_way = select(other.id).where(
        other.message_id.in_(
            select(Send.message_id).where(Send.id.in_(send_ids), Send.state == SendState.FINISHED)
        ),
        other.state.in_((SendState.SCHEDULED, SendState.RUNNING)),
    )
    if db.session.scalar(in_the_way.limit(1)) is not None:
        raise NotNow(OTHER_SEND)
    reopened = db.session.execute(
        update(Send)
        .where(Send.id.in_(send_ids), Send.state == SendState.FINISHED)
        .values(state=SendState.RUNNING, finished_at=None, seen_at=now_utc())
        .returning(Send.message_id)
    )
    for message_id in reopened.scalars().all():
        mark(message_id, {"sent"}, "sending")
