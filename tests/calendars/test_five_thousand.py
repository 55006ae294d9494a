"""5,000 events with the worst that people and programs write: icalendar reads each one back.

Property by property; icalendar is somebody else's reading of RFC 5545.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from commsplan.calendars.ics import Event, Head, calendar, clean
from tests.calendars.lint import complaints

NASTY = (
    *("👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "e\u0301\u0323", "\u200d", "\u202eright to left", "ﷺ", "𝕏"),
    *("\x00", "\x01\x1f", "\x7f", "\x85", "\ud800", "\ufffe", "\ufeff", "\u2028", "\u2029"),
    *("\r\n", "\r", "\n", "\n\n ", "\t", "\v", "\f"),
    *("BEGIN:VEVENT", "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:injected\r\n", "END:VCALENDAR"),
    *("\\", "\\n", "\\,", ";", ",", ":", '"', "^n", "=", "%0D%0A", "mailto:"),
    *("Zug", "Straße", "naïve", "会議", "اجتماع", "встреча", " ", "x" * 75, "ä" * 40, "🚆" * 20),
)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
HEAD = Head("Plan", "", "UTC", datetime(2026, 1, 1, tzinfo=UTC), "https://x.example/f")
COUNT = 5000


def drawn(lot: random.Random, number: int) -> Event:
    starts, ends, zone = _times(lot)
    rule = lot.choice(("", "FREQ=DAILY;COUNT=9", "FREQ=WEEKLY;COUNT=3")) if zone else ""
    return Event(
        uid=f"{number}@northwind.example",
        revised=_instant(lot),
        created=_instant(lot),
        sequence=lot.randrange(99),
        summary=_text(lot) + "!",
        starts=starts,
        ends=ends,
        description=_text(lot),
        location=_text(lot),
        url=lot.choice(("", "https://x.example/a b\r\nX:y", "https://x.example/ü?a=1,2;3#🚆")),
        categories=tuple(_text(lot) for _n in range(lot.randrange(3))),
        status=lot.choice(("CONFIRMED", "TENTATIVE")),
        busy=lot.random() < 0.5,
        conference=lot.choice(("", "https://meet.example/ü#x;y")),
        visibility=lot.choice(("PUBLIC", "PRIVATE")),
        zone=zone,
        rule=rule,
        excluded=(starts + timedelta(days=7),) if rule else (),
    )


def _text(lot: random.Random) -> str:
    return "".join(lot.choices(NASTY, k=lot.randrange(9)))


def _instant(lot: random.Random) -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=lot.randrange(2_000_000_000))


def _times(lot: random.Random) -> tuple[date, date, str]:
    """Days, instants, or wall-clock times of a zone at hours that no clock skips."""
    kind, longer = lot.randrange(3), timedelta(minutes=lot.randrange(1, 300))
    day = date(2026, 1, 1) + timedelta(days=lot.randrange(3000))
    if kind == 0:
        return day, day + timedelta(days=lot.randrange(1, 9)), ""
    if kind == 1:
        starts = _instant(lot)
        return starts, starts + longer, ""
    wall = datetime(day.year, day.month, day.day, lot.randrange(8, 18))
    return wall, wall + longer, lot.choice(ZONES)


@pytest.fixture(scope="module")
def written() -> list[Event]:
    lot = random.Random(5000)
    return [drawn(lot, number) for number in range(COUNT)]


@pytest.fixture(scope="module")
def raw(written: list[Event]) -> bytes:
    return calendar(HEAD, written)


def test_the_linter_finds_nothing_wrong(raw: bytes) -> None:
    assert complaints(raw) == []


def test_every_property_reads_back(written: list[Event], raw: bytes) -> None:
    read = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(read) == COUNT
    different = [
        (event.uid, name, said, wanted)
        for event, again in zip(written, read, strict=True)
        for name, said, wanted in compared(event, again)
        if said != wanted
    ]
    assert different == []


def compared(event: Event, again: icalendar.Event) -> list[tuple[str, object, object]]:
    """Return each property as it was read, and as it was meant."""
    there = ZoneInfo(event.zone) if event.zone else None
    starts, ends = (_placed(moment, there) for moment in (event.starts, event.ends))
    categories = again.get("CATEGORIES")
    rule = again.get("RRULE")
    off = again.get("EXDATE")
    return [
        ("UID", str(again["UID"]), event.uid),
        ("DTSTAMP", again["DTSTAMP"].dt, event.revised),
        ("LAST-MODIFIED", again["LAST-MODIFIED"].dt, event.revised),
        ("CREATED", again["CREATED"].dt, event.created),
        ("SEQUENCE", int(again["SEQUENCE"]), event.sequence),
        ("DTSTART", again["DTSTART"].dt, starts),
        ("DTEND", again["DTEND"].dt, ends),
        ("TZID", again["DTSTART"].params.get("TZID", ""), event.zone),
        ("SUMMARY", str(again["SUMMARY"]), _line(event.summary)),
        ("DESCRIPTION", str(again.get("DESCRIPTION", "")), clean(event.description)),
        ("LOCATION", str(again.get("LOCATION", "")), _line(event.location)),
        ("CLASS", str(again["CLASS"]), event.visibility),
        ("STATUS", str(again["STATUS"]), event.status),
        ("TRANSP", str(again["TRANSP"]), "OPAQUE" if event.busy else "TRANSPARENT"),
        ("RRULE", rule.to_ical().decode() if rule else "", event.rule),
        (
            "EXDATE",
            [one.dt for one in off.dts] if off else [],
            [_placed(one, there) for one in event.excluded],
        ),
        (
            "CATEGORIES",
            [str(one) for one in (categories.cats if categories else [])],
            [_line(one) for one in event.categories if _line(one)],
        ),
        ("has URL", "URL" in again, bool(event.url)),
        ("has CONFERENCE", "CONFERENCE" in again, bool(event.conference)),
    ]


def _placed(moment: date, there: ZoneInfo | None) -> date:
    if there is not None and isinstance(moment, datetime):
        return moment.replace(tzinfo=there)
    return moment


def _line(text: str) -> str:
    return " ".join(clean(text).split())
