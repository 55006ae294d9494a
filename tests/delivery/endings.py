"""Sends that have ended, without a mail server."""

from __future__ import annotations

from sqlalchemy import update

from commsplan.delivery.actions import finish_sends
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import State
from commsplan.delivery.tallies import lock_chunks_of, recount
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from tests.delivery.conftest import Stage


def settle(send: Send, states: dict[Person, State] | None = None) -> None:
    """Let copies end in some states, all others arrive, and the send end."""
    states = states or {}
    with transaction() as database:
        lock_chunks_of([send.id])
        mine = update(Delivery).where(Delivery.send_id == send.id)
        planned = mine.where(Delivery.state == State.PLANNED)
        database.execute(planned.values(state=State.ACCEPTED, relay="relay:25"))
        for person, state in states.items():
            database.execute(mine.where(Delivery.person_id == person.id).values(state=state))
    recount()
    finish_sends()
    db.session.refresh(send)


def ended(stage: Stage) -> Send:
    """Return a send that ended: for one person it failed, one copy came back, one is in doubt."""
    send, cast = stage.start(), stage.cast
    settle(
        send,
        {
            cast.employee: State.FAILED,
            cast.sponsor: State.BOUNCED,
            cast.admin: State.UNCERTAIN,
        },
    )
    assert send.state == "finished"
    return send
