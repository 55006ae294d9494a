"""Calendar files as other programs write them."""

from __future__ import annotations

from datetime import UTC, datetime

from commsplan.calendars.import_read import Expanded, expand
from commsplan.calendars.import_scan import scan
from commsplan.calendars.import_times import Window

YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "Europe/Berlin")

OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def file_of(*blocks: str, newline: str = "\r\n") -> bytes:
    """Return a calendar file with these parts, each a text of lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *blocks, "END:VCALENDAR"]
    return newline.join("\n".join(lines).split("\n")).encode() + newline.encode()


def event_of(*lines: str, uid: str = "one@elsewhere", title: str = "Freeze") -> str:
    """Return one entry of a file."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def read(raw: bytes, window: Window = YEAR) -> Expanded:
    """Return what a file says about 2026."""
    return expand(scan(raw), window)


def starts(raw: bytes) -> list[str]:
    """Return when the entries of a file begin in 2026, in UTC."""
    found = read(raw)
    assert found.problems.count == 0, found.problems.kept
    return sorted(f"{one.starts_at:%m-%d %H:%M}" for one in found.entries)


def flaws(raw: bytes) -> list[tuple[int, str]]:
    """Return what is wrong in a file, with its lines."""
    return [(one.line, str(one.flaw)) for one in read(raw).problems.kept]
