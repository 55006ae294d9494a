"""Reading the ledger, and who may see a send."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import exists, func, select

from commsplan.delivery.leases import goes_out, late_after
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.ranges import ranges_with
from commsplan.delivery.rules import OPEN, SendState, State
from commsplan.delivery.tallies import of_chunk, standings
from commsplan.delivery.timing import LatePolicy
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.plans.queries import plan_for_editor, plan_for_reader, plans_for

REASONS_SHOWN = 50
REASONS_OF_CHUNKS = 40  # 20,000 copies: enough to see why, and quick to read


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
    found = Counter[State]()
    for standing in standings(send.id):
        found[standing.state] += standing.copies
    return {state: found[state] for state in State}


def failures(send: Send, state: State = State.FAILED) -> list[tuple[str, int]]:
    """Return the reasons that copies stand in a state for, with how many, the most first.

    While a large send runs, only the latest chunks are counted: whoever watches asks every few
    seconds. Copies of chunks that no worker has held yet wait without a reason.
    """
    which = [Chunk.leased_at.is_not(None)] if state is State.PLANNED else []
    newest = REASONS_OF_CHUNKS if send.state == SendState.RUNNING else None
    reasons = Counter[str]()
    for first, last in ranges_with(send.id, [state], *which, newest=newest):
        rows = db.session.execute(
            select(Delivery.note, func.count())
            .where(of_chunk(send.id, first, last), Delivery.state == state)
            .group_by(Delivery.note)
        )
        reasons.update(dict(row for row in rows))
    return sorted(reasons.items(), key=lambda one: (-one[1], one[0]))[:REASONS_SHOWN]


def sent_to(reader: Person, person_id: int) -> list[Delivery]:
    """Return the copies somebody was sent, of plans that the reader may see, the newest first."""
    plans = [plan.id for plan in plans_for(reader)]
    return list(
        db.session.scalars(
            select(Delivery)
            .join(Delivery.message)
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


def last_movement(send: Send) -> datetime | None:
    """Return when a worker last took or let go of a copy of this send."""
    moments = db.session.execute(
        select(func.max(Chunk.leased_at), func.max(Chunk.closed_at)).where(Chunk.send_id == send.id)
    ).one()
    return max((one for one in moments if one is not None), default=send.started_at)


def next_try(send: Send) -> datetime | None:
    """Return when the next waiting copy may go."""
    return db.session.scalar(
        select(func.min(Chunk.not_before)).where(Chunk.send_id == send.id, Chunk.state == "ready")
    )


def sends_with_work() -> list[int]:
    """Return the running sends that have a copy to be put on the wire now."""
    now = now_utc()
    ready = exists().where(
        Chunk.send_id == Send.id, Chunk.state == "ready", Chunk.not_before <= now
    )
    return list(
        db.session.scalars(select(Send.id).where(goes_out(now), ready).order_by(Send.due_at))
    )


def is_late(send: Send) -> bool:
    """Tell whether a send is so overdue that a person has to say whether it still goes out."""
    asks = send.late_policy == LatePolicy.ASK
    return asks and send.state == SendState.SCHEDULED and send.due_at < now_utc() - late_after()


def has_open_rows(send_id: int) -> bool:
    """Tell whether something still has to happen in a send."""
    return bool(
        db.session.scalar(
            select(exists().where(Delivery.send_id == send_id, Delivery.state.in_(OPEN)))
        )
    )
