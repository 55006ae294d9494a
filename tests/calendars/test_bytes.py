"""Whatever people write, a feed stays a calendar, and icalendar reads the same words again."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from commsplan.calendars.ics import Event, Head, calendar, clean, fold
from tests.calendars.lint import complaints, unfold

NASTY = [
    "👩‍👩‍👧‍👦 family",
    "\x00NUL\x01",
    "one\r\ntwo\rthree\nfour",
    "BEGIN:VEVENT\r\nSUMMARY:injected\r\nEND:VEVENT",
    "a\\,b;c\\nd\\\\",
    "🇩🇪" * 40,
    "ä" * 74,
    "x" * 75,
    "  ",
    "\u2028\u2029\x85",
    "END:VCALENDAR",
    ":;,\\\"'",
    "\ud800",
    "e\u0301" * 60,
]
TEXT = some.one_of(some.sampled_from(NASTY), some.text(max_size=200), some.characters())
INSTANT = some.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC, microsecond=0)
)
HEAD = Head("Plan", "", "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC), "https://x.example/f")


@some.composite
def events(draw: some.DrawFn) -> Event:
    starts: date = draw(some.one_of(INSTANT, some.dates(date(2000, 1, 1), date(2090, 1, 1))))
    longer = timedelta(days=draw(some.integers(1, 30)))
    return Event(
        uid=f"{draw(some.uuids())}@northwind.example",
        revised=draw(INSTANT),
        created=draw(INSTANT),
        sequence=draw(some.integers(0, 99)),
        summary=draw(TEXT) + "!",
        starts=starts,
        ends=starts + longer,
        description=draw(TEXT),
        location=draw(TEXT),
        url=draw(
            some.sampled_from(["", "https://x.example/a b\r\nX:y", "https://x.example/ü?a=1,2;3"])
        ),
        categories=tuple(draw(some.lists(TEXT, max_size=3))),
        busy=draw(some.booleans()),
        conference=draw(some.sampled_from(["", "https://meet.example/ü#x"])),
    )


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


@given(written=some.lists(events(), min_size=1, max_size=8, unique_by=lambda event: event.uid))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_icalendar_reads_what_we_wrote(written: list[Event]) -> None:
    raw = calendar(HEAD, written)
    assert complaints(raw) == []
    read = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(read) == len(written)
    for event, again in zip(written, read, strict=True):
        assert str(again["UID"]) == event.uid
        assert str(again["SUMMARY"]) == one_line(event.summary)
        assert str(again.get("DESCRIPTION", "")) == clean(event.description)
        assert str(again.get("LOCATION", "")) == one_line(event.location)
        assert again["DTSTART"].dt == event.starts
        assert again["DTEND"].dt == event.ends
        assert again["DTSTAMP"].dt == event.revised
        assert int(again["SEQUENCE"]) == event.sequence
        wanted = [one_line(text) for text in event.categories if one_line(text)]
        found = again.get("CATEGORIES")
        assert [str(one) for one in (found.cats if found else [])] == wanted


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_the_name_of_a_calendar_injects_nothing(text: str) -> None:
    head = Head(text + "!", text, "UTC", HEAD.modified, "https://x.example", categories=(text,))
    event = Event("a@b", HEAD.modified, "x", date(2026, 1, 1), date(2026, 1, 2))
    raw = calendar(head, [event])
    assert complaints(raw) == []
    assert unfold(raw).count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("letter", ["x", "ä", "€", "🚆"])
@pytest.mark.parametrize("count", [0, 1, 17, 18, 19, 73, 74, 75, 76, 148, 149, 150, 600])
def test_lines_are_cut_between_characters_and_put_together_again(letter: str, count: int) -> None:
    line = "SUMMARY:" + letter * count
    raw = fold(line)
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert [piece.decode() for piece in raw.split(b"\r\n")]
    assert raw.replace(b"\r\n ", b"").decode() == line + "\r\n"


def test_two_thousand_events_are_two_thousand_events() -> None:
    event = Event("a", HEAD.modified, "Zug 🚆 " * 12, date(2026, 1, 1), date(2026, 1, 2))
    many = [Event(**{**vars(event), "uid": f"{number}@b"}) for number in range(2000)]
    raw = calendar(HEAD, many)
    assert complaints(raw) == []
    assert raw.count(b"BEGIN:VEVENT\r\n") == 2000
