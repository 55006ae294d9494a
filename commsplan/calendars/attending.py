"""Who was there: ticked by the team, or said by themselves with the code that the room shows.

A code is derived, not stored: six letters from the key of this installation, the meeting and its
day. It works from half an hour before the meeting until an hour after it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select

from commsplan.calendars.invitation_models import Attendance, Meeting
from commsplan.calendars.meeting_times import day_of_name
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.foundation.tokens import keyed_hash
from commsplan.people.models import Person
from commsplan.plans.models import Activity
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence, occurrences

EARLY, LATE = timedelta(minutes=30), timedelta(hours=1)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which look alike from the last row."""
LENGTH = 6  # 30 bits; ten tries a minute and at most a few meetings at once


def code_of(activity_id: int, day: str) -> str:
    """Return the code of one meeting on one day, in two halves: "K7X 4PM"."""
    number = int(keyed_hash("attendance", f"{activity_id}/{day}")[:16], 16)
    letters = "".join(LETTERS[(number >> 5 * place) % len(LETTERS)] for place in range(LENGTH))
    return f"{letters[:3]} {letters[3:]}"


def is_open(one: Occurrence) -> bool:
    """Tell whether the code of a meeting works now."""
    now = now_utc()
    return not one.cancelled and one.starts_at - EARLY <= now <= one.ends_at + LATE


def meeting_with(typed: str) -> tuple[Activity, str]:
    """Return the meeting whose code somebody typed, and its day.

    Raises:
        NotNow: no meeting of this hour has such a code.
    """
    wanted = re.sub(r"[\s-]", "", typed).upper()
    for activity, day in _meetings_now():
        if wanted == code_of(activity.id, day).replace(" ", ""):
            return activity, day
    raise NotNow(_("No meeting that takes place now has this code. Look at the screen again."))


def _meetings_now() -> Iterator[tuple[Activity, str]]:
    now = now_utc()
    found = db.session.scalars(
        select(Activity)
        .join(Meeting, Meeting.activity_id == Activity.id)
        .where(
            Activity.removed_at.is_(None),
            Activity.status != "cancelled",
            Activity.starts_at <= now + EARLY,
            or_(Activity.ends_at >= now - LATE, Activity.recurrence != ""),
        )
    )
    for activity in found:
        for one in occurrences(series_of(activity), now - LATE, now + EARLY):
            if is_open(one):
                yield activity, day_of_name(one.name)


def enter(activity: Activity, day: str, person: Person) -> None:
    """Write down that somebody who knows the code was there; saying it twice changes nothing."""
    with transaction():
        _lock(activity)
        if person.id not in present(activity, day):
            _add(activity, day, person.id, "code", None)


def tick(
    activity: Activity, day: str, shown: Collection[int], there: Collection[int], by: Person
) -> int:
    """Set who was there among the people a page showed; return how many differ from before."""
    with transaction():
        _lock(activity)
        known = present(activity, day)
        came = set(there) & set(shown) - known.keys()
        gone = sorted((set(shown) - set(there)) & known.keys())
        for person_id in sorted(came):
            _add(activity, day, person_id, "ticked", by)
        for person_id in gone:
            db.session.delete(known[person_id])
        if came or gone:
            after: dict[str, object] = {"came": len(came), "not": len(gone), "day": day}
            audit.record(
                f"person {by.id}", "attendance.ticked", f"activity {activity.id}", after=after
            )
    return len(came) + len(gone)


def add(activity: Activity, day: str, person_id: int, by: Person) -> None:
    """Write down that somebody was there who had not been invited."""
    tick(activity, day, {person_id}, {person_id}, by)


def present(activity: Activity, day: str) -> dict[int, Attendance]:
    """Return who was there, by person."""
    rows = db.session.scalars(
        select(Attendance).where(
            Attendance.activity_id == activity.id, Attendance.occurrence == day
        )
    )
    return {row.person_id: row for row in rows}


def _add(activity: Activity, day: str, person_id: int, how: str, by: Person | None) -> None:
    db.session.add(
        Attendance(
            activity_id=activity.id,
            occurrence=day,
            person_id=person_id,
            how=how,
            by_id=by.id if by else None,
            at=now_utc(),
        )
    )


def _lock(activity: Activity) -> None:
    """Let two people who tick follow each other."""
    db.session.execute(select(Activity.id).where(Activity.id == activity.id).with_for_update())
