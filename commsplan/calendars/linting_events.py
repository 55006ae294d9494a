"""Does an event hold together, and does a series with what departs from it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from dateutil.parser import isoparse
from dateutil.rrule import rrulestr

from commsplan.calendars.content_lines import Component, Line

ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY")
AT_MOST_ONCE = (
    *("DTEND", "DURATION", "SEQUENCE", "STATUS", "TRANSP", "CLASS", "CREATED", "LAST-MODIFIED"),
    *("DESCRIPTION", "LOCATION", "URL", "RRULE", "RECURRENCE-ID", "ORGANIZER", "COLOR"),
)
UNTIL = re.compile(r"(?:^|;)UNTIL=([^;]*)")

Fault = tuple[int, str]


def event_faults(event: Component) -> Iterator[Fault]:
    """Say what is wrong with one event."""
    for name in ONCE:
        if (count := len(event.all(name))) != 1:
            yield event.number, f"{name} stands there {count} times, not once"
    for name in AT_MOST_ONCE:
        if len(event.all(name)) > 1:
            yield event.number, f"{name} stands there more than once"
    yield from _span(event)
    yield from _rule(event)
    status, transparency = event.first("STATUS"), event.first("TRANSP")
    if (
        status
        and status.value == "CANCELLED"
        and (transparency is None or transparency.value != "TRANSPARENT")
    ):
        yield event.number, "cancelled and still busy"


def series_faults(events: list[Component]) -> Iterator[Fault]:
    """Say where events that share a UID do not fit together."""
    by_uid: dict[str, list[Component]] = {}
    for event in events:
        uid = event.first("UID")
        by_uid.setdefault(uid.value if uid else "", []).append(event)
    for shared in by_uid.values():
        yield from _shared(shared)


def _span(event: Component) -> Iterator[Fault]:
    starts, ends = event.first("DTSTART"), event.first("DTEND")
    if not starts or not ends:
        return
    if _shape(starts) != _shape(ends):
        yield ends.number, "DTEND is of another kind than DTSTART"
    elif ends.value <= starts.value:
        yield ends.number, f"it ends at {ends.value} and begins at {starts.value}"


def _rule(event: Component) -> Iterator[Fault]:
    rule, starts = event.first("RRULE"), event.first("DTSTART")
    if not rule or not starts:
        return
    until = UNTIL.search(rule.value)
    if until and not _fits(until[1], starts):
        yield rule.number, "UNTIL is of another kind than DTSTART: a date, a time, or UTC"
        return
    try:
        first = next(iter(rrulestr(_plain(rule.value), dtstart=_wall(starts))), None)
    except (ValueError, TypeError):
        yield rule.number, "RRULE cannot be read"
        return
    if first != _wall(starts):
        yield starts.number, "DTSTART does not fit RRULE, so programs differ on the first one"


def _shared(events: list[Component]) -> Iterator[Fault]:
    masters = [one for one in events if not one.first("RECURRENCE-ID")]
    if len(masters) > 1:
        yield masters[1].number, "a UID twice"
    names = [line.value for one in events for line in one.all("RECURRENCE-ID")]
    if len(names) != len(set(names)):
        yield events[0].number, "an occurrence twice"
    if len(masters) == 1 and (starts := masters[0].first("DTSTART")):
        yield from _departures(masters[0], starts, events)


def _departures(master: Component, starts: Line, events: list[Component]) -> Iterator[Fault]:
    points = master.all("EXDATE") + [line for one in events for line in one.all("RECURRENCE-ID")]
    for line in points:
        if _shape(line) != _shape(starts):
            yield line.number, f"{line.name} is of another kind or zone than DTSTART"
    for one in events:
        if _sequence(one) < _sequence(master):
            yield one.number, "an occurrence with a lower SEQUENCE than its series"
        if one is not master and not master.first("RRULE"):
            yield one.number, "an occurrence of what does not repeat"


def _sequence(event: Component) -> int:
    line = event.first("SEQUENCE")
    return int(line.value) if line and line.value.isascii() and line.value.isdigit() else 0


def _shape(line: Line) -> tuple[str, str, bool]:
    return line.kind, line.tzid, line.value.endswith("Z")


def _fits(until: str, starts: Line) -> bool:
    """RFC 5545 §3.3.10: as DTSTART, but in UTC where that has a zone."""
    if starts.kind == "DATE":
        return len(until) == len("20261006")
    return until.endswith("Z") == bool(starts.tzid or starts.value.endswith("Z"))


def _plain(rule: str) -> str:
    """Without its end, which dateutil wants in the zone of a start that has none here."""
    return UNTIL.sub("", rule).strip(";")


def _wall(starts: Line) -> datetime:
    return isoparse(starts.value).replace(tzinfo=None)
