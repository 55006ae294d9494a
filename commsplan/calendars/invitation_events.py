"""The calendar part of a mail about a meeting: one person's REQUEST, CANCEL or DECLINECOUNTER.

A series that no rule of ours can express in its zone (see repeating.py) is one event in UTC with
its days listed (RDATE), because a REQUEST is about one UID (RFC 5546 §3.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from flask_babel import gettext as _

from commsplan.calendars.ics import Event, Moment, event_bytes, zone_bytes
from commsplan.calendars.itip import Party, scheduling
from commsplan.calendars.meeting_times import conference_of, found, place_of, title_of
from commsplan.calendars.repeating import Clock, events_of_series, horizon_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import local_to_utc
from commsplan.plans.models import Activity
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence, day_of, instants
from commsplan.plans.words import KINDS

SOMETIME = datetime(1970, 1, 1, tzinfo=UTC)  # replaced where the times are set


@dataclass(frozen=True)
class Scheduling:
    """What a calendar part says, and to whom."""

    method: str
    """REQUEST, CANCEL or DECLINECOUNTER."""
    activity: Activity
    day: str
    """Which day of a series; empty for the whole."""
    party: Party
    sequence: int
    stamp: datetime
    zone: str
    """The reader's: for what is in each reader's own time."""
    url: str
    """Where they answer."""
    for_everybody: bool = True
    """A cancellation of the event itself; otherwise only this person is no longer invited, and
    STATUS must not be there (RFC 5546 §3.2.5)."""
    comment: str = ""


def calendar_part(wanted: Scheduling) -> bytes:
    """Return the calendar part of a mail."""
    if wanted.method == "DECLINECOUNTER":
        events: tuple[tuple[Event, tuple[str, ...]], ...] = ((_pointer(wanted), ()),)
        lines = [_only(_lines(events[0][0]), ("BEGIN", "END", "UID", "SEQUENCE", "RECURRENCE-ID"))]
    else:
        events = _events(wanted)
        lines = [_with(_lines(event), more, wanted) for event, more in events]
    zones = sorted({event.zone for event, _more in events if event.zone})
    return scheduling(
        wanted.method,
        lines,
        wanted.party,
        wanted.stamp,
        zones=[line for zone in zones for line in _unfolded(zone_bytes(zone))],
        comment=wanted.comment,
    )


def _events(wanted: Scheduling) -> tuple[tuple[Event, tuple[str, ...]], ...]:
    """Return the events, each with further lines of its own."""
    if wanted.day or wanted.method == "CANCEL":
        return ((_pointer(wanted), ()),)
    written = _whole(wanted)
    if len(written) < 2 or written[0].rule:
        return tuple((event, ()) for event in written) or ((_pointer(wanted), ()),)
    days = tuple(f"RDATE:{_utc(event.starts):%Y%m%dT%H%M%SZ}" for event in written[1:])
    return ((replace(written[0], uid=wanted.activity.uid), days),)


def _whole(wanted: Scheduling) -> tuple[Event, ...]:
    series = series_of(wanted.activity, wanted.zone)
    horizon = horizon_of(now_utc().date())
    return events_of_series(series, lambda one: _told(wanted, one), horizon)


def _pointer(wanted: Scheduling) -> Event:
    """Return the one event that a mail about a day, or a cancellation, is about."""
    activity, series = wanted.activity, series_of(wanted.activity, wanted.zone)
    one = found(activity, wanted.day, wanted.zone) or _as_it_was(wanted)
    clock = Clock(series.zone, series.all_day, False)
    in_zone = bool(series.rule) and _is_by_rule(wanted)
    if series.all_day or in_zone:
        starts, ends = clock.span(one)
        zone, key = clock.tzid, clock.point(one.key)
    else:
        starts, ends, zone, key = one.starts_at, one.ends_at, "", local_to_utc(one.key, series.zone)
    event = replace(_told(wanted, one), starts=starts, ends=max(starts, ends), zone=zone)
    return replace(event, recurrence_id=key) if wanted.day else event


def _is_by_rule(wanted: Scheduling) -> bool:
    written = _whole(wanted)
    return not written or bool(written[0].rule)


def _as_it_was(wanted: Scheduling) -> Occurrence:
    """Return a day that the series does not have any more, or the series' own beginning."""
    series = series_of(wanted.activity, wanted.zone)
    day, starts = day_of(wanted.day), series.starts_local
    if day is not None:
        starts = datetime.combine(day, time() if series.all_day else starts.time())
    ends = starts + (series.ends_local - series.starts_local)
    starts_at, ends_at = instants(starts, ends, series.zone, all_day=series.all_day)
    return Occurrence(wanted.day, starts, starts, ends, starts_at, ends_at, series.all_day)


def _told(wanted: Scheduling, one: Occurrence) -> Event:
    activity = wanted.activity
    off = wanted.method == "CANCEL"
    conference = conference_of(activity, one)
    return Event(
        uid=activity.uid,
        revised=wanted.stamp,
        sequence=wanted.sequence,
        summary=title_of(activity, one),
        starts=SOMETIME,
        ends=SOMETIME,
        description="" if off else _description(wanted, conference),
        location=place_of(activity, one),
        url=wanted.url,
        categories=(str(KINDS[activity.kind]),),
        status="CANCELLED" if off else "CONFIRMED",
        busy=not off,
        conference="" if off else conference,
    )


def _description(wanted: Scheduling, conference: str) -> str:
    activity = wanted.activity
    parts = [
        activity.key_message,
        _("Join: %(address)s", address=conference) if conference else "",
        _("Answer here: %(address)s", address=wanted.url),
    ]
    return "\n".join(filter(None, parts))


def _lines(event: Event) -> list[str]:
    return list(_unfolded(event_bytes(event)))


def _unfolded(raw: bytes) -> Iterator[str]:
    text = raw.decode("utf-8").replace("\r\n ", "")
    return (line for line in text.split("\r\n") if line)


def _with(lines: list[str], more: tuple[str, ...], wanted: Scheduling) -> list[str]:
    """Put further lines behind the start; leave out a STATUS that must not be there."""
    if wanted.method == "CANCEL" and not wanted.for_everybody:
        lines = [line for line in lines if not line.startswith("STATUS:")]
    end = lines.index("END:VEVENT")
    return [*lines[:end], *more, *lines[end:]]


def _only(lines: list[str], names: tuple[str, ...]) -> list[str]:
    return [line for line in lines if line.startswith(names)]


def _utc(moment: Moment) -> datetime:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError("A series that became single events has instants.")
    return moment.astimezone(UTC)
