"""A plan as a picture: the rows of its timeline, and the weeks they span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from commsplan.foundation.dates import utc_to_local
from commsplan.plans import words
from commsplan.plans.models import Activity, Plan

LEAST_WEEKS = 4  # a picture of one week would be all label


@dataclass(frozen=True)
class Row:
    """One activity in the picture."""

    label: str
    kind: str
    start: date
    end: date | None
    """The last day, inclusive; None for one day."""
    href: str
    plan_class: str
    status: str
    """planned, done, draft or late: how it is drawn."""
    state: str
    """The same in words."""


@dataclass(frozen=True)
class Picture:
    """Everything the timeline's macro asks for."""

    rows: list[Row]
    start: date
    end: date
    """Exclusive."""
    today: date


def picture_of(plan: Plan, activities: Iterable[Activity], zone: str, now: datetime) -> Picture:
    """Draw activities by the days of a zone, over whole weeks."""
    rows = [_row(plan, activity, zone, now) for activity in activities]
    today = utc_to_local(now, zone).date()
    days = [row.start for row in rows] + [row.end for row in rows if row.end]
    days += [day for day in (plan.starts_on, plan.ends_on) if day]
    first = min(days, default=today)
    last = max(days, default=today)
    start = first - timedelta(days=first.weekday())
    end = max(last + timedelta(days=7 - last.weekday()), start + timedelta(weeks=LEAST_WEEKS))
    return Picture(rows, start, end, today)


def state_in_words(activity: Activity, now: datetime) -> str:
    """Say where an activity stands: over without a word counts as such."""
    if is_overdue(activity, now):
        return str(_("Over, not marked as done"))
    return str(words.ACTIVITY_STATUSES[activity.status])


def is_overdue(activity: Activity, now: datetime) -> bool:
    """Tell whether an activity is over and nobody said how it went."""
    return (
        activity.status in {"planned", "confirmed"}
        and activity.ends_at <= now
        and activity.starts_at < now
    )


def _row(plan: Plan, activity: Activity, zone: str, now: datetime) -> Row:
    first, last = words.first_day(activity, zone), words.last_day(activity, zone)
    return Row(
        label=activity.title,
        kind=str(words.KINDS[activity.kind]),
        start=first,
        end=last if last > first else None,
        href=f"/plans/{plan.id}/activities/{activity.id}",
        plan_class=f"plan-{plan.colour}",
        status=_drawn_as(activity, plan, now),
        state=state_in_words(activity, now),
    )


def _drawn_as(activity: Activity, plan: Plan, now: datetime) -> str:
    if activity.status == "done":
        return "done"
    if activity.status == "cancelled" or plan.status == "draft":
        return "draft"
    return "late" if is_overdue(activity, now) and plan.status == "active" else "planned"
