"""The time zones that a calendar file names: the world's, Windows', or its own.

icalendar keeps every zone that a file defines for the whole process, by its name. So a file's own
zone gets a name made of its content: no file can change what another one's times mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from zoneinfo import available_timezones

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from commsplan.calendars.import_lines import BROKEN, plain
from commsplan.calendars.import_scan import Block

_PARAMETER = re.compile(r';TZID=("[^"]*"|[^;:",]*)', re.I)
_YEARLY = re.compile(r"RRULE:(?=[^:]*FREQ=YEARLY)(?:[A-Z]+=[0-9A-Z,+\-]*;?)+", re.I)
_BY_HOURS = re.compile("BYHOUR|BYMINUTE|BYSECOND|INTERVAL", re.I)
_FLOATING = re.compile(r"[0-9]{8}T[0-9]{6}")
DATED = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
MOST_ZONES = 200  # of one file: the world has some 400, nearly all of which are known by name
LINES_OF_A_ZONE = 400  # Outlook's have 16; those with a century of single changes about 300
LONGEST_LINE = 500
UTC_NAMES = frozenset({"utc", "gmt", "z", "etc/utc", "coordinated universal time", "tzone://m/utc"})


@cache
def _world() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def known_zone(name: str) -> str:
    """Return the IANA name of a zone: as it is, a Windows one's, or behind a vendor's prefix.

    "/freeassociation.sourceforge.net/Europe/Berlin" is Europe/Berlin (RFC 5545 §3.2.19). Empty
    when nobody knows it.
    """
    name = plain(name).strip('"')
    if name.casefold() in UTC_NAMES:
        return "UTC"
    if name in WINDOWS_TO_OLSON:
        return WINDOWS_TO_OLSON[name]
    parts = [part for part in name.split("/") if part]
    for length in (3, 2, 1):
        found = _world().get("/".join(parts[-length:]).casefold())
        if found and (length > 1 or len(parts) == 1):
            return found
    return ""


class Zones:
    """What each zone of one file is called, and the definitions of those that are its own."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._names: dict[str, str] = {}
        for block in blocks:
            if len(self._names) < MOST_ZONES:
                self._learn(block)

    def _learn(self, block: Block) -> None:
        lines = [line for _number, line in block.lines]
        name = next((line[5:].strip() for line in lines if line.upper().startswith("TZID:")), "")
        if not name or known_zone(name) or name in self._names or not _is_harmless(lines):
            return
        digest = hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:24]
        rest = [line for line in lines if not line.upper().startswith("TZID:")]
        whole = ["BEGIN:VTIMEZONE", f"TZID:own-{digest}", *rest, "END:VTIMEZONE"]
        try:  # icalendar remembers what it has read
            Calendar.from_ical("\r\n".join(["BEGIN:VCALENDAR", *whole, "END:VCALENDAR", ""]))
        except BROKEN:
            return
        self._names[name] = f"own-{digest}"

    def translated(self, line: str) -> tuple[str, bool]:
        """Return a line with its zone under the name it has here, and whether it is known."""
        head, colon, value = line.partition(":")
        if '"' in head and head.count('"') % 2:  # a colon inside the quotes of a parameter
            inside, _quote, rest = value.partition('"')
            head, (more, colon, value) = f'{head}:{inside}"', rest.partition(":")
            head += more
        match = _PARAMETER.search(head)
        if match is None:
            return line, True
        asked = match[1].strip('"')
        name = known_zone(asked) or self._names.get(asked, "")
        new = f";TZID={name}" if name else ""
        return f"{_PARAMETER.sub(new, head)}{colon}{value}", bool(name)


def zone_of_start(lines: Iterable[str]) -> str:
    """Return the zone in which an entry says it begins; empty when it names none."""
    for line in lines:
        if line.upper().startswith("DTSTART"):
            match = _PARAMETER.search(line)
            return match[1] if match else ""
    return ""


def spelled_out(line: str, zone: str) -> list[str]:
    """Return a line of dates as one for each of them, times without a zone in this one."""
    head, colon, value = line.partition(":")
    name = head.partition(";")[0].upper()
    if name not in DATED or not colon:
        return [line]
    values = [value.strip()]
    if name in ("EXDATE", "RDATE"):
        values = [one.strip() for one in value.split(",") if one.strip()]
    has_zone = _PARAMETER.search(head) is not None
    return [
        f"{head}{'' if has_zone or not _FLOATING.fullmatch(one) else f';TZID={zone}'}:{one}"
        for one in values
    ]


def _is_harmless(lines: list[str]) -> bool:
    """Tell whether a zone's rules are yearly ones: others could keep a machine busy for hours."""
    if len(lines) > LINES_OF_A_ZONE or any(len(line) > LONGEST_LINE for line in lines):
        return False
    rules = [line for line in lines if line.upper().startswith("RRULE")]
    return all(_YEARLY.fullmatch(rule) and not _BY_HOURS.search(rule) for rule in rules)
