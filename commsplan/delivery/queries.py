"""Reading the ledger, and who may see a send."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, and_, exists, func, or_, select

from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.rules import OPEN, SendState, State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.plans.queries import plan_for_editor, plan_for_reader, plans_for


def delivery_of(purpose: str, token: str) -> Delivery:
    """Return the copy that a personal link belongs to.

    Raises:
        Absent: the token is forged, damaged, for another purpose, or its copy is gone.
    """
    identity, _extra = read_signed(purpose, token)
    found = db.session.get(Delivery, identity)
    if found is None:
        raise Absent
    return found


def send_for_reader(person: Person, send_id: int) -> Send:
    """Return a send of a plan this person may see; anything else is absent."""
    send = db.session.get(Send, send_id)
    if send is None:
        raise Absent
    plan_for_reader(person, send.message.plan_id)
    return send


def send_for_editor(person: Person, send_id: int) -> Send:
    """Return a send that this person may stop or resolve; anything else is absent."""
    send = db.session.get(Send, send_id)
    if send is None:
        raise Absent
    plan_for_editor(person, send.message.plan_id)
    return send


def delivery_for_editor(person: Person, delivery_id: int) -> Delivery:
    """Return a copy of a send that this person may resolve; anything else is absent."""
    found = db.session.get(Delivery, delivery_id)
    if found is None:
        raise Absent
    plan_for_editor(person, found.message.plan_id)
    return found


def sends_of(message: Message) -> list[Send]:
    """Return every send of a message, the newest first."""
    return list(
        db.session.scalars(
            select(Send).where(Send.message_id == message.id).order_by(Send.id.desc())
        )
    )


def sends_for(person: Person) -> list[Send]:
    """Return the sends of every plan this person may see, the newest first."""
    plans = [plan.id for plan in plans_for(person)]
    return list(
        db.session.scalars(
            select(Send)
            .join(Message)
            .where(Message.plan_id.in_(plans))
            .order_by(Send.due_at.desc(), Send.id.desc())
            .limit(200)
        )
    )


def open_send_of(message: Message) -> Send | None:
    """Return the send of this message that is scheduled or running."""
    return db.session.scalars(
        select(Send).where(
            Send.message_id == message.id,
            Send.state.in_((SendState.SCHEDULED, SendState.RUNNING)),
        )
    ).first()


def counts(send: Send) -> dict[State, int]:
    """Return how many copies of a send stand where; every state is there."""
    rows = db.session.execute(
        select(Delivery.state, func.count()).where(Delivery.send_id == send.id).group_by("state")
    )
    found = {State(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in State}


def failures(send: Send, state: State = State.FAILED) -> list[tuple[str, int]]:
    """Return the reasons that copies stand in a state for, with how many, the most first."""
    rows = db.session.execute(
        select(Delivery.note, func.count())
        .where(Delivery.send_id == send.id, Delivery.state == state)
        .group_by(Delivery.note)
        .order_by(func.count().desc(), Delivery.note)
        .limit(50)
    )
    return [(note, number) for note, number in rows]


def copies(send: Send, states: tuple[State, ...]) -> Select[Delivery]:
    """Select the copies of a send in some states, by the person's name."""
    return (
        select(Delivery)
        .join(Person)
        .where(Delivery.send_id == send.id, Delivery.state.in_(states))
        .order_by(Person.name, Delivery.id)
    )


def sent_to(reader: Person, person_id: int) -> list[Delivery]:
    """Return the copies somebody was sent, of plans that the reader may see, the newest first."""
    plans = [plan.id for plan in plans_for(reader)]
    return list(
        db.session.scalars(
            select(Delivery)
            .join(Message)
            .where(Delivery.person_id == person_id, Message.plan_id.in_(plans))
            .order_by(Delivery.id.desc())
            .limit(500)
        )
    )


def suppressed(person_id: int, plan_id: int) -> bool:
    """Tell whether somebody wants no more mail of a plan."""
    return bool(
        db.session.scalar(
            select(
                exists().where(Suppression.person_id == person_id, Suppression.plan_id == plan_id)
            )
        )
    )


def accepted_since(send: Send, moment: datetime) -> int:
    """Return how many copies the mail server took since a moment."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Delivery.send_id == send.id,
                Delivery.state == State.ACCEPTED,
                Delivery.accepted_at >= moment,
            )
        )
        or 0
    )


def last_movement(send: Send) -> datetime | None:
    """Return when a copy of this send last changed its state."""
    return (
        db.session.scalar(select(func.max(Delivery.settled_at)).where(Delivery.send_id == send.id))
        or send.started_at
    )


def next_try(send: Send) -> datetime | None:
    """Return when the next waiting copy may go."""
    return db.session.scalar(
        select(func.min(Delivery.not_before)).where(
            Delivery.send_id == send.id, Delivery.state == State.PLANNED
        )
    )


def sends_with_work() -> list[int]:
    """Return the running sends that have a copy to be put on the wire now."""
    ready = exists().where(
        Delivery.send_id == Send.id,
        Delivery.state == State.PLANNED,
        Delivery.not_before <= now_utc(),
    )
    return list(
        db.session.scalars(
            select(Send.id).where(Send.state == SendState.RUNNING, ready).order_by(Send.due_at)
        )
    )


def late_after() -> timedelta:
    """Return how late a send may start by itself; later ones wait for a person."""
    return timedelta(hours=current_app.config["LATE_AFTER_HOURS"])


def is_late(send: Send) -> bool:
    """Tell whether a send is so overdue that a person has to say whether it still goes out."""
    return send.state == SendState.SCHEDULED and send.due_at < now_utc() - late_after()


def has_open_rows(send_id: int) -> bool:
    """Tell whether something still has to happen in a send."""
    return bool(
        db.session.scalar(
            select(exists().where(Delivery.send_id == send_id, Delivery.state.in_(OPEN)))
        )
    )


def holders() -> list[str]:
    """Return the workers that hold copies now."""
    return list(
        db.session.scalars(
            select(Delivery.leased_by)
            .where(or_(Delivery.state == State.LEASED, Delivery.state == State.SENDING))
            .distinct()
        )
    )


def held_by(worker: str) -> list[tuple[int, int]]:
    """Return the copies a worker has on the wire, with their fences."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.fence).where(
            and_(Delivery.state == State.SENDING, Delivery.leased_by == worker)
        )
    )
    return [(one, fence) for one, fence in rows]
