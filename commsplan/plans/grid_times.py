"""Read what teams write for a time of day: "9am", "9.30 Uhr", "14h30", "9-10am", "all day"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from zoneinfo import available_timezones

from commsplan.plans.grid import Cell, Trouble
from commsplan.plans.grid_words import plain

ALL_DAY = frozenset(
    {"all day", "allday", "whole day", "full day", "ganztags", "ganztagig", "den ganzen tag"}
    | {"toute la journee", "journee", "todo el dia", "dia completo"}
)
OPEN = frozenset(
    {"tbc", "tbd", "tba", "?", "??", "-", "–", "n/a", "open", "offen", "noch offen", "n.n", "n.n."}
    | {"a definir", "a confirmer", "por definir", "por confirmar", "pendiente"}
    | {"flexible", "any", "various", "not fixed", "not fixed yet"}
)
NAMED = {
    time(8): "bod|start of day|start of business",
    time(9): "morning|am|vormittag|vormittags|morgens|matin|manana",
    time(12): "noon|midday|mittag|mittags|midi|mediodia|lunch|lunchtime",
    time(14): "afternoon|pm|nachmittag|nachmittags|apres-midi|tarde",
    time(17): "eod|cob|eob|close of business|end of day|end of business|feierabend|dienstschluss",
    time(18): "evening|abend|abends|soir|noche",
}
_NAMED = {word: moment for moment, words in NAMED.items() for word in words.split("|")}

ZONE_WORDS = {
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "gmt": "Europe/London",
    "bst": "Europe/London",
    "uk": "Europe/London",
    "uk time": "Europe/London",
    "utc": "UTC",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "jst": "Asia/Tokyo",
    "ist": "Asia/Kolkata",
    "local": "recipient",
    "local time": "recipient",
    "ortszeit": "recipient",
    "heure locale": "recipient",
    "hora local": "recipient",
    "recipient": "recipient",
}
"""Offices write "GMT" and mean the clock in London, in summer too."""

_CLOCK = re.compile(
    r"(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?(?:[:]\d{2})?\s*(a\.?m\.?|p\.?m\.?|uhr|hrs?|heures|horas|h)?"
)
_COMPACT = re.compile(r"(\d{2})(\d{2})\s*(?:hrs?|h|uhr)?")
_BETWEEN = re.compile(r"\s*(?:[-–—]|\bto\b|\bbis\b|\buntil\b|\btill\b|\ba\b|\bhasta\b)\s*")
_LEADING = re.compile(
    r"^(?:at|um|ab|from|von|de|des|desde|a las|a la|a|by|bis|before|vor|ca\.?|approx\.?|~|@)\s+"
)


LONGEST = 80  # characters of a date or a time; the patterns are slow on what is no such thing


@dataclass(frozen=True)
class Hours:
    """A time of day as read: a start, perhaps an end, or all day."""

    start: time | None = None
    end: time | None = None
    all_day: bool = False
    zone: str = ""
    """IANA name or "recipient", where the text says one."""
    note: str = ""
    """Code of what was taken with a grain of salt."""


def zone_named(text: str) -> str:
    """Return the zone that a text names, as IANA name or "recipient"; "" if it names none."""
    words = text.strip().strip("()").strip()
    if plain(words) in ZONE_WORDS:
        return ZONE_WORDS[plain(words)]
    exact, cities = _zones()
    return words if words in exact else cities.get(plain(words), "")


@cache
def _zones() -> tuple[frozenset[str], dict[str, str]]:
    """Every zone by its name, and those with a region by their city."""
    names = frozenset(available_timezones())
    regions = ("America/", "Africa/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
    cities = {
        plain(name.rsplit("/", 1)[1].replace("_", " ")): name
        for name in sorted(names)
        if name.startswith(regions)
    }
    return names, cities


def read_hours(cell: Cell) -> Hours | Trouble:
    """Read a cell of a time column.

    Numbers below 1 are parts of a day, as spreadsheets keep times; whole hours ("9", "14") count
    as written. A word like "morning" becomes a time with a note; what nobody fixed yet ("TBC")
    becomes no time with a note, so that the default applies.
    """
    if cell is None or cell == "":
        return Hours()
    if isinstance(cell, datetime):
        return Hours(start=_to_minutes(cell.time()))
    if isinstance(cell, time):
        return Hours(start=_to_minutes(cell))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _read_number(float(cell), str(cell))
    if len(str(cell)) > LONGEST:
        return Trouble("time_unreadable", str(cell)[:LONGEST])
    return _read_text(str(cell))


def _to_minutes(moment: time) -> time:
    """Round to the minute: 10 o'clock kept as a fraction comes back as 09:59:59.99."""
    minutes = moment.hour * 60 + moment.minute + (moment.second >= 30)
    return time(*divmod(min(minutes, 1439), 60))


def _read_number(value: float, said: str) -> Hours | Trouble:
    if value < 0:
        return Trouble("time_unreadable", said)
    if value < 1:
        minutes = round(value * 24 * 60)
        return Hours(start=time(*divmod(min(minutes, 1439), 60)))
    if value == int(value) and value < 24:
        return Hours(start=time(int(value)))
    hours, part = int(value), round((value - int(value)) * 100)
    if value < 24 and part < 60:  # 9.3 is how a spreadsheet keeps a typed 9.30
        return Hours(start=time(hours, part))
    if value == int(value) and 100 <= value < 2400 and value % 100 < 60:
        return Hours(start=time(*divmod(int(value), 100)))
    return Trouble("time_unreadable", said)


def _read_text(text: str) -> Hours | Trouble:
    words, zone = _without_zone(plain(text).strip(" .,;"), text)
    if words in ALL_DAY:
        return Hours(all_day=True, zone=zone)
    if words in OPEN:
        return Hours(zone=zone, note="time_open")
    words = _LEADING.sub("", words)
    if words in _NAMED:
        return Hours(start=_NAMED[words], zone=zone, note="time_in_words")
    return _from_to(words, zone) or Trouble("time_unreadable", text)


def _from_to(words: str, zone: str) -> Hours | None:
    pieces = _BETWEEN.split(words)
    last = _clock(pieces[-1])
    if not last or len(pieces) > 2:
        return None
    if len(pieces) == 1:
        return Hours(start=last[0], zone=zone)
    first = _clock(pieces[0], half=last[1])
    if not first:
        return None
    start = first[0]
    if start > last[0] and last[1] == "p" and pieces[0].strip()[-1:].isdigit() and start.hour >= 12:
        start = time(start.hour - 12, start.minute)  # 11-1pm begins in the morning
    return Hours(start=start, end=last[0], zone=zone)


def _without_zone(words: str, text: str) -> tuple[str, str]:
    """Split a zone off the end: "9am (London)", "09:00 CET"."""
    inside = re.search(r"\(([^)]+)\)\s*$", text)
    if inside and zone_named(inside[1]):
        return words[: words.rindex("(")].strip(), zone_named(inside[1])
    if inside:
        return words[: words.rindex("(")].strip() or words, ""
    parts = words.split()
    for count in (2, 1):
        tail = " ".join(parts[-count:])
        if len(parts) > count and tail in ZONE_WORDS:
            return " ".join(parts[:-count]), ZONE_WORDS[tail]
    return words, ""


def _clock(text: str, half: str = "") -> tuple[time, str] | None:
    """Read one clock time; `half` ("a" or "p") is what its partner in a range says."""
    words = text.strip()
    if words in _NAMED:
        return _NAMED[words], ""
    compact = _COMPACT.fullmatch(words)
    found = compact or _CLOCK.fullmatch(words)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    own = (found[3] or "")[:1] if not compact else ""
    side = own if own in {"a", "p"} else ("" if own else half)
    if side == "p" and hour < 12:
        hour += 12
    elif side == "a" and hour == 12:
        hour = 0
    if hour == 24 and minute == 0:
        return time(23, 59), side
    return (time(hour, minute), side) if hour < 24 and minute < 60 else None
