"""Whose copy a personal address stands for, and what its reader has said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from commsplan.delivery.models import Delivery
from commsplan.delivery.queries import delivery_of
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.messages.models import Link, Message
from commsplan.people.models import Person
from commsplan.receipts.models import Confirmation, Event
from commsplan.receipts.rules import CAUGHT_FOR, Past


def copy_of(purpose: str, token: str) -> Delivery:
    """Return the copy a personal address stands for.

    Raises:
        Absent: forged, for another purpose, or its reader no longer works here; all look alike.
    """
    delivery = delivery_of(purpose, token)
    if delivery.person.left_on is not None:
        raise Absent
    return delivery


def link_of(token: str) -> tuple[Delivery, Link]:
    """Return the copy and the link that a counted address stands for."""
    delivery = copy_of("link", token)
    _, position = read_signed("link", token)
    link = db.session.scalar(
        select(Link).where(Link.version_id == delivery.send.version_id, Link.position == position)
    )
    if link is None or not link.address.startswith(("http://", "https://")):
        raise Absent
    return delivery, link


def said(delivery: Delivery) -> dict[str, Confirmation]:
    """Return the reader's own word by its kind: read, done, cannot."""
    rows = db.session.scalars(select(Confirmation).where(Confirmation.delivery_id == delivery.id))
    return {row.kind: row for row in rows}


def unconfirmed(message_id: int) -> ColumnElement[bool]:
    """Test that a `Person` has not answered a message yet: neither done nor "cannot".

    Where nothing is asked of its readers, "I have read this" is the answer.
    """
    asks = select(Message.action_what).where(Message.id == message_id)
    answers = ("done", "cannot") if db.session.scalar(asks) else ("read", "done", "cannot")
    return ~exists().where(
        Delivery.message_id == message_id,
        Delivery.person_id == Person.id,
        Confirmation.delivery_id == Delivery.id,
        Confirmation.kind.in_(answers),
    )


def recent_events(delivery_id: int, now: datetime) -> list[Past]:
    """Return what the rules need to know of a copy's last quarter of an hour, oldest first."""
    rows = db.session.execute(
        select(Event.id, Event.kind, Event.at, Event.source, Event.verdict, Event.link_id)
        .where(Event.delivery_id == delivery_id, Event.at > now - CAUGHT_FOR)
        .order_by(Event.id)
    )
    return [Past(*row) for row in rows]
