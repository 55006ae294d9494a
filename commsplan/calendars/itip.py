"""Calendars that ask, change and call off: iTIP (RFC 5546) over the events of `ics.py`.

One attendee a calendar, because each goes out as a mail of its own (RFC 6047 §2.3). The rules for
what may stand in which method are the tables of RFC 5546 §3.2.2 (REQUEST), §3.2.5 (CANCEL) and
§3.2.8 (DECLINECOUNTER).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from commsplan.calendars.ics import PRODUCT, clean, escape, fold

NOT_IN_ITIP = ("CREATED:", "LAST-MODIFIED:", "DTSTAMP:", "ORGANIZER", "ATTENDEE")
"""Lines of a feed's event that are written anew here, or that say nothing to an attendee."""


@dataclass(frozen=True)
class Party:
    """The two sides of an invitation."""

    organiser: str
    """E-mail address; the From of the mail (RFC 6047 §2.3)."""
    organiser_name: str
    attendee: str
    """E-mail address, exactly the To of the mail."""
    attendee_name: str
    partstat: str = "NEEDS-ACTION"


def scheduling(
    method: str,
    events: Iterable[Sequence[str]],
    party: Party,
    stamp: datetime,
    *,
    zones: Iterable[str] = (),
    comment: str = "",
) -> bytes:
    """Return a calendar of one method, as it goes into a mail.

    Args:
        method: REQUEST, CANCEL or DECLINECOUNTER.
        events: content lines of each VEVENT, with BEGIN and END, as `ics.py` writes them.
        party: who asks whom.
        stamp: when the mail was decided (DTSTAMP): replies of both sides are put in order by it.
        zones: content lines of the VTIMEZONEs that the events use.
        comment: what the organiser says with it.
    """
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"),
        f"METHOD:{method}",
        *zones,
        *(line for event in events for line in _addressed(event, party, stamp, method, comment)),
        "END:VCALENDAR",
    ]
    return b"".join(fold(line) for line in lines if line)


def _addressed(
    event: Sequence[str], party: Party, stamp: datetime, method: str, comment: str
) -> Iterator[str]:
    """Put the two sides into an event, behind its UID."""
    for line in event:
        if line.startswith(NOT_IN_ITIP):
            continue
        yield line
        if line.startswith("UID:"):
            yield f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            yield f"ORGANIZER{_name(party.organiser_name)}:mailto:{party.organiser}"
            yield _attendee(party, method)
            if comment:
                yield f"COMMENT:{escape(comment)}"


def _attendee(party: Party, method: str) -> str:
    name, address = _name(party.attendee_name), f":mailto:{party.attendee}"
    if method != "REQUEST":
        return f"ATTENDEE{name}{address}"
    asks = "TRUE" if party.partstat == "NEEDS-ACTION" else "FALSE"
    role = f"CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={party.partstat};RSVP={asks}"
    return f"ATTENDEE;{role}{name}{address}"


def _name(name: str) -> str:
    """Return a name as a parameter: quoted, and without what a quoted one may not hold (RFC 5545
    §3.1: no control characters and no double quote)."""
    safe = " ".join(clean(name).replace('"', "'").split())
    return f';CN="{safe}"' if safe else ""
