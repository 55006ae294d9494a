"""People who unsubscribed, or left, or whose address failed, after a send's audience was frozen.

Unsubscribing withholds the copies that wait at that moment. Two moments need a second look: while
the audience of a million is being frozen, nobody else sees its rows yet; and a part that goes out
next week may find somebody gone who left the organisation on Friday.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.leaving import withhold
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.placing import UNSUBSCRIBED
from commsplan.delivery.rules import STOPPABLE
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED, in_force
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person

LEFT = "Left the organisation before it could be sent."
MARGIN = timedelta(minutes=5)  # clocks of several machines differ


def withhold_changed(send_id: int) -> int:
    """Withhold a running send's waiting copies from whoever changed since it was started.

    Returns:
        How many copies.
    """
    send = db.session.get_one(Send, send_id)
    if send.started_at is None:
        return 0
    since = send.started_at - MARGIN
    groups: list[tuple[str, Sequence[int]]] = [
        (ADDRESS_SUPPRESSED, _with_dead_addresses(send_id, since)),
        (LEFT, _gone(send_id, since)),
    ]
    if not send.message.mandatory:
        groups.append((UNSUBSCRIBED, _unsubscribed(send, since)))
    withheld = 0
    with transaction():
        for why, people in groups:
            for person_id in people:
                withheld += withhold(person_id, why, Delivery.send_id == send_id)
    return withheld


def _waiting(send_id: int, *who: ColumnElement[bool]) -> Sequence[int]:
    """Return the people who pass a test and for whom a copy of the send waits."""
    copy = exists().where(
        Delivery.send_id == send_id,
        Delivery.person_id == Person.id,
        Delivery.state.in_(STOPPABLE),
    )
    return db.session.scalars(select(Person.id).where(*who, copy)).all()


def _unsubscribed(send: Send, since: datetime) -> Sequence[int]:
    people = select(Suppression.person_id).where(
        Suppression.plan_id == send.message.plan_id, Suppression.at >= since
    )
    return _waiting(send.id, Person.id.in_(people))


def _with_dead_addresses(send_id: int, since: datetime) -> Sequence[int]:
    addresses = select(SuppressedAddress.address).where(
        SuppressedAddress.since >= since, in_force(now_utc())
    )
    return _waiting(send_id, Person.email.in_(addresses))


def _gone(send_id: int, since: datetime) -> Sequence[int]:
    return _waiting(send_id, Person.left_on < now_utc().date(), Person.updated_at >= since)
