"""What a calendar says of an activity: in full, as far as it concerns its reader, or only "busy".

Texts are in the language that is being spoken; who keeps the bytes keeps them by language.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from flask_babel import gettext as _

from commsplan.calendars.ics import Event
from commsplan.calendars.repeating import events_of_series
from commsplan.calendars.rules import BUSY_KINDS
from commsplan.foundation.addresses import absolute
from commsplan.foundation.dates import RECIPIENTS_ZONE
from commsplan.plans.models import Activity
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence
from commsplan.plans.words import KINDS

SOMETIME = date(1970, 1, 1)  # replaced where the times are set


class View(StrEnum):
    """How much of an activity its reader may know."""

    WHOLE = "whole"
    """They may read the plan; links lead there."""
    ADDRESSED = "addressed"
    """It concerns them; links lead to their own page."""
    OPEN = "open"
    """Everybody may know what, when and where, but neither the way in nor names."""
    BUSY = "busy"
    """That the time is taken, nothing else."""


def events_of(
    activity: Activity, own_zone: str, view: View, horizon: datetime, *, names_plan: bool = False
) -> tuple[Event, ...]:
    """Return an activity as events: one, or a series with what departs from it.

    Args:
        own_zone: where each reader's own time is; empty for a calendar that many read, in which
            it stays without a zone.
        horizon: see calendars/repeating.py.
        names_plan: the calendar holds several plans, so each event says to which it belongs.

    Returns:
        Nothing where nobody is busy and no more may be told.
    """
    if view is View.BUSY and activity.kind not in BUSY_KINDS:
        return ()
    floating = activity.zone == RECIPIENTS_ZONE and not own_zone
    tell = _busy if view is View.BUSY else _told
    events = events_of_series(
        series_of(activity, own_zone),
        lambda one: tell(activity, one, view),
        horizon,
        floating=floating,
    )
    if not names_plan or view is View.BUSY:
        return events
    plan = activity.plan.title
    return tuple(replace(event, categories=(plan, *event.categories)) for event in events)


def _busy(activity: Activity, _one: Occurrence, _view: View) -> Event:
    off = _is_off(activity)
    return Event(
        uid=activity.uid,
        revised=activity.revised_at,
        created=activity.created_at,
        sequence=activity.sequence,
        summary=_("No longer busy") if off else _("Busy"),
        starts=SOMETIME,
        ends=SOMETIME,
        status="CANCELLED" if off else "CONFIRMED",
        busy=not off,
        visibility="PRIVATE",
    )


def _told(activity: Activity, one: Occurrence, view: View) -> Event:
    off = _is_off(activity)
    url = _url(activity, one, view)
    title, conference = one.title or activity.title, one.conference or activity.conference
    if view is View.OPEN:
        conference = ""
    return Event(
        uid=activity.uid,
        revised=activity.revised_at,
        created=activity.created_at,
        sequence=activity.sequence,
        summary=_("CANCELLED: %(title)s", title=title) if off else title,
        starts=SOMETIME,
        ends=SOMETIME,
        description=_description(activity, conference, url, view),
        location=one.place or activity.place,
        url=url,
        categories=(str(KINDS[activity.kind]),),
        status=_status(one.status or activity.status, off),
        busy=activity.kind in BUSY_KINDS and not off,
        conference="" if off else conference,
    )


def _is_off(activity: Activity) -> bool:
    return activity.removed_at is not None or activity.status == "cancelled"


def _status(status: str, off: bool) -> str:
    if off:
        return "CANCELLED"
    return "TENTATIVE" if status == "planned" else "CONFIRMED"


def _url(activity: Activity, one: Occurrence, view: View) -> str:
    if view is not View.WHOLE:
        which = f"-{one.name}" if one.name else ""
        return absolute(f"/me#activity-{activity.id}{which}")
    which = f"#occurrence-{one.name}" if one.name else ""
    return absolute(f"/plans/{activity.plan_id}/activities/{activity.id}{which}")


def _description(activity: Activity, conference: str, url: str, view: View) -> str:
    owner = activity.owner.name if activity.owner else activity.owner_text
    if view is View.OPEN:
        owner = ""
    parts = [
        activity.key_message,
        _("How: %(mechanism)s", mechanism=activity.mechanism) if activity.mechanism else "",
        _("Join: %(address)s", address=conference) if conference else "",
        _("Ask: %(owner)s", owner=owner) if owner else "",
        url,
    ]
    return "\n".join(filter(None, parts))
