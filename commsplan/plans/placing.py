"""An activity as a series: its rule, its zone, and what was said of single occurrences."""

from __future__ import annotations

from commsplan.foundation.dates import RECIPIENTS_ZONE
from commsplan.plans.models import Activity, ActivityException
from commsplan.plans.recurrence import parse
from commsplan.plans.series import Departure, Series


def series_of(activity: Activity, own_zone: str = "") -> Series:
    """Return an activity as something that happens once or repeatedly.

    Args:
        own_zone: where an activity in each reader's own time is placed; empty for the plan's zone.
    """
    is_own = activity.zone == RECIPIENTS_ZONE
    return Series(
        starts_local=activity.starts_local,
        ends_local=activity.ends_local,
        zone=(own_zone or activity.plan.zone) if is_own else activity.zone,
        all_day=activity.all_day,
        rule=parse(activity.recurrence) if activity.recurrence else None,
        departures=_departures(activity) if activity.recurrence else (),
    )


def _departures(activity: Activity) -> tuple[Departure, ...]:
    return tuple(_departure(one) for one in activity.exceptions)


def _departure(exception: ActivityException) -> Departure:
    return Departure(
        key=exception.occurrence_local,
        cancelled=exception.cancelled,
        starts_local=exception.starts_local,
        ends_local=exception.ends_local,
        title=exception.title,
        place=exception.place,
        conference=exception.conference,
        status=exception.status,
    )
