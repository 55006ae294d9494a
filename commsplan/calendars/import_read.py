"""A calendar file as entries with instants: series expanded in a window, one mistake at a time.

Each entry is read by icalendar on its own, and each series expanded by recurring-ical-events on its
own, so that a broken one takes no other with it. Rules that would keep a machine busy (several
times a day, on the 30th of February, from the year 1 on) are named and not expanded.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Event

from commsplan.calendars.import_lines import BROKEN, Flaw, Problems, plain
from commsplan.calendars.import_rules import flaw_of_rule
from commsplan.calendars.import_scan import Block, Scanned
from commsplan.calendars.import_times import Window, end_of, instants, is_in_range, key_of
from commsplan.calendars.import_zones import Zones, known_zone, spelled_out, zone_of_start

MOST_OCCURRENCES = 2_000
"""Of one entry: every day for the three years of the window is half of that."""
MOST_ROWS = 20_000
MOST_DATES = 10_000
"""Of one entry, however few lines they stand in: each costs as much as a line of its own."""
LONGEST_TEXT, LONGEST_UID = 200, 255
EDGE = timedelta(days=2)
"""Days without a zone are compared as if they were UTC's: looked up a little wider, cut later."""
SECONDS = 60.0
"""How long one file may take. A series costs about 5 ms, a single entry 0.2 ms."""


@dataclass(frozen=True)
class Entry:
    """One entry, or one occurrence of a series."""

    uid: str
    occurrence: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool


@dataclass
class Expanded:
    """What a file says about a window of time."""

    entries: list[Entry] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    minutes: int = 0
    """How often it asks to be looked at; 0 when it does not say."""
    is_whole: bool = True
    """There was time for all of it."""


@dataclass
class _Part:
    """One VEVENT: an entry, a series, or the exception of one."""

    block: Block
    event: Any
    uid: str


def expand(
    scanned: Scanned,
    window: Window,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Expanded:
    """Work out what a file says about a window of time.

    Args:
        scanned: the file, taken apart; its problems are passed on.
        window: from when until when, and the zone of days and of times that name none.
        seconds: how long it may take; what was not reached is named.
    """
    zone = known_zone(scanned.zone) or window.zone
    reader = _Reader(scanned, Window(window.start, window.end, zone))
    return reader.run(clock() + seconds, clock)


class _Reader:
    """Reads one file."""

    def __init__(self, scanned: Scanned, window: Window) -> None:
        self._scanned = scanned
        self._window = window
        self._zones = Zones(scanned.zones)
        self._found = Expanded(problems=scanned.problems, minutes=scanned.minutes)

    def run(self, until: float, clock: Callable[[], float]) -> Expanded:
        """Read every entry, then every series; stop in time."""
        groups: dict[str, list[_Part]] = {}
        for block in self._scanned.events:
            if clock() > until:
                self._run_out(block.line)
                break
            if part := self._part(block):
                groups.setdefault(part.uid, []).append(part)
        for parts in groups.values():
            if clock() > until:
                self._run_out(parts[0].block.line)
                break
            self._add(parts)
        return self._found

    def _flag(self, line: int, flaw: Flaw, words: str = "") -> None:
        self._found.problems.add(line, flaw, words)

    def _run_out(self, line: int) -> None:
        self._flag(line, Flaw.TIME)
        self._found.is_whole = False

    def _part(self, block: Block) -> _Part | None:
        """Read one VEVENT; what of it cannot be read is named and left out."""
        lines = self._lines(block)
        if len(lines) > MOST_DATES:
            self._flag(block.line, Flaw.LONG_EVENT)
            return None
        try:
            event = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]))
        except BROKEN:
            self._flag(block.line, Flaw.VALUE, "BEGIN:VEVENT")
            return None
        for name, _why in event.errors:
            number, words = _line_of(block, str(name or ""))
            self._flag(number, Flaw.VALUE, words)
            event.pop(name, None)
        uid = _uid_of(plain(str(event.get("UID", ""))) or "\n".join(lines))
        event["UID"] = uid
        return _Part(block, event, uid) if self._is_datable(block, event) else None

    def _lines(self, block: Block) -> list[str]:
        """Return the lines as icalendar may see them: in known zones, one exception a line."""
        known = []
        for number, line in block.lines:
            line, is_known = self._zones.translated(line)  # noqa: PLW2901  # the same line, readable
            if not is_known:
                self._flag(number, Flaw.ZONE, line)
            known.append(line)
        zone = zone_of_start(known) or self._window.zone
        return [one for line in known for one in spelled_out(line, zone)]

    def _is_datable(self, block: Block, event: Any) -> bool:
        starts = getattr(event.get("DTSTART"), "dt", None)
        if any(name == "DTSTART" for name, _why in event.errors):
            return False  # named already
        if not isinstance(starts, date):
            self._flag(*_line_of(block, "DTSTART", Flaw.NO_START))
            return False
        if not is_in_range(starts):
            number, words = _line_of(block, "DTSTART")
            self._flag(number, Flaw.YEAR, words)
            return False
        if "RRULE" in event and (flaw := flaw_of_rule(event["RRULE"], starts)):
            number, words = _line_of(block, "RRULE")
            self._flag(number, flaw, words)
            del event["RRULE"]
        return True

    def _add(self, parts: list[_Part]) -> None:
        """Add what one UID stands for: one entry, or the occurrences of a series."""
        series = any(
            name in part.event for part in parts for name in ("RRULE", "RDATE", "RECURRENCE-ID")
        )
        try:
            if series:
                found = [(key_of(one), one) for one in self._occurrences(parts)]
            else:
                found = [("", max(parts, key=_sequence).event)]
            entries = {key: self._entry(one, key) for key, one in found}
        except BROKEN:
            self._flag(parts[0].block.line, Flaw.VALUE, parts[0].uid)
            return
        kept = [one for one in entries.values() if one is not None]
        room = MOST_ROWS - len(self._found.entries)
        if len(kept) > min(MOST_OCCURRENCES, room):
            self._flag(parts[0].block.line, Flaw.MANY_TIMES, parts[0].uid)
        self._found.entries += kept[: min(MOST_OCCURRENCES, room)]

    def _occurrences(self, parts: Iterable[_Part]) -> list[Any]:
        calendar = Calendar()
        for part in _one_series(parts):
            calendar.add_component(part.event)
        query = recurring_ical_events.of(calendar, skip_bad_series=False)
        return list(query.between(self._window.start - EDGE, self._window.end + EDGE))

    def _entry(self, event: Any, key: str) -> Entry | None:
        """Return an entry that touches the window; cancelled and free ones do not count."""
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return None
        starts = event["DTSTART"].dt
        starts_at, ends_at = instants(starts, end_of(event, starts), self._window.zone)
        if ends_at < self._window.start or starts_at >= self._window.end:
            return None
        return Entry(
            uid=str(event["UID"]),
            occurrence=key,
            title=_text(event.get("SUMMARY")),
            place=_text(event.get("LOCATION")),
            starts_at=starts_at,
            ends_at=ends_at,
            all_day=not isinstance(starts, datetime),
        )


def _line_of(block: Block, name: str, *flaw: Flaw) -> Any:
    """Return where a property of an entry stands, and what it says."""
    for number, line in block.lines:
        if line.upper().startswith(name.upper()):
            return (number, *flaw, line)
    return (block.line, *flaw, name)


def _one_series(parts: Iterable[_Part]) -> list[_Part]:
    """Return the newest entry with the rule, and as many exceptions as are kept of a series.

    Each further rule under the same UID would be expanded too, and there is no end of them.
    """
    exceptions = [one for one in parts if "RECURRENCE-ID" in one.event]
    masters = [one for one in parts if "RECURRENCE-ID" not in one.event]
    for one in exceptions:
        one.event.pop("RRULE", None)  # a day does not repeat by itself
        one.event.pop("RDATE", None)
    newest = [max(masters, key=_sequence)] if masters else []
    return newest + exceptions[:MOST_OCCURRENCES]


def _sequence(part: _Part) -> int:
    try:
        return int(part.event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _uid_of(words: str) -> str:
    """Return a UID that fits into its column: a longer one's digest, or that of the whole entry."""
    if len(words) <= LONGEST_UID and "\n" not in words:
        return words
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def _text(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return plain(str(values[0] or ""))[:LONGEST_TEXT]
