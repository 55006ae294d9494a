"""Which blackouts there are, who may change one, and what speaks against a stretch of time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person
from commsplan.people.queries import teams_of
from commsplan.plans.obstacles import Span

AGAINST = ("freeze", "quiet", "holiday", "room")
"""Kinds of calendars whose entries speak against something; a window speaks for it."""


def blackouts_between(start: datetime, end: datetime) -> list[Blackout]:
    """Return the blackouts made here that touch the time between two instants, in order."""
    return list(
        db.session.scalars(
            select(Blackout)
            .outerjoin(Blackout.calendar)
            .where(
                Blackout.removed_at.is_(None),
                or_(Blackout.calendar_id.is_(None), SharedCalendar.removed_at.is_(None)),
                Blackout.starts_at < end,
                Blackout.ends_at > start,
            )
            .options(joinedload(Blackout.calendar), joinedload(Blackout.team))
            .order_by(Blackout.starts_at, Blackout.id)
        )
    )


def events_between(start: datetime, end: datetime) -> list[ImportedEvent]:
    """Return what was read from elsewhere and touches the time between two instants, in order."""
    return list(
        db.session.scalars(
            select(ImportedEvent)
            .join(ImportedEvent.calendar)
            .where(
                SharedCalendar.removed_at.is_(None),
                SharedCalendar.kind.in_(AGAINST),
                ImportedEvent.starts_at < end,
                ImportedEvent.ends_at > start,
            )
            .options(joinedload(ImportedEvent.calendar))
            .order_by(ImportedEvent.starts_at, ImportedEvent.id)
        )
    )


def spans_of_calendars(start: datetime, end: datetime) -> list[Span]:
    """Return everything that speaks against the time between two instants: plans ask for it."""
    return [
        *(span_of_blackout(one) for one in blackouts_between(start, end)),
        *(span_of_event(one) for one in events_between(start, end)),
    ]


def span_of_blackout(blackout: Blackout) -> Span:
    """Return a blackout as plans see it."""
    return Span(
        kind=blackout.kind,
        title=blackout.title,
        starts_at=blackout.starts_at,
        ends_at=blackout.ends_at,
        all_day=blackout.all_day,
        zone=blackout.zone,
        reason=blackout.reason,
        source=blackout.calendar.name if blackout.calendar else "",
        href=f"/calendars/blackouts/{blackout.id}",
        scope=blackout.scope,
        scope_value=blackout.scope_value,
    )


def span_of_event(event: ImportedEvent) -> Span:
    """Return an entry of a calendar as plans see it; a room without a name is the entry's place."""
    calendar = event.calendar
    is_room = calendar.kind == "room"
    return Span(
        kind=calendar.kind,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        all_day=event.all_day,
        zone=calendar.zone,
        source=calendar.name,
        href=f"/calendars/{calendar.id}",
        scope="place" if is_room else calendar.scope,
        scope_value=calendar.scope_value or (event.place if is_room else ""),
    )


def blackout_to_read(blackout_id: int) -> Blackout:
    """Return a blackout, lifted ones too; everybody who plans may read every one.

    Raises:
        Absent: there is none.
    """
    found = db.session.get(Blackout, blackout_id)
    if found is None:
        raise Absent
    return found


def blackout_for_editor(person: Person, blackout_id: int) -> Blackout:
    """Return a blackout of one of this person's teams, or raise Absent."""
    found = blackout_to_read(blackout_id)
    if not may_keep(person, found.team_id):
        raise Absent
    return found


def may_keep(person: Person, team_id: int) -> bool:
    """Tell whether a person keeps what belongs to a team."""
    return team_id in {team.id for team in teams_of(person)}
