"""Calendars that come back: what a REPLY or a COUNTER says, read within bounds (RFC 5546 §3.2).

icalendar reads; before it sees anything, size, lines and nesting are looked at, and afterwards
every value is taken for something that a stranger wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from icalendar import Calendar
from icalendar.cal import Component

from commsplan.calendars.ics import clean

MOST_BYTES = 256 * 1024  # a reply has one or two kilobytes, with a logo in it some more
MOST_LINES = 5_000
MOST_EVENTS = 50  # days of a series answered in one mail
MOST_NESTED = 4  # VCALENDAR, VEVENT, VALARM, and one to spare
MOST_SEQUENCE = 2**31 - 1
WORDS = 300  # characters of a comment that are kept
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 2, 9998
"""Beyond these a moment has no wall clock in some zones."""
BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, LookupError)
"""What icalendar raises for calendars that are none; OverflowError is an ArithmeticError."""


class Unreadable(ValueError):
    """A calendar that cannot be read; the message says why, in words for the record."""


@dataclass(frozen=True)
class Said:
    """What one event of a reply says."""

    method: str
    """REPLY, COUNTER, or whatever else it claims to be."""
    uid: str
    sequence: int
    stamp: datetime
    """DTSTAMP, aware."""
    attendees: tuple[str, ...]
    """Addresses, lower case."""
    partstats: tuple[str, ...]
    """What each of them says, in capitals."""
    recurrence_id: date | datetime | None
    """Of which day of a series it speaks; aware, naive or a date, as it was written."""
    this_and_future: bool
    starts: date | datetime | None
    """What a COUNTER proposes."""
    ends: date | datetime | None
    comment: str

    def answer_of(self, address: str) -> str | None:
        """Return what an attendee says; None where the reply is not theirs."""
        pairs = zip(self.attendees, self.partstats, strict=True)
        return next((said for one, said in pairs if one == address.lower()), None)


def read_reply(raw: bytes) -> list[Said]:
    """Read a calendar that came with a mail.

    Raises:
        Unreadable: it is none, or larger or more deeply nested than any honest one.
    """
    text = _checked(raw)
    try:
        calendar = Calendar.from_ical(text)
        method = str(calendar.get("METHOD", "")).strip().upper()[:20]
        events = [part for part in calendar.subcomponents if part.name == "VEVENT"]
        said = [_said(method, event) for event in events[:MOST_EVENTS]]
    except (*BROKEN, ArithmeticError) as error:
        raise Unreadable(f"Its calendar cannot be read ({type(error).__name__}).") from error
    if not said:
        raise Unreadable("Its calendar has no event.")
    return said


def _checked(raw: bytes) -> str:
    """Return the text of a calendar that is worth reading."""
    if len(raw) > MOST_BYTES or raw.count(b"\n") > MOST_LINES:
        raise Unreadable("Its calendar is too large.")
    depth = 0
    for line in raw.splitlines():
        start = line[:6].upper()
        depth += (start == b"BEGIN:") - (line[:4].upper() == b"END:")
        if depth > MOST_NESTED:
            raise Unreadable("Its calendar is nested too deeply.")
    return raw.decode("utf-8", "replace")


def _said(method: str, event: Component) -> Said:
    parties = list(_listed(event, "ATTENDEE"))
    return Said(
        method=method,
        uid=str(event.get("UID", ""))[:200],
        sequence=_sequence(event),
        stamp=_stamp(event),
        attendees=tuple(_address(party) for party in parties),
        partstats=tuple(_parameter(party, "PARTSTAT") for party in parties),
        recurrence_id=_moment(event, "RECURRENCE-ID"),
        this_and_future=_parameter(event.get("RECURRENCE-ID"), "RANGE") != "",
        starts=_moment(event, "DTSTART"),
        ends=_moment(event, "DTEND"),
        comment=" ".join(clean(_comment(event)).split())[:WORDS],
    )


def _listed(event: Component, name: str) -> Iterator[object]:
    found = event.get(name)
    if found is None:
        return
    yield from found[:MOST_EVENTS] if isinstance(found, list) else [found]


def _address(party: object) -> str:
    return str(party).strip().lower().removeprefix("mailto:").strip()[:254]


def _parameter(value: object, name: str) -> str:
    parameters = getattr(value, "params", {})
    return str(parameters.get(name, "")).strip().upper()[:20]


def _sequence(event: Component) -> int:
    found = int(str(event.get("SEQUENCE", 0)))
    if not 0 <= found <= MOST_SEQUENCE:
        raise ValueError("SEQUENCE is no count.")
    return found


def _stamp(event: Component) -> datetime:
    """Return DTSTAMP, which every reply carries in UTC (RFC 5546 §3.2.3)."""
    found = _moment(event, "DTSTAMP")
    if not isinstance(found, datetime):
        raise TypeError("DTSTAMP is no moment.")
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return max(aware.astimezone(UTC), EARLIEST)


def _moment(event: Component, name: str) -> date | datetime | None:
    found = getattr(event.get(name), "dt", None)
    if not isinstance(found, date):
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError("Nobody meets in such a year.")
    return found


def _comment(event: Component) -> str:
    return next((str(one) for one in _listed(event, "COMMENT")), "")
