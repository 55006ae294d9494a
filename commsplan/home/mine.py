"""What concerns one person: to do, coming up, what they were sent, their calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.audiences.queries import contains
from commsplan.calendars.models import Feed
from commsplan.calendars.offers import Offer, offer
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import ARRIVED
from commsplan.foundation.addresses import message_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.messages.models import Message
from commsplan.messages.rendering import reader_of, subject_for
from commsplan.people.models import Person
from commsplan.plans.happenings import Happening, next_happening
from commsplan.plans.models import Activity, Plan
from commsplan.receipts.models import Confirmation

AHEAD = timedelta(days=30)
BACK = timedelta(days=180)  # what was asked longer ago is no longer a task
NEWEST = 30


@dataclass(frozen=True)
class Received:
    """One message as its reader sees it in a list."""

    subject: str
    href: str
    plan: Plan
    at: datetime | None
    todo: str
    due_on: date | None
    is_late: bool
    is_answered: bool
    """Whether the reader has said that it is read, or done, or cannot be done."""


@dataclass(frozen=True)
class MyCalendar:
    """A plan that concerns somebody, and their feed of it if they opened one."""

    plan: Plan
    feed: Feed | None
    offer: Offer | None


def received(person: Person) -> list[Received]:
    """Return the messages that reached a person, the newest first."""
    found = db.session.scalars(
        select(Delivery)
        .where(Delivery.person_id == person.id, Delivery.state.in_(ARRIVED))
        .where(Delivery.accepted_at > now_utc() - BACK)
        .options(
            joinedload(Delivery.send).joinedload(Send.version),
            joinedload(Delivery.message).joinedload(Message.plan),
        )
        .order_by(Delivery.accepted_at.desc(), Delivery.id.desc())
    ).all()
    said = _said_of(found)
    return [_received(copy, person, said.get(copy.id, frozenset())) for copy in found]


def _said_of(copies: Sequence[Delivery]) -> dict[int, frozenset[str]]:
    said: dict[int, frozenset[str]] = {}
    ids = [copy.id for copy in copies]
    for one in db.session.scalars(select(Confirmation).where(Confirmation.delivery_id.in_(ids))):
        said[one.delivery_id] = said.get(one.delivery_id, frozenset()) | {one.kind}
    return said


def _received(copy: Delivery, person: Person, said: frozenset[str]) -> Received:
    message, version = copy.message, copy.send.version
    asked = message.action_what
    due_on = message.action_due_on if asked else None
    return Received(
        subject=subject_for(version, reader_of(person)),
        href=message_address(copy.id),
        plan=message.plan,
        at=copy.accepted_at,
        todo=asked,
        due_on=due_on,
        is_late=due_on is not None and due_on < now_utc().date(),
        is_answered=bool(said & ({"done", "cannot"} if asked else {"read", "done", "cannot"})),
    )


def to_do(copies: list[Received]) -> list[Received]:
    """Return what still waits for its reader: with a due date first, the earliest on top."""
    open_ones = [copy for copy in copies if not copy.is_answered]
    return sorted(open_ones, key=lambda copy: (copy.due_on is None, copy.due_on or date.max))


def coming_up(person: Person) -> list[Happening]:
    """Return what happens in the next 30 days for audiences this person belongs to.

    Of a series it is the next one.
    """
    now = now_utc()
    found = db.session.scalars(
        select(Activity)
        .join(Activity.plan)
        .where(
            Plan.status == "active",
            Activity.removed_at.is_(None),
            Activity.audience_id.is_not(None),
            Activity.ends_at > now,
            Activity.starts_at < now + AHEAD,
        )
        .options(
            joinedload(Activity.plan),
            joinedload(Activity.audience),
            selectinload(Activity.exceptions),
        )
        .order_by(Activity.starts_at, Activity.id)
    ).all()
    audiences = {one.audience_id: one.audience for one in found if one.audience}
    mine = {key for key, audience in audiences.items() if contains(audience, person.id)}
    near = [
        one
        for activity in found
        if activity.audience_id in mine and (one := next_happening(activity, now))
    ]
    near = [one for one in near if one.starts_at < now + AHEAD]
    return sorted(near, key=lambda one: (one.starts_at, one.id))


def my_calendars(person: Person) -> list[MyCalendar]:
    """Return the plans whose calendar this person may subscribe to, by title."""
    feeds = {
        feed.plan_id: feed
        for feed in db.session.scalars(select(Feed).where(Feed.person_id == person.id))
    }
    wanted = _plans_that_concern(person) | set(feeds)
    plans = db.session.scalars(
        select(Plan)
        .where(Plan.id.in_(wanted), or_(Plan.status == "active", Plan.id.in_(feeds)))
        .order_by(func.lower(Plan.title))
    )
    return [_calendar(plan, feeds.get(plan.id)) for plan in plans]


def _calendar(plan: Plan, feed: Feed | None) -> MyCalendar:
    if feed is None or feed.revoked_at is not None:
        return MyCalendar(plan, None, None)
    return MyCalendar(plan, feed, offer(feed))


def _plans_that_concern(person: Person) -> set[int]:
    sent = (
        select(Message.plan_id)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.person_id == person.id)
    )
    own = select(Plan.id).where(or_(Plan.sponsor_id == person.id, Plan.owner_id == person.id))
    addressed = {activity.plan_id for activity in coming_up(person)}
    return addressed | set(db.session.scalars(sent)) | set(db.session.scalars(own))


def my_calendar(person: Person, plan_id: int) -> MyCalendar:
    """Return the calendar of a plan that concerns this person, or raise Absent."""
    for one in my_calendars(person):
        if one.plan.id == plan_id:
            return one
    raise Absent
