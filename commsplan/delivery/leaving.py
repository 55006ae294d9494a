"""Leaving the mails of a plan, and coming back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.histories import write_history
from commsplan.delivery.models import Delivery, Suppression
from commsplan.delivery.placing import UNSUBSCRIBED
from commsplan.delivery.rules import STOPPABLE, State
from commsplan.delivery.tallies import QUIET, lock_chunks_with
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.messages.models import Message


def unsubscribe(delivery: Delivery, reason: str) -> bool:
    """Leave the mails of this copy's plan; what is not on the wire yet stays away too.

    Returns:
        False when the person had left already.
    """
    now, plan_id = now_utc(), delivery.message.plan_id
    with transaction() as database:
        dialect = sqlite if is_sqlite() else postgresql
        new = database.scalar(
            dialect.insert(Suppression)
            .values(person_id=delivery.person_id, plan_id=plan_id, reason=reason, at=now)
            .on_conflict_do_nothing()
            .returning(Suppression.id)
        )
        of_plan = select(Message.id).where(Message.plan_id == plan_id, ~Message.mandatory)
        withhold(delivery.person_id, UNSUBSCRIBED, Delivery.message_id.in_(of_plan))
        if new is not None:
            audit.record(f"person {delivery.person_id}", "plan.unsubscribed", f"plan {plan_id}")
    return new is not None


def withhold(person_id: int, why: str, *which: ColumnElement[bool]) -> int:
    """Keep somebody's copies from going out that are still waiting, inside a transaction.

    Returns:
        How many.
    """
    waiting = (Delivery.person_id == person_id, Delivery.state.in_(STOPPABLE), *which)
    copies = db.session.execute(select(Delivery.send_id, Delivery.id).where(*waiting)).all()
    if not copies:
        return 0
    lock_chunks_with((send_id, one) for send_id, one in copies)
    withheld = db.session.scalars(
        update(Delivery)
        .where(Delivery.id.in_([one for _send, one in copies]), Delivery.state.in_(STOPPABLE))
        .values(state=State.SUPPRESSED, note=why, settled_at=now_utc())
        .returning(Delivery.id)
        .execution_options(**QUIET)
    ).all()
    write_history(withheld, State.SUPPRESSED, why)
    return len(withheld)


def subscribe_again(delivery: Delivery) -> bool:
    """Take back an unsubscription; return whether there was one."""
    plan_id = delivery.message.plan_id
    with transaction() as database:
        gone = database.scalars(
            delete(Suppression)
            .where(Suppression.person_id == delivery.person_id, Suppression.plan_id == plan_id)
            .returning(Suppression.id)
        ).all()
        if gone:
            audit.record(f"person {delivery.person_id}", "plan.subscribed", f"plan {plan_id}")
    return bool(gone)
