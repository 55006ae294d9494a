"""An activity as an event of a calendar: in one reader's detail, language and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from commsplan.calendars.ics import Event, event_bytes
from commsplan.calendars.rules import BUSY_KINDS, SHORTEST, Detail
from commsplan.foundation.addresses import absolute
from commsplan.foundation.dates import RECIPIENTS_ZONE, local_to_utc
from commsplan.plans.models import Activity
from commsplan.plans.words import KINDS


@dataclass(frozen=True)
class Manner:
    """How an activity is written for a reader; the language is the page's."""

    detail: Detail
    zone: str
    """Where the reader lives: their own morning is there."""
    names_plan: bool = False
    """The calendar holds several plans, so each event says which one it belongs to."""


@dataclass(frozen=True)
class Written:
    """The lines of one activity, a series with all that departs from it, and the TZIDs in them."""

    body: bytes
    zones: frozenset[str] = frozenset()


def written(activity: Activity, manner: Manner) -> Written:
    """Write an activity down."""
    return Written(event_bytes(event_of(activity, manner)))


def event_of(activity: Activity, manner: Manner) -> Event:
    """Return an activity as an event."""
    cancelled = activity.removed_at is not None or activity.status == "cancelled"
    starts, ends = _when(activity, manner.zone)
    url = _url(activity, manner.detail)
    busy = manner.detail is Detail.BUSY
    plan = (activity.plan.title,) if manner.names_plan and not busy else ()
    joins = manner.detail in (Detail.WHOLE, Detail.MINE) and not cancelled
    return Event(
        uid=activity.uid,
        revised=activity.revised_at,
        created=activity.created_at,
        sequence=activity.sequence,
        summary=_summary(activity, cancelled, busy),
        starts=starts,
        ends=ends,
        description="" if busy else _description(activity, url, manner.detail),
        location="" if busy else activity.place,
        url=url,
        categories=(*plan, *(() if busy else (str(KINDS[activity.kind]),))),
        status=_status(activity, cancelled),
        busy=activity.kind in BUSY_KINDS and not cancelled,
        conference=activity.conference if joins else "",
    )


def _summary(activity: Activity, cancelled: bool, busy: bool) -> str:
    title = _("Busy") if busy else activity.title
    return _("CANCELLED: %(title)s", title=title) if cancelled else title


def _status(activity: Activity, cancelled: bool) -> str:
    if cancelled:
        return "CANCELLED"
    return "TENTATIVE" if activity.status == "planned" else "CONFIRMED"


def _when(activity: Activity, zone: str) -> tuple[date, date]:
    """Return start and exclusive end: dates for whole days, instants otherwise."""
    if activity.all_day:
        return activity.starts_local.date(), activity.ends_local.date() + timedelta(days=1)
    own = zone if activity.zone == RECIPIENTS_ZONE else activity.zone
    starts = local_to_utc(activity.starts_local, own)
    ends = local_to_utc(activity.ends_local, own)
    return starts, max(ends, starts + SHORTEST) if ends <= starts else ends


def _url(activity: Activity, detail: Detail) -> str:
    if detail is Detail.WHOLE:
        return absolute(f"/plans/{activity.plan_id}/activities/{activity.id}")
    return "" if detail is Detail.BUSY else absolute(f"/me#activity-{activity.id}")


def _description(activity: Activity, url: str, detail: Detail) -> str:
    owner = activity.owner.name if activity.owner else activity.owner_text
    parts = [
        activity.key_message,
        _("How: %(mechanism)s", mechanism=activity.mechanism) if activity.mechanism else "",
    ]
    if detail is not Detail.OPEN:
        join = _("Join: %(address)s", address=activity.conference) if activity.conference else ""
        parts += [join, _("Ask: %(owner)s", owner=owner) if owner else ""]
    return "\n".join(filter(None, [*parts, url]))
