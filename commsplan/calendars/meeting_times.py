"""When a meeting is: the whole of it, one day of a series, and the digests that tell a change.

In the tables of invitations one day of a series is "20261006" whatever its hour, because no rule of
ours has two on one day, and what people said of a day holds when the series moves to another hour.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from commsplan.foundation.clock import now_utc
from commsplan.plans.models import Activity
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence, occurrence, occurrences

AHEAD = timedelta(days=400)
"""So far a series is looked ahead: a yearly one has its next in it."""
SHOWN = 30  # days of a series that are offered for an answer of their own
CANCELLED, WITHDRAWN = "cancelled", "withdrawn"
"""Stand where a digest would."""
PART = 12  # hexadecimal digits of each half of a digest


def day_of_name(name: str) -> str:
    """Return the day in a recurrence-id: "20261006" of "20261006T0900"."""
    return name[:8]


def event_key(activity_id: int, day: str = "") -> str:
    """Return how an event is named in `Invitation.told`."""
    return f"{activity_id}/{day}"


def is_off(activity: Activity) -> bool:
    """Tell whether an activity does not take place as a whole."""
    return activity.removed_at is not None or activity.status == "cancelled"


def found(activity: Activity, day: str, zone: str = "") -> Occurrence | None:
    """Return one day of a series, or what happens once; None where there is none.

    Args:
        zone: whose wall clock, for what is in each reader's own time.
    """
    return occurrence(series_of(activity, zone), day)


def undeparted(activity: Activity, day: str) -> Occurrence | None:
    """Return one day as the series itself has it, whatever was said of it alone."""
    return occurrence(replace(series_of(activity), departures=()), day)


def coming(activity: Activity, zone: str = "", most: int = SHOWN) -> list[Occurrence]:
    """Return the days of a series that are not over, the soonest first; of a single one, itself."""
    now = now_utc()
    if not activity.recurrence:
        single = found(activity, "", zone)
        return [single] if single and single.ends_at > now else []
    return occurrences(series_of(activity, zone), now, now + AHEAD)[:most]


def next_of(activity: Activity, day: str = "", zone: str = "") -> Occurrence | None:
    """Return what an invitation is about: the named day, or of a series the next that happens."""
    if day or not activity.recurrence:
        return found(activity, day, zone)
    return next((one for one in coming(activity, zone) if not one.cancelled), None)


def ends_at(activity: Activity, day: str) -> datetime:
    """Return when an event is over; of a whole series its last day's end."""
    one = found(activity, day) if day or not activity.recurrence else None
    return one.ends_at if one else activity.ends_at


def digests(activity: Activity) -> dict[str, str]:
    """Return what invited people have to know of each event, as digests by event key.

    The whole stands under its own key; a day that departs from the series under its own. The first
    half of a digest is about time, so that a move can be told from another room.
    """
    if is_off(activity):
        return {event_key(activity.id): CANCELLED}
    whole = (activity.zone, activity.all_day, activity.recurrence)
    when = (activity.starts_local.isoformat(), activity.ends_local.isoformat(), *whole)
    known = {event_key(activity.id): _digest(when, _what(activity, None))}
    series = series_of(activity)
    for departure in series.departures:
        day = f"{departure.key:%Y%m%d}"
        one = occurrence(series, day)
        if one is not None:
            key = event_key(activity.id, day)
            known[key] = CANCELLED if one.cancelled else day_digest(activity, one)
    return known


def day_digest(activity: Activity, one: Occurrence) -> str:
    """Return the digest of one day of a series."""
    when = (one.starts_local.isoformat(), one.ends_local.isoformat(), activity.zone)
    return _digest(when, _what(activity, one))


def is_moved(before: str, after: str) -> bool:
    """Tell whether two digests differ in time, so that everybody has to be asked again."""
    return before.partition(".")[0] != after.partition(".")[0]


def title_of(activity: Activity, one: Occurrence | None) -> str:
    """Return what an event is called: a day's own title, or the series'."""
    return (one.title if one else "") or activity.title


def place_of(activity: Activity, one: Occurrence | None) -> str:
    """Return where an event is."""
    return (one.place if one else "") or activity.place


def conference_of(activity: Activity, one: Occurrence | None) -> str:
    """Return the address to join an event at."""
    return (one.conference if one else "") or activity.conference


def _what(activity: Activity, one: Occurrence | None) -> tuple[str, str, str]:
    return title_of(activity, one), place_of(activity, one), conference_of(activity, one)


def _digest(when: tuple[object, ...], what: tuple[object, ...]) -> str:
    halves = (hashlib.sha256(repr(half).encode()).hexdigest()[:PART] for half in (when, what))
    return ".".join(halves)
