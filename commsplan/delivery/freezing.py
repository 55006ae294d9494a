"""The audience of a send, frozen: one row per person, in one statement."""

from __future__ import annotations

from sqlalchemy import case, exists, false, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.audiences.queries import members
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.rules import HAS_IT, State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite
from commsplan.people.models import Person

WITHOUT_ADDRESS = "There is no usable e-mail address in the staff list."
UNSUBSCRIBED = "Unsubscribed from this plan's mails."


def freeze(send: Send) -> None:
    """Write one row per person of the audience, in one statement, inside the transaction."""
    message, now = send.message, now_utc()
    usable = Person.email.like("%_@_%")
    left = (
        false()
        if message.mandatory
        else exists().where(
            Suppression.person_id == Person.id, Suppression.plan_id == message.plan_id
        )
    )
    has_it = exists().where(
        Delivery.message_id == message.id,
        Delivery.person_id == Person.id,
        Delivery.state.in_(HAS_IT),
    )
    last_round = select(func.coalesce(func.max(Delivery.round), 0)).where(
        Delivery.message_id == message.id
    )
    people = select(
        literal(send.id),
        literal(message.id),
        Person.id,
        literal("email"),
        literal((db.session.scalar(last_round) or 0) + 1),
        Person.email,
        case(
            (left, State.SUPPRESSED.value),
            (~usable, State.FAILED.value),
            else_=State.PLANNED.value,
        ),
        literal(now, Delivery.not_before.type),
        literal(0),
        literal(""),
        literal(0),
        case((left, UNSUBSCRIBED), (~usable, WITHOUT_ADDRESS), else_=""),
    ).where(Person.id.in_(members(send.audience)), ~has_it)
    columns = ["send_id", "message_id", "person_id", "channel", "round", "address", "state"]
    columns += ["not_before", "fence", "leased_by", "attempts", "note"]
    dialect = sqlite if is_sqlite() else postgresql
    db.session.execute(
        dialect.insert(Delivery).from_select(columns, people).on_conflict_do_nothing()
    )
