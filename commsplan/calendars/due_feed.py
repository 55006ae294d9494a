"""What somebody was asked to do by a day, as days in their calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audiences_with
from commsplan.calendars.ics import Event
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import SCOPE
from commsplan.calendars.rules import OPEN_PLANS, Choice, FeedKind
from commsplan.calendars.sources import Extra
from commsplan.foundation.addresses import absolute, calendar_uid
from commsplan.foundation.database import db
from commsplan.foundation.revisions import watch
from commsplan.messages.models import Message
from commsplan.messages.showing import subject_words
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from commsplan.plans.words import KINDS

watch(SCOPE, Message)

SENT = ("sending", "sent")


def wants(feed: Feed, kind: FeedKind, activity_kind: str) -> bool:
    """Tell whether a feed shows a kind of thing: the narrow one, or the wide one if ticked."""
    if feed.kind == FeedKind.MINE:
        return activity_kind in Choice.from_json(feed.choice).kinds
    return feed.kind == kind


def sent_to(person: Person, messages: Sequence[Message]) -> list[Message]:
    """Return those messages that are for an audience a person belongs to today."""
    audiences: list[Audience] = [one.audience for one in messages if one.audience]
    mine = audiences_with(person.id, list(dict.fromkeys(audiences)))
    return [one for one in messages if one.audience_id in mine]


def due_extra(feed: Feed, now: datetime) -> Extra:
    """Return what a person was asked to do by a day, since last year."""
    if feed.person is None or not wants(feed, FeedKind.DEADLINES, "deadline"):
        return Extra()
    since = datetime(now.year - 1, 1, 1, tzinfo=UTC).date()
    asked = db.session.scalars(
        select(Message)
        .join(Message.plan)
        .where(
            Message.state.in_(SENT),
            Message.removed_at.is_(None),
            Message.action_what != "",
            Message.action_due_on >= since,
            Plan.status.in_(OPEN_PLANS),
            Plan.id.not_in(Choice.from_json(feed.choice).without),
        )
        .options(
            joinedload(Message.plan), joinedload(Message.audience), selectinload(Message.versions)
        )
        .order_by(Message.action_due_on, Message.id)
    ).all()
    return Extra(tuple(_event(one) for one in sent_to(feed.person, asked)))


def _event(message: Message) -> Event:
    day, version = message.action_due_on or message.created_at.date(), message.latest
    subject = subject_words(version.subject)
    parts = [
        _("Asked in “%(subject)s”.", subject=subject),
        message.action_otherwise,
        message.action_address,
        absolute("/me"),
    ]
    return Event(
        uid=calendar_uid(f"due-{message.id}"),
        revised=version.at,
        created=message.created_at,
        sequence=version.number,
        summary=message.action_what,
        starts=day,
        ends=day + timedelta(days=1),
        description="\n".join(filter(None, parts)),
        url=absolute(f"/me#due-{message.id}"),
        categories=(message.plan.title, str(KINDS["deadline"])),
    )
