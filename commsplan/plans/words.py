"""How plans are spoken of: kinds, states and times in the reader's words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import format_decimal, lazy_gettext
from flask_babel import gettext as _

from commsplan.foundation.dates import (
    RECIPIENTS_ZONE,
    city,
    local_to_utc,
    show_day,
    show_moment,
    show_wall,
    utc_to_local,
)
from commsplan.plans.happenings import Happening
from commsplan.plans.models import Activity
from commsplan.plans.rules import Standing

Timed = Activity | Happening
"""Something whose time is told; of a series the first one."""

KINDS = {
    "announcement": lazy_gettext("Announcement"),
    "meeting": lazy_gettext("Meeting"),
    "chat": lazy_gettext("Chat post"),
    "training": lazy_gettext("Training"),
    "survey": lazy_gettext("Survey"),
    "deadline": lazy_gettext("Deadline"),
}
KIND_ICONS = {
    "announcement": "mail",
    "meeting": "meeting",
    "chat": "chat",
    "training": "training",
    "survey": "survey",
    "deadline": "deadline",
}
STATUSES = {
    "draft": lazy_gettext("Draft"),
    "active": lazy_gettext("Active"),
    "done": lazy_gettext("Done"),
    "archived": lazy_gettext("Archived"),
}
STATUS_KINDS = {"draft": "neutral", "active": "info", "done": "good", "archived": "neutral"}
STATUS_ICONS = {"draft": "draft", "active": "calendar", "done": "check", "archived": "lock"}
ACTIVITY_STATUSES = {
    "planned": lazy_gettext("Planned"),
    "confirmed": lazy_gettext("Confirmed"),
    "done": lazy_gettext("Done"),
    "cancelled": lazy_gettext("Cancelled"),
}
ACTIVITY_STATUS_KINDS = {
    "planned": "neutral",
    "confirmed": "info",
    "done": "good",
    "cancelled": "bad",
}
STANDINGS = {
    Standing.REACHED: lazy_gettext("Reached"),
    Standing.ON_TRACK: lazy_gettext("On track"),
    Standing.BEHIND: lazy_gettext("Behind"),
    Standing.UNMEASURED: lazy_gettext("No measurement yet"),
}
STANDING_KINDS = {
    Standing.REACHED: "good",
    Standing.ON_TRACK: "good",
    Standing.BEHIND: "warn",
    Standing.UNMEASURED: "neutral",
}
COLOURS = {
    "teal": lazy_gettext("Teal"),
    "blue": lazy_gettext("Blue"),
    "indigo": lazy_gettext("Indigo"),
    "violet": lazy_gettext("Violet"),
    "pink": lazy_gettext("Pink"),
    "red": lazy_gettext("Red"),
    "orange": lazy_gettext("Orange"),
    "amber": lazy_gettext("Amber"),
    "lime": lazy_gettext("Lime"),
    "green": lazy_gettext("Green"),
    "slate": lazy_gettext("Slate"),
    "brown": lazy_gettext("Brown"),
}


def first_day(activity: Timed, zone: str) -> date:
    """Return the day on which an activity begins for somebody in a zone."""
    if activity.all_day or activity.zone == RECIPIENTS_ZONE:
        return activity.starts_local.date()
    return utc_to_local(activity.starts_at, zone).date()


def last_day(activity: Timed, zone: str) -> date:
    """Return the last day of an activity, inclusive; ending at midnight is the day before."""
    if activity.all_day or activity.zone == RECIPIENTS_ZONE:
        return activity.ends_local.date()
    ends_at = _ends_at(activity)
    if ends_at <= activity.starts_at:
        return first_day(activity, zone)
    return utc_to_local(ends_at - timedelta(microseconds=1), zone).date()


def wall_start(activity: Timed, zone: str) -> datetime:
    """Return what a clock in the zone shows at the start; each reader's own time stays itself."""
    if activity.all_day or activity.zone == RECIPIENTS_ZONE:
        return activity.starts_local
    return utc_to_local(activity.starts_at, zone)


def when(activity: Timed, zone: str) -> str:
    """Say when an activity happens: "Tue 24 Nov, 09:00–10:30 (Berlin)"."""
    if activity.all_day:
        return _days(activity.starts_local.date(), activity.ends_local.date())
    starts, ends = wall_start(activity, zone), _wall_end(activity, zone)
    place = _("each reader’s own time") if activity.zone == RECIPIENTS_ZONE else city(zone)
    if ends <= starts:
        return f"{show_wall(starts)} ({place})"
    if ends.date() == starts.date():
        return f"{show_wall(starts)}–{ends:%H:%M} ({place})"
    return f"{show_wall(starts)} – {show_wall(ends)} ({place})"


def begins(activity: Timed, zone: str) -> str:
    """Say when an activity begins, in a few words for the middle of a sentence."""
    if activity.all_day:
        return show_day(activity.starts_local.date())
    if activity.zone == RECIPIENTS_ZONE:
        return show_wall(activity.starts_local)
    return show_moment(activity.starts_at, zone)


def hour(activity: Timed, zone: str) -> str:
    """Return the time of day at which an activity begins, empty for whole days."""
    return "" if activity.all_day else f"{wall_start(activity, zone):%H:%M}"


def figure(value: float, unit: str = "") -> str:
    """Write a figure as people do: 4812 → "4,812", 0.5 → "0.5", with its unit."""
    words = str(format_decimal(round(value, 2)))
    if not unit:
        return words
    return f"{words}{unit}" if unit.startswith("%") else f"{words} {unit}"


def _wall_end(activity: Timed, zone: str) -> datetime:
    if activity.zone == RECIPIENTS_ZONE:
        return activity.ends_local
    return utc_to_local(_ends_at(activity), zone)


def _ends_at(activity: Timed) -> datetime:
    """Return when it is over; of a series the first one, for `ends_at` is the end of the last."""
    return local_to_utc(activity.ends_local, activity.zone)


def _days(first: date, last: date) -> str:
    return show_day(first) if last <= first else f"{show_day(first)} – {show_day(last)}"
