"""A plan with an audience, a message to it, and a mail server that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.actions import schedule
from commsplan.delivery.jobs import deliver
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.relay_models import Relay
from commsplan.delivery.starting import start_due_sends
from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from tests.cast import Cast, make_person
from tests.delivery.sink import Sink, SinkServer
from tests.messages.stage import make_message, make_plan

NOBODY_LISTENS = "smtp://127.0.0.1:1"


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    """A mail server of the test's own; the application sends through one line to it."""
    sink = Sink()
    server = SinkServer(sink)
    before = app.config["SMTP_URL"]
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.start()}?connections=1"
    closing.clear()
    yield sink
    app.config["SMTP_URL"] = before
    server.stop()


@dataclass
class Stage:
    """A message of the lead to everybody in the directory."""

    cast: Cast
    plan: Plan
    audience: Audience
    message: Message

    def more_people(self, number: int) -> list[Person]:
        """Hire some."""
        hired = [make_person(f"Nora Number {count:04}") for count in range(number)]
        db.session.commit()
        return hired

    def schedule(self, hours: float = -0.01) -> Send:
        """Schedule the message so many hours from now; negative is due."""
        return schedule(self.message, now_utc() + timedelta(hours=hours), self.cast.lead)

    def start(self) -> Send:
        """Schedule it for now and start it."""
        send = self.schedule()
        assert start_due_sends() == [send.id]
        return send

    def deliver(self) -> Send:
        """Schedule, start, and let one worker do its turn."""
        send = self.start()
        deliver(send.id)
        db.session.rollback()
        return send

    def states(self) -> dict[str, int]:
        """Count the copies by state."""
        db.session.rollback()
        rows = db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
        return {row[0]: row[1] for row in rows}

    def rows(self) -> list[Delivery]:
        """Return the copies, in order."""
        db.session.rollback()
        return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))

    def let_time_pass(self) -> None:
        """Make every planned copy ready, and every lease lapse."""
        past = now_utc() - timedelta(minutes=1)
        with transaction() as database:
            database.execute(update(Delivery).values(not_before=past))
            database.execute(update(Chunk).values(not_before=past))
            database.execute(
                update(Chunk).where(Chunk.lease_until.is_not(None)).values(lease_until=past)
            )
            database.execute(update(Relay).values(away_until=None))


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """Six people of the cast, one message to all of them, ready to be scheduled."""
    plan = make_plan(cast)
    audience = create_audience(cast.team, "Everybody", EVERYONE, by=cast.lead)
    due = (now_utc() + timedelta(days=60)).date()
    message = make_message(cast, plan, action_due_on=due)
    message.audience_id = audience.id
    db.session.commit()
    return Stage(cast, plan, audience, message)


@pytest.fixture
def finish() -> Callable[[], list[int]]:
    """End the sends that are done."""
    from commsplan.delivery.actions import finish_sends

    return finish_sends
