"""Who gets a copy of a send: the audience, or those whom an earlier send left in some state."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import members
from commsplan.delivery.followup_models import Followup
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.rules import AGAIN, ARRIVED, HAD_IT, HAS_IT, SendKind
from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.people.models import Person

still_to_act: list[Callable[[int], ColumnElement[bool]]] = []
"""Tests of later steps that a `Person` has still to act on a message, by its id; app.py puts them
here. A reminder goes to those who had the message and pass one of them."""


def recipients(
    message: Message, audience: Audience | None, kind: SendKind, of: Send | None
) -> Select[int]:
    """Select the ids of the people who get a copy, of those who are still here.

    Args:
        message: what goes out.
        audience: whom it addresses, unless an earlier send says that.
        kind: what it is to the earlier send.
        of: the earlier send, for every kind but the first.
    """
    people = select(Person.id).where(~has_copy(message.id, HAS_IT))
    if kind is SendKind.FIRST or of is None:
        return people.where(Person.id.in_(members(audience))) if audience else people.where(false())
    if kind is SendKind.TOP_UP:
        return people.where(Person.id.in_(members(of.audience)), ~has_copy(message.id))
    if kind is SendKind.RESEND:
        here = Person.left_on.is_(None)
        return people.where(here, _missed(message.id), has_address(), ~has_left(message))
    return who_had(of, kind).where(~has_copy(message.id, HAS_IT))


def who_had(send: Send, kind: SendKind) -> Select[int]:
    """Select whom a letter about an earlier send's message concerns, by any send of it.

    A correction or a recall goes to everybody who had it, a reminder to those of them who have
    still to act.
    """
    people = select(Person.id).where(Person.left_on.is_(None))
    if kind is SendKind.REMINDER:
        unfinished = [test(send.message_id) for test in still_to_act]
        return people.where(has_copy(send.message_id, ARRIVED), or_(false(), *unfinished))
    return people.where(has_copy(send.message_id, HAD_IT))


def recipients_of(message: Message) -> Select[int]:
    """Select who would get a message that is not scheduled yet."""
    origin = origin_of(message)
    if origin is None:
        return recipients(message, message.audience, SendKind.FIRST, None)
    return recipients(message, message.audience, SendKind(origin.kind), origin.of_send)


def origin_of(message: Message) -> Followup | None:
    """Return what a message follows, if it was begun as a follow-up."""
    return db.session.scalars(select(Followup).where(Followup.message_id == message.id)).first()


def has_copy(message_id: int, states: frozenset[str] | None = None) -> ColumnElement[bool]:
    """Test that a `Person` has a copy of a message, in some states or in any."""
    which = [Delivery.message_id == message_id, Delivery.person_id == Person.id]
    if states is not None:
        which.append(Delivery.state.in_(states))
    return exists().where(and_(*which))


def _missed(message_id: int) -> ColumnElement[bool]:
    """Test that the newest copy for a `Person` did not reach them, and another try is theirs."""
    newer = aliased(Delivery)
    newest = (
        select(func.max(newer.round))
        .where(newer.message_id == message_id, newer.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    return exists().where(
        Delivery.message_id == message_id,
        Delivery.person_id == Person.id,
        Delivery.state.in_(AGAIN),
        Delivery.round == newest,
    )


def has_address() -> ColumnElement[bool]:
    """Test that a `Person` has an address that can be written to."""
    return Person.email.like("%_@_%")


def has_left(message: Message) -> ColumnElement[bool]:
    """Test that a `Person` wants no more mails of the plan, and this one is not mandatory."""
    if message.mandatory:
        return false()
    return exists().where(
        Suppression.person_id == Person.id, Suppression.plan_id == message.plan_id
    )
