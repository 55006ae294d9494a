"""Looking after calendars that are read from elsewhere: whoever is due is looked at."""

from __future__ import annotations

from commsplan.calendars.refreshing import refresh
from commsplan.calendars.shared_queries import due_calendars
from commsplan.foundation.alone import Alone
from commsplan.foundation.bell import QueueName, Rung, ring
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db

LOOK = "commsplan.calendars.refresh_jobs.look"
MOST_AT_ONCE = 20  # the rest is due the next time as well


def look_after_calendars() -> None:
    """Ring a worker for each calendar that is due.

    When the bell is not heard (the queue server is away), this thread does one itself: a freeze
    must not be missed because of a queue.
    """
    due = due_calendars(now_utc())[:MOST_AT_ONCE]
    db.session.rollback()
    for calendar_id in due:
        if ring(QueueName.CHORES, LOOK, calendar_id, at_most=1) is Rung.UNHEARD:
            with Alone("calendar", calendar_id):
                refresh(calendar_id)
            return
