"""Is a value of the kind that its property wants? (RFC 5545 §3.3, RFC 7986)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from commsplan.calendars.content_lines import Line

TEXTS = frozenset(
    {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "COMMENT", "CONTACT", "X-WR-CALNAME"}
    | {"X-WR-CALDESC", "X-WR-TIMEZONE", "UID"}
)
LISTS = frozenset({"CATEGORIES", "RESOURCES"})
"""Texts in which a comma parts two."""
ESCAPED = re.compile(r"\\[\\;,nN]")
UTC_STAMPS = frozenset({"DTSTAMP", "CREATED", "LAST-MODIFIED"})
TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"})
NEEDED_KINDS = {"REFRESH-INTERVAL": "DURATION", "SOURCE": "URI", "CONFERENCE": "URI"}
ADDRESSES = frozenset({"URL", "SOURCE", "CONFERENCE"})
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,/:;=?@\[\]_~0-9A-Za-z.-]+")
DAY = re.compile(r"[0-9]{8}")
TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z?")
DURATION = re.compile(r"[+-]?P(?:[0-9]+W|(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)")
DURATIONS = frozenset({"REFRESH-INTERVAL", "X-PUBLISHED-TTL", "DURATION"})
WORDS = {
    "STATUS": {"TENTATIVE", "CONFIRMED", "CANCELLED"},
    "TRANSP": {"OPAQUE", "TRANSPARENT"},
    "CLASS": {"PUBLIC", "PRIVATE", "CONFIDENTIAL"},
    "CALSCALE": {"GREGORIAN"},
    "VERSION": {"2.0"},
    "METHOD": {"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER"}
    | {"DECLINECOUNTER"}
    | {"DECLINECOUNTER"},
}


def value_faults(line: Line) -> Iterator[str]:
    """Say what is wrong with a value."""
    name, value = line.name, line.value
    if name in TEXTS | LISTS:
        yield from _text(name, value)
    if name in UTC_STAMPS and not (TIME.fullmatch(value) and value.endswith("Z")):
        yield f"{name} is not in UTC"
    if name in TIMES:
        yield from _times(line)
    if name in WORDS and value not in WORDS[name]:
        yield f"{name} is {value[:40]!r}"
    if name in NEEDED_KINDS and line.kind != NEEDED_KINDS[name]:
        yield f"{name} needs VALUE={NEEDED_KINDS[name]}"
    if name in ADDRESSES and not ADDRESS.fullmatch(value):
        yield f"{name} is no address"
    if name in DURATIONS and (not DURATION.fullmatch(value) or value[-1] in "PT"):
        yield f"{name} is no duration"
    if name == "SEQUENCE" and not re.fullmatch("[0-9]{1,9}", value):
        yield "SEQUENCE is no number"


def _text(name: str, value: str) -> Iterator[str]:
    rest = ESCAPED.sub("", value)
    raw = set(rest) & (set("\\;") if name in LISTS else set("\\;,"))
    if raw:
        yield f"{name} is not escaped: {' '.join(sorted(raw))}"


def _times(line: Line) -> Iterator[str]:
    shape = DAY if line.kind == "DATE" else TIME
    for one in line.value.split(","):
        if not shape.fullmatch(one) or not _exists(one):
            yield f"{line.name} is {one[:40]!r}, which is no {line.kind or 'DATE-TIME'}"
        if line.tzid and (one.endswith("Z") or line.kind == "DATE"):
            yield f"{line.name} has a TZID and needs none"


def _exists(text: str) -> bool:
    """Tell whether a date or time that has the right shape is in the calendar."""
    try:
        datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")  # noqa: DTZ007  # only its digits are asked
    except ValueError:
        return False
    return True
