"""Which messages there are, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import members
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from commsplan.plans.queries import plan_for_editor, plan_for_reader

SAMPLE = 12  # people whose copies a writer may look at
SPREAD, MODULUS = 7919, 10_007  # two primes: neighbours in the directory land far apart


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


def removed_message_for_editor(person: Person, message_id: int) -> Message:
    """Return a draft that was thrown away, to whoever may bring it back; raises Absent."""
    message = _message(message_id, removed=True)
    plan_for_editor(person, message.plan_id)
    return message


def _message(message_id: int, *, removed: bool = False) -> Message:
    message = db.session.get(Message, message_id)
    if message is None or (message.removed_at is not None) != removed:
        raise Absent
    return message


def messages_of(plan: Plan) -> Sequence[Message]:
    """Return a plan's messages, the newest first."""
    return db.session.scalars(
        select(Message)
        .where(Message.plan_id == plan.id, Message.removed_at.is_(None))
        .options(
            selectinload(Message.versions).joinedload(Version.author),
            joinedload(Message.audience),
            joinedload(Message.activity),
        )
        .order_by(Message.id.desc())
    ).all()


def version_of(message: Message, number: int) -> Version:
    """Return one version by its number; raises Absent."""
    found = db.session.scalar(
        select(Version).where(Version.message_id == message.id, Version.number == number)
    )
    if found is None:
        raise Absent
    return found


def people_meant(typed: str) -> list[Person]:
    """Return who is meant by an e-mail address or a full name; people who left are not."""
    wanted = typed.strip().lower()
    if not wanted:
        return []
    return list(
        db.session.scalars(
            select(Person)
            .where(
                Person.left_on.is_(None),
                or_(Person.email == wanted, func.lower(Person.name) == wanted),
            )
            .order_by(Person.id)
            .limit(5)
        )
    )


def sample_readers(audience: Audience | None, also: int | None = None) -> list[Person]:
    """Return a dozen people of an audience, spread over it, always the same ones; and `also`."""
    if audience is None:
        return []
    spread = (Person.id * SPREAD) % MODULUS
    chosen = list(
        db.session.scalars(
            select(Person)
            .where(Person.id.in_(members(audience)))
            .order_by(spread, Person.id)
            .limit(SAMPLE)
        )
    )
    if also is not None and also not in {person.id for person in chosen}:
        chosen += db.session.scalars(
            select(Person).where(Person.id == also, Person.id.in_(members(audience)))
        )
    return chosen


def people_without(audience: Audience, field: str) -> int:
    """Count the members of an audience for whom a personal field is empty."""
    column = {
        "title": Person.title,
        "department": Person.department,
        "location": Person.location,
        "country": Person.country,
    }.get(field)
    test: ColumnElement[bool]
    if field == "manager_name":
        test = Person.manager_id.is_(None)
    elif column is not None:
        test = column == ""
    else:
        return 0  # everybody has a name
    return (
        db.session.scalar(
            select(func.count()).select_from(Person).where(test, Person.id.in_(members(audience)))
        )
        or 0
    )
