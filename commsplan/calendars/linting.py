"""What no validator catches and what made real calendar programs stumble: our own check.

It reads bytes and says what is wrong, line by line; nothing for a calendar that is right. It is
for what is handed out: a feed, or with a METHOD an invitation. See docs/decisions/0016.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from commsplan.calendars.content_lines import Component, Line, parsed, unfolded
from commsplan.calendars.linting_events import event_faults, series_faults
from commsplan.calendars.linting_values import value_faults

MAX_OCTETS = 75
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
ONLY_IN_INVITATIONS = frozenset({"ORGANIZER", "ATTENDEE"})
ZONE_TIME = re.compile(r"[0-9]{8}T[0-9]{6}")
ZONE_OFFSET = re.compile(r"[+-][0-9]{4}(?:[0-9]{2})?")


@dataclass(frozen=True, order=True)
class Complaint:
    """What is wrong, and in which line of the file it begins."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def complaints(raw: bytes) -> list[Complaint]:
    """Return everything that is wrong with a calendar, in the order of its lines."""
    found = [Complaint(*one) for one in _bytes(raw)]
    lines = [parsed(number, text.decode(errors="replace")) for number, text in unfolded(raw)]
    found += [Complaint(*one) for line in lines for one in _line(line)]
    root, faults = _tree(lines)
    found += [Complaint(*one) for one in faults]
    calendars = root.components("VCALENDAR")
    if len(calendars) != 1 or len(root.inside) != 1 or root.lines:
        found.append(Complaint(1, "exactly one VCALENDAR has to be around everything"))
    for calendar in calendars:
        found += [Complaint(*one) for one in _calendar(calendar)]
    return sorted(set(found))


def _bytes(raw: bytes) -> Iterator[tuple[int, str]]:
    if not raw.endswith(b"\r\n"):
        yield raw.count(b"\n") + 1, "the last line does not end in CRLF"
    if raw.startswith(b"\xef\xbb\xbf"):
        yield 1, "a byte order mark stands before the calendar"
    if b"\r" in raw.replace(b"\r\n", b"") or b"\n" in raw.replace(b"\r\n", b""):
        yield 1, "a line does not end in CRLF"
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > MAX_OCTETS:
            yield number, f"{len(line)} octets in a line; {MAX_OCTETS} fit"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield number, "no UTF-8: a character was cut in two, or it is another encoding"


def _line(line: Line) -> Iterator[tuple[int, str]]:
    if not line.name:
        yield line.number, f"no property: {line.value[:40]!r}"
        return
    if not line.value.strip():
        yield line.number, f"{line.name} is empty"
    if CONTROLS.search(line.value):
        yield line.number, f"{line.name} holds a control character"
    yield from ((line.number, fault) for fault in value_faults(line))


def _tree(lines: list[Line]) -> tuple[Component, list[tuple[int, str]]]:
    """Put the lines into their components; what ends without having begun is a fault."""
    root = Component("", 0)
    stack, faults = [root], []
    for line in lines:
        if line.name == "BEGIN":
            inner = Component(line.value.upper(), line.number)
            stack[-1].inside.append(inner)
            stack.append(inner)
        elif line.name == "END":
            if len(stack) == 1 or stack[-1].name != line.value.upper():
                faults.append((line.number, f"END:{line.value[:40]} ends nothing"))
            else:
                stack.pop()
        elif line.name:
            stack[-1].lines.append(line)
    faults += [(one.number, f"{one.name} does not end") for one in stack[1:]]
    return root, faults


def _calendar(calendar: Component) -> Iterator[tuple[int, str]]:
    head = [line.name for line in calendar.lines]
    if head[:1] != ["VERSION"]:
        yield calendar.number, "VERSION does not come first"
    for name in ("VERSION", "PRODID"):
        if head.count(name) != 1:
            yield calendar.number, f"{name} stands there {head.count(name)} times, not once"
    if "UID" in head:
        yield calendar.number, "a UID of the calendar makes vdirsyncer take it for one event"
    yield from _zones(calendar)
    events = calendar.components("VEVENT")
    if not events:
        yield calendar.number, "no event: vdirsyncer and strict readers refuse an empty calendar"
    if "METHOD" not in head:
        yield from _only_in_invitations(events)
    for event in events:
        yield from event_faults(event)
    yield from series_faults(events)


def _only_in_invitations(events: list[Component]) -> Iterator[tuple[int, str]]:
    for event in events:
        for line in event.lines:
            if line.name in ONLY_IN_INVITATIONS:
                yield line.number, f"{line.name} has no place in a feed"
        for inner in event.inside:
            yield inner.number, f"{inner.name} has no place in a feed"


def _zones(calendar: Component) -> Iterator[tuple[int, str]]:
    zones = calendar.components("VTIMEZONE")
    known = [line.value for zone in zones for line in zone.all("TZID")]
    used = {line.tzid: line for one in calendar.inside for line in one.lines if line.tzid}
    for tzid, line in used.items():
        if known.count(tzid) != 1:
            yield line.number, f"{known.count(tzid)} VTIMEZONEs for TZID {tzid}, not one"
    for zone in zones:
        phases = zone.components("STANDARD") + zone.components("DAYLIGHT")
        if not phases:
            yield zone.number, "a VTIMEZONE without STANDARD or DAYLIGHT"
        for phase in phases:
            yield from _phase(phase)


def _phase(phase: Component) -> Iterator[tuple[int, str]]:
    shapes = {"DTSTART": ZONE_TIME, "TZOFFSETFROM": ZONE_OFFSET, "TZOFFSETTO": ZONE_OFFSET}
    for name, shape in shapes.items():
        found = phase.all(name)
        if len(found) != 1 or not shape.fullmatch(found[0].value):
            yield phase.number, f"{phase.name} without one good {name}"
    for line in phase.all("RDATE"):
        if "," in line.value:
            yield line.number, "ical.js and Thunderbird read only the first RDATE of a list"
