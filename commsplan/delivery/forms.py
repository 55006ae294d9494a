"""What a person wants of a send, read from a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _

from commsplan.delivery.hours import QuietHours, local_moments
from commsplan.delivery.timing import PLAIN, Timing
from commsplan.delivery.timing_form import read_timing
from commsplan.foundation.dates import ZONES
from commsplan.foundation.errors import Unusable

FURTHEST = timedelta(days=730)


@dataclass(frozen=True)
class ScheduleWish:
    """When a message is to go out."""

    due_at: datetime
    timing: Timing = PLAIN


def read_schedule(
    form: Mapping[str, str],
    now: datetime,
    zones: Collection[str] = (),
    usual: QuietHours | None = None,
) -> Unusable | ScheduleWish:
    """Read "now", or a day and a time that lie ahead, in a zone or on every reader's own clock.

    Args:
        form: what was sent.
        now: the present moment.
        zones: where the readers are.
        usual: the organisation's quiet hours.
    """
    problems: dict[str, str] = {}
    due_at, local_time = now, None
    match form.get("when"):
        case "now":
            if form.get("local"):
                problems["local"] = _("Local time needs “later”, and an hour.")
        case "later":
            due_at, local_time = _read_moment(form, now, zones, problems)
        case _:
            problems["when"] = _("Say whether it goes out now or later.")
    timing, more = read_timing(form, usual, local_time)
    if timing.valid_until and timing.valid_until <= due_at:
        more["valid"] = _("It would be outdated before it goes out.")
    if problems or more:
        return Unusable({**problems, **more}, dict(form))
    return ScheduleWish(due_at, timing)


def _read_moment(
    form: Mapping[str, str], now: datetime, zones: Collection[str], problems: dict[str, str]
) -> tuple[datetime, datetime | None]:
    """Return when it starts, and the hour on the readers' clocks if that is what was meant.

    Local time starts where that hour comes first; it has passed when it has passed for everybody.
    """
    zone, is_local = form.get("due_zone", ""), bool(form.get("local"))
    try:
        wall = datetime.fromisoformat(f"{form.get('due_date', '')}T{form.get('due_time', '')}")
    except ValueError:
        problems["due"] = _("Give a date and a time, as 2026-10-06 and 09:00.")
        return now, None
    if zone not in ZONES or wall.tzinfo is not None:
        problems["due"] = _("Choose the time zone this time is meant in.")
        return now, None
    if not now - FURTHEST < wall.replace(tzinfo=UTC) < now + FURTHEST:
        ahead = wall.replace(tzinfo=UTC) > now
        passed = _("This moment has passed already.")
        problems["due"] = _("That is more than two years ahead.") if ahead else passed
        return now, None
    moments = local_moments(wall, zones if is_local and zones else [zone]).values()
    if max(moments) <= now:
        problems["due"] = _("This moment has passed already.")
    return max(min(moments), now), wall if is_local else None


@dataclass(frozen=True)
class Resolution:
    """What became of doubtful copies, as a person says."""

    arrived: bool
    delivery_id: int | None
    """One copy, or None for every doubtful one of the send."""


def read_resolution(form: Mapping[str, str]) -> Unusable | Resolution:
    """Read "it arrived" or "send again", for one copy or for all."""
    verdict, which = form.get("verdict", ""), form.get("copy", "all")
    if verdict not in ("arrived", "again") or not (which == "all" or which.isdecimal()):
        return Unusable({"verdict": _("Say whether it arrived.")}, dict(form))
    return Resolution(verdict == "arrived", None if which == "all" else int(which))
