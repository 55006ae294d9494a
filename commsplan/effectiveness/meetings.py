"""Who took part in a plan's meetings: of those invited, with what nobody can know.

"Took part" is somebody who was ticked or entered the code in the room. Where a team went through
the list, who is not ticked was not there. Where only the code was used, those who said yes and
typed nothing may have been there: the share then reaches from "at least" to "at most".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from commsplan.calendars.guest_list import guest_list
from commsplan.calendars.invitation_models import Attendance, Meeting
from commsplan.calendars.invitation_queries import head_of
from commsplan.calendars.meeting_times import day_of_name
from commsplan.effectiveness.rules import FEW, Share, wilson
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.plans.models import Activity, Plan
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence, occurrences

BACK = timedelta(days=400)
MOST_DAYS = 26  # of one series: half a year of weeks


@dataclass(frozen=True)
class TookPart:
    """One meeting that has begun, counted."""

    activity: Activity
    day: str
    starts_at: datetime
    invited: int
    said_yes: int
    there: int
    """Of those invited."""
    perhaps: int
    """Said yes, and nobody can know whether they came."""
    uninvited: int
    """Came without an invitation."""
    is_recorded: bool
    """Somebody wrote down who was there; otherwise nothing is known, and that is not nobody."""

    @property
    def share(self) -> Share | None:
        """The share of those invited, with its interval; from least to most where in doubt."""
        if not self.is_recorded or not self.invited:
            return None
        low = wilson(self.there, self.invited)
        return Share(low.value, low.low, wilson(self.at_most, self.invited).high)

    @property
    def at_most(self) -> int:
        """How many of those invited may have been there."""
        return self.there + self.perhaps

    @property
    def few(self) -> bool:
        """Tell whether so few people make the share a rough guess."""
        return 0 < self.invited < FEW


def meetings_of(plan: Plan) -> list[TookPart]:
    """Return the meetings of a plan that have begun, the latest first."""
    activities = db.session.scalars(
        select(Activity)
        .join(Meeting, Meeting.activity_id == Activity.id)
        .where(
            Activity.plan_id == plan.id,
            Activity.removed_at.is_(None),
            Activity.status != "cancelled",
            Activity.starts_at <= now_utc(),
        )
    ).all()
    counted = [_counted(activity, one) for activity in activities for one in _begun(activity)]
    return sorted(counted, key=lambda one: (one.starts_at, one.activity.id), reverse=True)


def _begun(activity: Activity) -> Iterator[Occurrence]:
    now = now_utc()
    begun = occurrences(series_of(activity), now - BACK, now)
    yield from [one for one in begun if not one.cancelled][-MOST_DAYS:]


def _counted(activity: Activity, one: Occurrence) -> TookPart:
    day = day_of_name(one.name)
    head = head_of(activity)
    guests = {
        guest.row.person_id: guest.part
        for guest in guest_list(head, day).guests
        if guest.row.session_id == activity.id
    }
    present = _present(activity, day)
    ticked = any(row.how == "ticked" for row in present)
    there = {row.person_id for row in present}
    yes = {person for person, part in guests.items() if part == "yes"}
    return TookPart(
        activity=activity,
        day=day,
        starts_at=one.starts_at,
        invited=len(guests),
        said_yes=len(yes),
        there=len(there & guests.keys()),
        perhaps=0 if ticked else len(yes - there),
        uninvited=len(there - guests.keys()),
        is_recorded=bool(present),
    )


def _present(activity: Activity, day: str) -> Sequence[Attendance]:
    return db.session.scalars(
        select(Attendance).where(
            Attendance.activity_id == activity.id, Attendance.occurrence == day
        )
    ).all()
