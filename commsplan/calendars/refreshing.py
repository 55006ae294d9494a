"""Keeping what is here the same as what a calendar elsewhere says: look, read, write what differs.

1. Claim it: its next look moves ahead, and whoever moved it does the work (compare-and-set).
2. Fetch it if it has an address, outside of any transaction; a file is at hand.
3. Expand its series in a window that moves along with time.
4. Write only the entries that differ, unless it was changed or taken away meanwhile.

Whatever fails is a named value; what was here stays, and it is tried again, later each time.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import insert, select, update

from commsplan.calendars.fetching import Fetched, Version, fetch
from commsplan.calendars.import_lines import NoCalendar
from commsplan.calendars.import_read import Entry, Expanded, expand
from commsplan.calendars.import_scan import scan
from commsplan.calendars.import_times import Window
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.logs import log
from commsplan.foundation.outgoing import Opener, open_session
from commsplan.foundation.sealing import unseal

ADDRESS = "calendar address"
"""What the seal of an address is for."""
CLAIMED = timedelta(minutes=15)
"""How long whoever claimed it has; fetching and reading take two minutes at the very most."""
BACK, AHEAD = timedelta(days=90), timedelta(days=800)
"""The window: two years of planning ahead, a quarter behind for the pages that look back."""
WINDOW_MOVES = timedelta(days=7)
"""How often series are expanded again although nothing changed."""
SHORTEST_MINUTES, LONGEST_MINUTES = 60, 1440
"""Whatever a calendar asks for: no server is asked more than hourly, none less than daily."""
LONGEST_PAUSE = timedelta(days=1)
MOST_DOUBLINGS = 5


@dataclass(frozen=True)
class Task:
    """What has to be known to look at one calendar, apart from the database."""

    calendar_id: int
    claimed: datetime
    """Where its next look was moved: while it stands there, nobody changed the calendar."""
    sealed: str
    version: Version
    window: Window
    body: bytes | None
    needs_expanding: bool
    """Although nothing may have changed: the window has to move."""


def refresh(calendar_id: int, opener: Opener = open_session) -> bool:
    """Look at one calendar if it is due and nobody else does; return whether it was looked at."""
    task = _claim(calendar_id)
    if task is None:
        return False
    db.session.rollback()  # nothing is held while somebody else's server thinks
    fetched = _fetched(task, opener)
    body = fetched.body if fetched.body is not None else task.body
    expanded: Expanded | None = None
    is_new = fetched.body is not None or task.needs_expanding
    if not fetched.failure and body is not None and is_new:
        try:
            expanded = expand(scan(body), task.window)
        except NoCalendar as refusal:
            fetched = Fetched(failure=str(refusal))
    if expanded is not None and not expanded.is_whole:  # half of it must not pass for all of it
        fetched, expanded = Fetched(failure="too large"), None
    _write(task, fetched, expanded)
    log().info(
        "calendar.looked at",
        calendar=calendar_id,
        failure=fetched.failure,
        entries=len(expanded.entries) if expanded else None,
    )
    return True


def window_at(now: datetime, zone: str) -> Window:
    """Return the time in which series are expanded."""
    return Window(now - BACK, now + AHEAD, zone)


def limit_bytes() -> int:
    """Return how large a calendar may be."""
    return int(current_app.config["CALENDAR_LIMIT_MB"]) * 1024 * 1024


def packed(body: bytes) -> bytes:
    """Return a file as it is kept."""
    return zlib.compress(body, 6)


def unpacked(body: bytes) -> bytes:
    """Return a kept file as it was."""
    return zlib.decompress(body)


def _claim(calendar_id: int) -> Task | None:
    now = now_utc()
    with transaction() as database:
        found = database.get(SharedCalendar, calendar_id, populate_existing=True)
        if found is None or found.removed_at or found.next_at is None or found.next_at > now:
            return None
        claimed = database.scalar(
            update(SharedCalendar)
            .where(SharedCalendar.id == calendar_id, SharedCalendar.next_at == found.next_at)
            .values(next_at=now + CLAIMED)
            .returning(SharedCalendar.id)
            .execution_options(synchronize_session=False)
        )
        if claimed is None:
            return None
        covered = found.covered_until
        return Task(
            calendar_id=calendar_id,
            claimed=now + CLAIMED,
            sealed=found.sealed,
            version=Version(found.etag, found.last_modified) if found.body else Version(),
            window=window_at(now, found.zone),
            body=unpacked(found.body) if found.body else None,
            needs_expanding=covered is None or covered < now + AHEAD - WINDOW_MOVES,
        )


def _fetched(task: Task, opener: Opener) -> Fetched:
    if not task.sealed:
        return Fetched(version=task.version)
    return fetch(unseal(ADDRESS, task.sealed), task.version, limit_bytes(), opener)


def _write(task: Task, fetched: Fetched, expanded: Expanded | None) -> None:
    now = now_utc()
    with transaction() as database:
        calendar = database.get(
            SharedCalendar, task.calendar_id, populate_existing=True, with_for_update=True
        )
        if calendar is None or calendar.removed_at or calendar.next_at != task.claimed:
            return
        calendar.tried_at = now
        if fetched.failure:
            _note_failure(calendar, fetched, now)
            return
        calendar.failures, calendar.failure, calendar.read_at = 0, "", now
        if fetched.body is not None:
            calendar.body = packed(fetched.body)
            calendar.etag, calendar.last_modified = (
                fetched.version.etag,
                fetched.version.last_modified,
            )
        if expanded is not None:
            _write_entries(calendar, expanded, task.window, now)
        calendar.next_at = now + (
            timedelta(minutes=calendar.pause_minutes) if task.sealed else WINDOW_MOVES
        )


def _note_failure(calendar: SharedCalendar, fetched: Fetched, now: datetime) -> None:
    calendar.failures += 1
    calendar.failure = fetched.failure
    doubled = 2 ** min(calendar.failures, MOST_DOUBLINGS)
    pause = min(timedelta(minutes=calendar.pause_minutes) * doubled / 2, LONGEST_PAUSE)
    calendar.next_at = now + max(pause, fetched.wait or timedelta(0))


def _write_entries(
    calendar: SharedCalendar, expanded: Expanded, window: Window, now: datetime
) -> None:
    if expanded.minutes:
        asked = max(expanded.minutes, SHORTEST_MINUTES)
        calendar.pause_minutes = min(asked, LONGEST_MINUTES)
    calendar.problems = [
        {"line": one.line, "flaw": str(one.flaw), "words": one.words}
        for one in expanded.problems.kept
    ]
    calendar.problem_count = expanded.problems.count
    calendar.covered_from, calendar.covered_until = window.start, window.end
    calendar.event_count = len(expanded.entries)
    if _differing(calendar, expanded.entries):
        calendar.changed_at = now


def _differing(calendar: SharedCalendar, entries: list[Entry]) -> bool:
    """Make the rows those of the file, writing only what differs; return whether anything did."""
    known = {
        (row.uid, row.occurrence): row
        for row in db.session.scalars(
            select(ImportedEvent).where(ImportedEvent.calendar_id == calendar.id)
        )
    }
    fresh: list[dict[str, Any]] = []
    touched = False
    for entry in entries:
        row = known.pop((entry.uid, entry.occurrence), None)
        if row is None:
            fresh.append({"calendar_id": calendar.id, **vars(entry)})
        elif entry != _as_entry(row):
            touched = True
            for name, value in vars(entry).items():
                setattr(row, name, value)
    for row in known.values():
        db.session.delete(row)
    db.session.flush()
    if fresh:
        db.session.execute(insert(ImportedEvent), fresh)
    return touched or bool(fresh) or bool(known)


def _as_entry(row: ImportedEvent) -> Entry:
    return Entry(
        uid=row.uid,
        occurrence=row.occurrence,
        title=row.title,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        all_day=row.all_day,
    )
