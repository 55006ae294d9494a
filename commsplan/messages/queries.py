"""Which messages there are, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from commsplan.plans.queries import plan_for_editor, plan_for_reader


def message_for_reader(person: Person, message_id: int) -> Message:
    """Return a message of a plan this person may see.

    Raises:
        Absent: there is none, or it is not theirs to see.
    """
    message = _message(message_id)
    plan_for_reader(person, message.plan_id)
    return message


def message_for_editor(person: Person, message_id: int) -> Message:
    """Return a message of a plan this person may edit; raises Absent like the reader's."""
    message = _message(message_id)
    plan_for_editor(person, message.plan_id)
    return message


def _message(message_id: int) -> Message:
    message = db.session.get(Message, message_id)
    if message is None:
        raise Absent
    return message


def messages_of(plan: Plan) -> Sequence[Message]:
    """Return a plan's messages, the newest first."""
    return db.session.scalars(
        select(Message).where(Message.plan_id == plan.id).order_by(Message.id.desc())
    ).all()


def version_of(message: Message, number: int) -> Version:
    """Return one version by its number; raises Absent."""
    found = db.session.scalar(
        select(Version).where(Version.message_id == message.id, Version.number == number)
    )
    if found is None:
        raise Absent
    return found
