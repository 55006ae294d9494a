"""When questions close, in the calendars of those who were asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.calendars.due_feed import SENT, sent_to, wants
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
from commsplan.plans.models import Plan
from commsplan.plans.words import KINDS
from commsplan.surveys.models import Survey

watch(SCOPE, Survey)

LAST_MINUTES = timedelta(minutes=15)  # before it closes, so that the end of the event is the end


def survey_extra(feed: Feed, now: datetime) -> Extra:
    """Return when the questions close that a person was asked, since last year."""
    if feed.person is None or not wants(feed, FeedKind.SURVEYS, "survey"):
        return Extra()
    found = db.session.scalars(
        select(Survey)
        .join(Survey.message)
        .join(Message.plan)
        .where(
            Message.state.in_(SENT),
            Message.removed_at.is_(None),
            Survey.closes_at >= datetime(now.year - 1, 1, 1, tzinfo=UTC),
            Plan.status.in_(OPEN_PLANS),
            Plan.id.not_in(Choice.from_json(feed.choice).without),
        )
        .options(
            joinedload(Survey.message).options(
                joinedload(Message.plan),
                joinedload(Message.audience),
                selectinload(Message.versions),
            )
        )
        .order_by(Survey.closes_at, Survey.id)
    ).all()
    asked = {one.id for one in sent_to(feed.person, [survey.message for survey in found])}
    return Extra(tuple(_event(one) for one in found if one.message_id in asked))


def _event(survey: Survey) -> Event:
    subject = subject_words(survey.message.latest.subject)
    return Event(
        uid=calendar_uid(f"survey-{survey.id}"),
        revised=survey.created_at,
        created=survey.created_at,
        summary=_("Questions close: %(subject)s", subject=subject),
        starts=survey.closes_at - LAST_MINUTES,
        ends=survey.closes_at,
        description="\n".join(filter(None, (survey.intro, absolute("/me")))),
        url=absolute(f"/me#survey-{survey.id}"),
        categories=(survey.message.plan.title, str(KINDS["survey"])),
    )
