"""Freezes and quiet times as a calendar: those made here, and those read from elsewhere."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.ics import Event
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import SCOPE
from commsplan.calendars.rules import SHORTEST, TOMBSTONE, FeedKind
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.calendars.sources import Extra
from commsplan.foundation.addresses import absolute, calendar_uid
from commsplan.foundation.database import db
from commsplan.foundation.dates import utc_to_local
from commsplan.foundation.revisions import watch
from commsplan.people.queries import roles_of
from commsplan.people.rules import Role
from commsplan.plans.obstacle_words import KINDS

watch(SCOPE, Blackout, SharedCalendar, ImportedEvent)

A_DAY = timedelta(days=1)
STOPPING = ("freeze", "quiet")


def blackout_extra(feed: Feed, now: datetime) -> Extra:
    """Return every blackout since last year; a lifted one stays for 60 days, marked as cancelled.

    Everybody may see them: their reasons are written for those whom they stop.
    """
    if feed.kind != FeedKind.BLACKOUTS or feed.person is None:
        return Extra()
    since = datetime(now.year - 1, 1, 1, tzinfo=UTC)
    plans = roles_of(feed.person) != {Role.EMPLOYEE}
    made = db.session.scalars(
        select(Blackout)
        .where(
            Blackout.ends_at >= since,
            or_(Blackout.removed_at.is_(None), Blackout.removed_at > now - TOMBSTONE),
        )
        .order_by(Blackout.starts_at, Blackout.id)
    ).all()
    lifted = [one.removed_at + TOMBSTONE for one in made if one.removed_at]
    return Extra(
        (*(_event(one, plans) for one in made), *(_read_event(one) for one in _read(since))),
        min(lifted, default=None),
    )


def _read(since: datetime) -> list[ImportedEvent]:
    return list(
        db.session.scalars(
            select(ImportedEvent)
            .join(ImportedEvent.calendar)
            .where(
                SharedCalendar.removed_at.is_(None),
                SharedCalendar.kind.in_(STOPPING),
                ImportedEvent.ends_at >= since,
            )
            .options(joinedload(ImportedEvent.calendar))
            .order_by(ImportedEvent.starts_at, ImportedEvent.id)
        )
    )


def _event(blackout: Blackout, plans: bool) -> Event:
    off = blackout.removed_at is not None
    days = (blackout.starts_local.date(), blackout.ends_local.date() + A_DAY)
    starts, ends = days if blackout.all_day else _instants(blackout.starts_at, blackout.ends_at)
    page = f"/calendars/blackouts/{blackout.id}"
    return Event(
        uid=blackout.uid,
        revised=blackout.revised_at,
        created=blackout.created_at,
        sequence=blackout.sequence,
        summary=_("CANCELLED: %(title)s", title=blackout.title) if off else blackout.title,
        starts=starts,
        ends=ends,
        description=blackout.reason,
        location=blackout.scope_value,
        url=absolute(page if plans else f"/me/calendars#blackout-{blackout.id}"),
        categories=(str(KINDS[blackout.kind]),),
        status="CANCELLED" if off else "CONFIRMED",
    )


def _read_event(event: ImportedEvent) -> Event:
    """An entry of another calendar: its UID is that calendar's, so ours is made of it."""
    calendar = event.calendar
    named = f"{calendar.slug}|{event.uid}|{event.occurrence}"
    starts, ends = event.starts_at, event.ends_at
    days = utc_to_local(starts, calendar.zone).date(), utc_to_local(ends, calendar.zone).date()
    whole = (days[0], max(days[1], days[0] + A_DAY))
    begins, until = whole if event.all_day else _instants(starts, ends)
    return Event(
        uid=calendar_uid(hashlib.sha256(named.encode()).hexdigest()[:32]),
        revised=calendar.changed_at or calendar.created_at,
        created=calendar.created_at,
        summary=event.title,
        starts=begins,
        ends=until,
        description=_("From the calendar “%(name)s”.", name=calendar.name),
        location=event.place,
        categories=(str(KINDS[calendar.kind]),),
    )


def _instants(starts: datetime, ends: datetime) -> tuple[datetime, datetime]:
    return starts, ends if ends > starts else starts + SHORTEST
