"""What changed of an activity, in a reader's words and zone: when it is now, when it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.foundation.dates import (
    RECIPIENTS_ZONE,
    local_to_utc,
    show_day,
    show_moment,
    show_wall,
)
from commsplan.plans.models import Activity, ActivityException, PlanChange
from commsplan.plans.placing import series_of
from commsplan.plans.series import name_of, occurrence
from commsplan.plans.words import when

SAME_MOMENT = timedelta(seconds=5)  # between an activity's revision and the line of its history


@dataclass(frozen=True)
class Told:
    """One change, told to one reader."""

    when: str
    """When it is now; of a cancelled one, when it would have been."""
    before: str
    """When it was; empty where the time did not change or is not known."""
    is_off: bool


def told(activity: Activity, zone: str) -> Told:
    """Say what the last visible change of an activity, or of one of a series, came to."""
    off = activity.removed_at is not None or activity.status == "cancelled"
    changed = [one for one in activity.exceptions if one.sequence == activity.sequence]
    if changed and not off:
        return _of_one(activity, changed[-1], zone)
    return Told(when(activity, zone), "" if off else _before(activity, zone), off)


def _of_one(activity: Activity, exception: ActivityException, zone: str) -> Told:
    key = exception.occurrence_local
    name = name_of(key, all_day=activity.all_day)
    now = occurrence(series_of(activity, zone), name)
    then = _shown(key, activity.zone, zone, all_day=activity.all_day)
    if now is None or now.cancelled:
        return Told(then, "", True)
    starts = _shown(now.starts_local, activity.zone, zone, all_day=activity.all_day)
    return Told(starts, "" if starts == then else then, False)


def _before(activity: Activity, zone: str) -> str:
    """Return when it was, from the history line of its last revision."""
    change = db.session.scalars(
        select(PlanChange)
        .where(
            PlanChange.thing == "activity",
            PlanChange.thing_id == activity.id,
            PlanChange.at >= activity.revised_at - SAME_MOMENT,
        )
        .order_by(PlanChange.id.desc())
    ).first()
    if change is None or "starts_local" not in change.before:
        return ""
    wall = datetime.fromisoformat(str(change.before["starts_local"]))
    own = str(change.before.get("zone", activity.zone))
    return _shown(wall, own, zone, all_day=bool(change.before.get("all_day", activity.all_day)))


def _shown(wall: datetime, own: str, zone: str, *, all_day: bool) -> str:
    if all_day:
        return show_day(wall.date())
    if own == RECIPIENTS_ZONE:
        return show_wall(wall)
    return show_moment(local_to_utc(wall, own), zone)
