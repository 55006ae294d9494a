"""A meeting of the lead's team, people to invite, and a mail server that takes what goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from email.utils import getaddresses

import pytest
from flask import Flask
from icalendar import Calendar
from icalendar.cal import Component
from sqlalchemy import select, update

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import Condition, Match, Operator, Rule
from commsplan.calendars.answering import answer
from commsplan.calendars.invitation_models import Invitation, InvitationMail, InvitationReply
from commsplan.calendars.invitation_queries import invitation_for
from commsplan.calendars.invitation_rules import GRACE, Answer, Via
from commsplan.calendars.inviting import invite
from commsplan.calendars.meeting_changes import notice_changes
from commsplan.delivery.incoming import Arrival, take_in
from commsplan.delivery.invitation_jobs import post_invitations
from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from commsplan.plans.actions import add_activity, change_activity, create_plan
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish, PlanWish
from tests.cast import Cast, make_person
from tests.delivery.sink import Sink, SinkServer

MAILBOX = "meetings@northwind.example"


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    """A mail server of the test's own, and an address that answers come to."""
    sink = Sink()
    server = SinkServer(sink)
    before = app.config["SMTP_URL"]
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.start()}?connections=2"
    app.config["INVITATION_ADDRESS"] = MAILBOX
    closing.clear()
    yield sink
    app.config["SMTP_URL"] = before
    app.config["INVITATION_ADDRESS"] = ""
    server.stop()


@dataclass
class Meet:
    """One meeting, and everything a test does with it."""

    cast: Cast
    plan: Plan
    activity: Activity
    sink: Sink

    def invite(self, *people: Person, day: str = "") -> None:
        """Invite people and let the mails go out."""
        invite(self.activity, [one.id for one in people], self.cast.lead, day)
        self.post()

    def post(self) -> int:
        """Let one worker do its turn."""
        settled = post_invitations()
        db.session.rollback()
        return settled

    def row(self, person: Person, day: str = "", activity: Activity | None = None) -> Invitation:
        """Return somebody's invitation as it is now."""
        db.session.rollback()
        found = invitation_for((activity or self.activity).id, person.id, day)
        assert found is not None
        return found

    def say(self, person: Person, said: Answer, day: str = "", via: Via = Via.PAGE) -> Invitation:
        """Let somebody answer."""
        return answer(self.row(person), said, via, day=day)

    def change(self, **fields: object) -> None:
        """Change the meeting, and let the time pass after which it is told."""
        fresh = db.session.get_one(Activity, self.activity.id, populate_existing=True)
        names = ActivityWish.__dataclass_fields__
        values = {name: getattr(fresh, name) for name in names} | fields
        change_activity(fresh, ActivityWish(**values), self.cast.lead)
        self.let_time_pass()

    def let_time_pass(self) -> None:
        """Let the time pass after which a change goes out, and send it."""
        past = now_utc() - GRACE - timedelta(seconds=1)
        with transaction() as database:
            database.execute(update(Activity).values(revised_at=past))
        notice_changes()
        self.post()

    def mails(self, person: Person) -> list[Message]:
        """Return what somebody got, in order."""
        return [
            mail
            for mail in self.sink.mails
            if person.email in [address for _name, address in getaddresses([mail["To"]])]
        ]

    def last(self, person: Person) -> Message:
        """Return the last mail that somebody got."""
        return self.mails(person)[-1]

    def states(self) -> list[tuple[str, str]]:
        """Return kind and state of every mail, in order."""
        db.session.rollback()
        rows = db.session.scalars(select(InvitationMail).order_by(InvitationMail.id))
        return [(row.kind, row.state) for row in rows]

    def verdicts(self) -> list[str]:
        """Return what became of the mails that came in."""
        db.session.rollback()
        rows = db.session.scalars(select(InvitationReply).order_by(InvitationReply.id))
        return [row.verdict for row in rows]

    def receive(self, mail: EmailMessage | bytes, recipient: str | None = None) -> Arrival:
        """Let a mail come in."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        arrival = take_in(raw, recipient)
        db.session.rollback()
        return arrival


@pytest.fixture
def meet(cast: Cast, sink: Sink) -> Meet:
    """A meeting in ten days, 09:00 to 10:00 in Berlin, for the audience "Operations"."""
    plan = create_plan(
        cast.team, PlanWish(title="New ticketing", status="active", zone="Europe/Berlin"), cast.lead
    )
    rule = Rule(Match.ALL, (Condition("department", Operator.IS, ("Operations",)),))
    audience = create_audience(cast.team, "Operations", rule, by=cast.lead)
    day = (now_utc() + timedelta(days=10)).date()
    wish = ActivityWish(
        kind="meeting",
        title="Questions; and answers",
        starts_local=datetime(day.year, day.month, day.day, 9),
        ends_local=datetime(day.year, day.month, day.day, 10),
        zone="Europe/Berlin",
        audience_id=audience.id,
        owner_id=cast.lead.id,
        place="Room 4",
    )
    activity = add_activity(plan, wish, cast.lead)
    return Meet(cast, plan, activity, sink)


@pytest.fixture
def anna(meet: Meet) -> Person:
    return _hired("Anna Arnold")


@pytest.fixture
def bela(meet: Meet) -> Person:
    return _hired("Béla Bartos")


def _hired(name: str) -> Person:
    first = name.split(maxsplit=1)[0].lower().replace("é", "e")
    person = make_person(name, email=f"{first}@northwind.example")
    db.session.commit()
    return person


def calendar_of(mail: Message) -> Calendar:
    """Return the calendar part of a mail."""
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return Calendar.from_ical(payload)


def events_of(mail: Message) -> list[Component]:
    """Return the events in the calendar part of a mail."""
    return list(calendar_of(mail).walk("VEVENT"))


def body_of(mail: Message) -> str:
    """Return the plain text of a mail."""
    part = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return " ".join(payload.decode().split())
