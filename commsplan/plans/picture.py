"""A plan as a picture: the rows of its timeline, and the weeks they span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from commsplan.foundation.dates import local_to_utc, utc_to_local
from commsplan.plans import words
from commsplan.plans.happenings import Happening, spread
from commsplan.plans.models import Activity, Plan

WEEKS_AHEAD = 13
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
    more: tuple[date, ...] = ()
    """The days on which it happens again."""


@dataclass(frozen=True)
class Picture:
    """Everything the timeline's macro asks for."""

    rows: list[Row]
    start: date
    end: date
    """Exclusive."""
    today: date


def picture_of(plan: Plan, activities: Iterable[Activity], zone: str, now: datetime) -> Picture:
    """Draw activities by the days of a zone, over whole weeks; a series is one row."""
    until = shown_until(plan, now)
    rows = [_row(plan, activity, zone, now, until) for activity in activities]
    today = utc_to_local(now, zone).date()
    days = [row.start for row in rows] + [row.end for row in rows if row.end]
    days += [day for row in rows for day in row.more]
    days += [day for day in (plan.starts_on, plan.ends_on) if day]
    first = min(days, default=today)
    last = max(days, default=today)
    start = first - timedelta(days=first.weekday())
    end = max(last + timedelta(days=7 - last.weekday()), start + timedelta(weeks=LEAST_WEEKS))
    return Picture(rows, start, end, today)


def shown_until(plan: Plan, now: datetime) -> datetime:
    """Return how far a plan's pages show what repeats: to its end, and a quarter ahead."""
    ahead = now + timedelta(weeks=WEEKS_AHEAD)
    if plan.ends_on is None:
        return ahead
    return max(ahead, local_to_utc(datetime.combine(plan.ends_on, time.max), plan.zone))


def state_in_words(activity: Activity | Happening, now: datetime) -> str:
    """Say where an activity stands: over without a word counts as such."""
    if is_overdue(activity, now):
        return str(_("Over, not marked as done"))
    return str(words.ACTIVITY_STATUSES[activity.status])


def is_overdue(activity: Activity | Happening, now: datetime) -> bool:
    """Tell whether an activity is over and nobody said how it went; a series when all of it is."""
    whole = activity.activity if isinstance(activity, Happening) else activity
    return (
        activity.status in {"planned", "confirmed"}
        and whole.ends_at <= now
        and whole.starts_at < now
    )


def _row(plan: Plan, activity: Activity, zone: str, now: datetime, until: datetime) -> Row:
    shown = [one for one in spread([activity], until) if not one.occurrence.cancelled]
    days = [words.first_day(one, zone) for one in shown] or [words.first_day(activity, zone)]
    last = words.last_day(shown[0] if shown else activity, zone)
    return Row(
        label=activity.title,
        kind=str(words.KINDS[activity.kind]),
        start=days[0],
        end=last if last > days[0] else None,
        href=f"/plans/{plan.id}/activities/{activity.id}",
        plan_class=f"plan-{plan.colour}",
        status=_drawn_as(activity, plan, now),
        state=state_in_words(activity, now),
        more=tuple(days[1:]),
    )


def _drawn_as(activity: Activity, plan: Plan, now: datetime) -> str:
    if activity.status == "done":
        return "done"
    if activity.status == "cancelled" or plan.status == "draft":
        return "draft"
    return "late" if is_overdue(activity, now) and plan.status == "active" else "planned"
