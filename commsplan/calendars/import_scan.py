"""A calendar file taken apart, line by line: what is an entry, what is a zone, what is neither.

Whoever wrote the file may have made mistakes, or mean harm: lines that cannot be used are named and
passed over, and nothing here takes longer than reading the file once (RFC 5545 §3.1, §3.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from commsplan.calendars.import_lines import (
    SHOWN,
    Flaw,
    NoCalendar,
    Problems,
    decoded,
    plain,
    unfolded,
)

LINES_OF_AN_EVENT = 2_000  # a school year of single exceptions; more is no entry
MOST_EVENTS = 20_000
NEEDED = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
    | {"SEQUENCE", "SUMMARY", "LOCATION", "STATUS", "TRANSP"}
)
"""What of an entry is read; everything else is passed over unread."""
_NAME = re.compile(r"([A-Za-z0-9-]+)(?=[;:])")
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?.*)?$")


@dataclass
class Block:
    """The lines of one entry or one zone, with their numbers."""

    kind: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Scanned:
    """What a file holds."""

    events: list[Block] = field(default_factory=list)
    zones: list[Block] = field(default_factory=list)
    zone: str = ""
    """The zone that it says it is in."""
    minutes: int = 0
    """How often it asks to be looked at; 0 when it does not say."""
    problems: Problems = field(default_factory=Problems)


def scan(raw: bytes) -> Scanned:
    """Take a file apart.

    Raises:
        NoCalendar: there is no calendar in it.
    """
    found = Scanned()
    text = decoded(raw, found.problems)
    _refuse_what_is_no_calendar(text)
    _Scanner(found).run(text)
    return found


def _refuse_what_is_no_calendar(text: str) -> None:
    beginning = text[:2000].lstrip().upper()
    if "BEGIN:VCALENDAR" in text or "BEGIN:VCALENDAR" in text.upper():
        return
    if not beginning:
        raise NoCalendar("empty")
    raise NoCalendar("page" if beginning.startswith(("<!DOCTYPE", "<HTML")) else "other")


class _Scanner:
    """Walks over the lines once, knowing inside what it is."""

    def __init__(self, found: Scanned) -> None:
        self._found = found
        self._problems = found.problems
        self._block: Block | None = None
        self._inside: list[str] = []
        """What has begun inside the block: alarms, halves of a zone."""

    def run(self, text: str) -> None:
        for number, line in unfolded(text, self._problems):
            match = _NAME.match(line)
            if match is None:
                self._problems.add(number, Flaw.NO_LINE, line)
                continue
            self._take(number, match[1].upper(), line)
        if self._block is not None:
            self._problems.add(self._block.line, Flaw.UNFINISHED, f"BEGIN:{self._block.kind}")

    def _take(self, number: int, name: str, line: str) -> None:
        if name == "BEGIN":
            self._begin(number, _value(line).upper())
        elif name == "END":
            self._end(number, line)
        elif self._block is None:
            self._say(name, _value(line))
        elif self._block.kind == "VTIMEZONE" or (not self._inside and name in NEEDED):
            self._keep(number, line)

    def _begin(self, number: int, kind: str) -> None:
        block = self._block
        if block is not None and kind in ("VEVENT", "VTIMEZONE", "VCALENDAR"):
            self._problems.add(block.line, Flaw.UNFINISHED, f"BEGIN:{block.kind}")
            block = self._block = None
        if block is None:
            self._inside = []
            if kind in ("VEVENT", "VTIMEZONE"):
                self._block = Block(kind, number)
            return
        self._inside.append(kind)
        if block.kind == "VTIMEZONE":
            self._keep(number, f"BEGIN:{kind}")

    def _end(self, number: int, line: str) -> None:
        kind, block = _value(line).upper(), self._block
        if block is None:
            return
        if self._inside:
            if self._inside[-1] == kind:
                self._inside.pop()
                if block.kind == "VTIMEZONE":
                    self._keep(number, f"END:{kind}")
                return
            if kind not in ("VEVENT", "VTIMEZONE", "VCALENDAR"):
                return
        self._block = None
        if kind != block.kind or self._inside:
            self._problems.add(block.line, Flaw.UNFINISHED, f"BEGIN:{block.kind}")
        else:
            self._finish(block)

    def _finish(self, block: Block) -> None:
        if len(block.lines) > LINES_OF_AN_EVENT:
            self._problems.add(block.line, Flaw.LONG_EVENT)
        elif block.kind == "VTIMEZONE":
            self._found.zones.append(block)
        elif len(self._found.events) < MOST_EVENTS:
            self._found.events.append(block)
        else:
            self._problems.add(block.line, Flaw.TOO_MANY)

    def _keep(self, number: int, line: str) -> None:
        if self._block is not None and len(self._block.lines) <= LINES_OF_AN_EVENT:
            self._block.lines.append((number, line))

    def _say(self, name: str, value: str) -> None:
        if name == "X-WR-TIMEZONE":
            self._found.zone = plain(value)[:SHOWN]
        elif name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL") and not self._found.minutes:
            self._found.minutes = _minutes(value)


def _value(line: str) -> str:
    return line.partition(":")[2].strip()


def _minutes(duration: str) -> int:
    found = _DURATION.match(duration.strip())
    if found is None:
        return 0
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    return ((weeks * 7 + days) * 24 + hours) * 60 + minutes
