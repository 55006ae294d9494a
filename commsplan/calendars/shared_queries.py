"""Which shared calendars there are, who keeps them, what they hold, which are due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from commsplan.calendars.blackout_queries import may_keep
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person


def shared_calendars(*, removed: bool = False) -> list[SharedCalendar]:
    """Return every shared calendar by name: those in use, or those that were taken away."""
    gone = SharedCalendar.removed_at.is_not(None)
    return list(
        db.session.scalars(
            select(SharedCalendar)
            .where(gone if removed else ~gone)
            .options(joinedload(SharedCalendar.team))
            .order_by(func.lower(SharedCalendar.name), SharedCalendar.id)
        )
    )


def hand_kept(person: Person) -> list[SharedCalendar]:
    """Return the calendars of this person's teams in which blackouts are made by hand."""
    return [
        one for one in shared_calendars() if one.source == "hand" and may_keep(person, one.team_id)
    ]


def shared_to_read(calendar_id: int) -> SharedCalendar:
    """Return a calendar, one that was taken away too; everybody who plans may read every one.

    Raises:
        Absent: there is none.
    """
    found = db.session.get(SharedCalendar, calendar_id)
    if found is None:
        raise Absent
    return found


def shared_for_editor(person: Person, calendar_id: int) -> SharedCalendar:
    """Return a calendar that one of this person's teams keeps, or raise Absent."""
    found = shared_to_read(calendar_id)
    if not may_keep(person, found.team_id):
        raise Absent
    return found


def calendar_called(slug: str) -> SharedCalendar | None:
    """Return the calendar in use that pipelines call so."""
    return db.session.scalar(
        select(SharedCalendar).where(
            SharedCalendar.slug == slug, SharedCalendar.removed_at.is_(None)
        )
    )


def slug_is_taken(slug: str) -> bool:
    """Tell whether a name was ever given to a calendar, one that was taken away too."""
    return bool(
        db.session.scalar(select(SharedCalendar.id).where(SharedCalendar.slug == slug).limit(1))
    )


def coming_events(calendar: SharedCalendar, since: datetime, limit: int) -> list[ImportedEvent]:
    """Return the entries of a calendar that are not over, in order of time."""
    return list(
        db.session.scalars(
            select(ImportedEvent)
            .where(ImportedEvent.calendar_id == calendar.id, ImportedEvent.ends_at > since)
            .order_by(ImportedEvent.starts_at, ImportedEvent.id)
            .limit(limit)
        )
    )


def due_calendars(now: datetime) -> list[int]:
    """Return the ids of the calendars that are to be looked at, the longest due first."""
    return list(
        db.session.scalars(
            select(SharedCalendar.id)
            .where(SharedCalendar.removed_at.is_(None), SharedCalendar.next_at <= now)
            .order_by(SharedCalendar.next_at, SharedCalendar.id)
        )
    )


def unreadable_since(moment: datetime, person: Person) -> list[SharedCalendar]:
    """Return this person's calendars that fail and were last right before a moment, or never."""
    return [
        one
        for one in db.session.scalars(
            select(SharedCalendar)
            .where(
                SharedCalendar.removed_at.is_(None),
                SharedCalendar.failures > 0,
                or_(SharedCalendar.read_at.is_(None), SharedCalendar.read_at < moment),
            )
            .order_by(SharedCalendar.name)
        )
        if may_keep(person, one.team_id)
    ]
