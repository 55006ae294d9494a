"""When a calendar that was read from elsewhere closes, and whether it can be trusted to know.

What lies inside the window is in the database; any other moment is worked out from the file that is
kept, so that a question about any time has an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from commsplan.calendars.import_lines import NoCalendar
from commsplan.calendars.import_read import expand
from commsplan.calendars.import_scan import scan
from commsplan.calendars.import_times import Window
from commsplan.calendars.refreshing import unpacked
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.calendars.state_rules import Stretch, joined, outside
from commsplan.foundation.database import db

STALE = timedelta(days=2)
"""After this without a good look at its address a calendar cannot tell any more; or after three
pauses, where these are longer."""
EXPANDING_SECONDS = 5.0  # for a question outside of the window; somebody waits for the answer
NEVER_READ, LONG_AGO, TOO_FAR = "never read", "not read lately", "too far"


@dataclass(frozen=True)
class Closing:
    """A time in which a calendar is closed, and what that is called."""

    stretch: Stretch
    title: str

    def holds(self, at: datetime) -> bool:
        """Tell whether it closes a moment."""
        return self.stretch.starts <= at < self.stretch.ends

    def cut(self, piece: Stretch) -> Closing:
        """Return a part of it."""
        return replace(self, stretch=piece)


def closings_of(
    calendar: SharedCalendar, start: datetime, end: datetime, now: datetime
) -> tuple[list[Closing], str]:
    """Return when a calendar closes between two instants, and why it cannot tell, if so.

    Of a calendar of windows, that is the time outside of them. One kept by hand has its blackouts
    elsewhere, and can always tell.
    """
    if calendar.source == "hand":
        return [], ""
    doubt = _doubt(calendar, now)
    found, unsure = _entries(calendar, start, end)
    if calendar.kind == "window":
        shut = outside(joined(one.stretch for one in found), Stretch(start, end))
        found = [Closing(one, calendar.name) for one in shut]
    return found, doubt or unsure


def _doubt(calendar: SharedCalendar, now: datetime) -> str:
    if calendar.read_at is None or calendar.covered_until is None:
        return NEVER_READ
    patience = max(STALE, 3 * timedelta(minutes=calendar.pause_minutes))
    is_old = calendar.source == "address" and now - calendar.read_at > patience
    return LONG_AGO if is_old else ""


def _entries(calendar: SharedCalendar, start: datetime, end: datetime) -> tuple[list[Closing], str]:
    since, until = calendar.covered_from, calendar.covered_until
    if since is None or until is None or calendar.body is None:
        return [], NEVER_READ
    if since <= start and end <= until:
        return _kept(calendar, start, end), ""
    try:
        scanned = scan(unpacked(calendar.body))
    except NoCalendar:
        return [], NEVER_READ
    window = Window(start, end, calendar.zone)
    expanded = expand(scanned, window, seconds=EXPANDING_SECONDS)
    found = [Closing(Stretch(one.starts_at, one.ends_at), one.title) for one in expanded.entries]
    return found, "" if expanded.is_whole else TOO_FAR


def _kept(calendar: SharedCalendar, start: datetime, end: datetime) -> list[Closing]:
    rows = db.session.execute(
        select(ImportedEvent.starts_at, ImportedEvent.ends_at, ImportedEvent.title)
        .where(
            ImportedEvent.calendar_id == calendar.id,
            ImportedEvent.starts_at < end,
            ImportedEvent.ends_at > start,
        )
        .order_by(ImportedEvent.starts_at, ImportedEvent.id)
    )
    return [Closing(Stretch(starts, ends), title) for starts, ends, title in rows]
