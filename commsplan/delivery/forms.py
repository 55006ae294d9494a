"""What a person wants of a send, read from a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from commsplan.foundation.dates import ZONES, local_to_utc
from commsplan.foundation.errors import Unusable

FURTHEST = timedelta(days=730)


@dataclass(frozen=True)
class ScheduleWish:
    """When a message is to go out."""

    due_at: datetime


def read_schedule(form: Mapping[str, str], now: datetime) -> Unusable | ScheduleWish:
    """Read "now", or a day, a time and a zone that lie ahead."""
    match form.get("when"):
        case "now":
            return ScheduleWish(now)
        case "later":
            return _read_moment(form, now)
        case _:
            return Unusable({"when": _("Say whether it goes out now or later.")}, dict(form))


def _read_moment(form: Mapping[str, str], now: datetime) -> Unusable | ScheduleWish:
    zone = form.get("due_zone", "")
    try:
        wall = datetime.fromisoformat(f"{form.get('due_date', '')}T{form.get('due_time', '')}")
    except ValueError:
        return Unusable({"due": _("Give a date and a time, as 2026-10-06 and 09:00.")}, dict(form))
    if zone not in ZONES or wall.tzinfo is not None:
        return Unusable({"due": _("Choose the time zone this time is meant in.")}, dict(form))
    due_at = local_to_utc(wall, zone)
    if due_at <= now:
        return Unusable({"due": _("This moment has passed already.")}, dict(form))
    if due_at > now + FURTHEST:
        return Unusable({"due": _("That is more than two years ahead.")}, dict(form))
    return ScheduleWish(due_at)


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
