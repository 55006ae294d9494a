"""Bad lines of a calendar file are named and the good ones kept; harm takes no time and no room."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commsplan.calendars.import_lines import NoCalendar
from commsplan.calendars.import_read import MOST_OCCURRENCES, expand
from commsplan.calendars.import_scan import MOST_EVENTS, scan
from tests.calendars.foreign import OUTLOOK_ZONE, YEAR, event_of, file_of, flaws, read

GOOD = event_of("DTSTART:20260601T090000Z", uid="good", title="Good")


def titles(raw: bytes) -> set[str]:
    return {one.title for one in read(raw).entries}


@pytest.mark.parametrize(
    ("block", "line", "flaw"),
    [
        (event_of("DTSTART:tomorrow"), 7, "value"),
        (event_of("no colon here", "DTSTART:20260601T090000Z"), 7, "no line"),
        (event_of("DURATION:PT1H"), 4, "no start"),
        (event_of("DTSTART:P1D"), 7, "no start"),
        (event_of("DTSTART:00010101T000000Z"), 7, "year"),
        (event_of("DTSTART:98010101T000000Z"), 7, "year"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=SECONDLY"), 8, "too often"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=HOURLY"), 8, "too often"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), 8, "too often"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=FOO"), 8, "value"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), 8, "value"),
        (event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;COUNT=-1"), 8, "value"),
        (
            event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
            8,
            "never",
        ),
        (event_of("DTSTART;TZID=Middle/Earth:20260601T090000"), 7, "zone"),
        (event_of("DTSTART:20260601T090000Z", "EXDATE:20260602T090000Z,x"), 8, "value"),
        ("BEGIN:VEVENT\nUID:1\nDTSTART:20260601T090000Z", 4, "unfinished"),
        ("BEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nEND:VEVENT", 4, "unfinished"),
    ],
)
def test_a_bad_line_is_named_and_the_next_entry_kept(block: str, line: int, flaw: str) -> None:
    raw = file_of(block, GOOD)
    assert flaws(raw) == [(line, flaw)]
    assert "Good" in titles(raw)


def test_a_rule_that_cannot_be_used_leaves_its_first_day() -> None:
    raw = file_of(event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=SECONDLY"))
    assert len(read(raw).entries) == 1


def test_of_many_exceptions_only_the_bad_one_is_lost() -> None:
    raw = file_of(
        event_of(
            "DTSTART:20260601T090000Z",
            "RRULE:FREQ=DAILY;COUNT=3",
            "EXDATE:20260601T090000Z",
            "EXDATE:x",
            "EXDATE:20260602T090000Z",
        )
    )
    assert [one.starts_at.day for one in read(raw).entries] in ([3], [1, 2, 3])


def test_a_file_that_breaks_off_keeps_what_was_whole() -> None:
    raw = file_of(GOOD, event_of("DTSTART:20260701T090000Z"))
    assert titles(raw[: raw.rindex(b"DTSTART")]) == {"Good"}


def test_text_is_never_longer_than_its_column_and_holds_no_controls() -> None:
    raw = file_of(event_of("DTSTART:20260601T090000Z", title="a\x00\x07\u2028" + "b" * 9000))
    (one,) = read(raw).entries
    assert len(one.title) == 200
    assert one.title.startswith("a b")


def test_a_uid_of_any_length_has_room() -> None:
    raw = file_of(event_of("DTSTART:20260601T090000Z", uid="u" * 5000))
    assert len(read(raw).entries[0].uid) == 64


def test_entries_without_a_uid_stay_apart() -> None:
    raw = file_of(*(f"BEGIN:VEVENT\nDTSTART:2026060{n}T090000Z\nEND:VEVENT" for n in (1, 2)))
    assert len({one.uid for one in read(raw).entries}) == 2


def test_an_endless_series_is_cut() -> None:
    dates = ",".join(f"{y}{m:02}{d:02}T{h:02}0000Z" for y in (2026,) for m in range(1, 13)
                     for d in range(1, 29) for h in range(24))  # fmt: skip
    lines = [f"RDATE:{part}" for part in _parts(dates)]
    raw = file_of(event_of("DTSTART:20260101T003000Z", *lines))
    found = read(raw)
    assert len(found.entries) == MOST_OCCURRENCES
    assert [one.flaw for one in found.problems.kept] == ["many times"]


def _parts(dates: str) -> list[str]:
    every = dates.split(",")
    return [",".join(every[at : at + 500]) for at in range(0, len(every), 500)]


def test_too_many_entries_are_counted_and_left_out() -> None:
    one = "BEGIN:VEVENT\nUID:{}\nDTSTART:20260601T090000Z\nEND:VEVENT"
    found = scan(file_of(*(one.format(number) for number in range(MOST_EVENTS + 7))))
    assert len(found.events) == MOST_EVENTS
    assert found.problems.count == 7


def test_what_cannot_be_read_in_time_is_named() -> None:
    ticks = iter(range(1000))
    raw = file_of(*(event_of("DTSTART:20260601T090000Z", uid=f"{n}") for n in range(50)))
    found = expand(scan(raw), YEAR, seconds=20, clock=lambda: next(ticks))
    assert "time" in {one.flaw for one in found.problems.kept}


BOMBS = {
    "one line of 10 MB": b"BEGIN:VCALENDAR\r\nX:" + b"a" * 10_000_000 + b"\r\nEND:VCALENDAR\r\n",
    "10 MB of folds": b"BEGIN:VCALENDAR\r\nX:" + b"\r\n a" * 2_500_000,
    "10 MB of begins": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 700_000,
    "10 MB of alarms": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"BEGIN:VALARM\r\n" * 700_000,
    "10 MB of colons": b"BEGIN:VCALENDAR\r\n" + b":" * 10_000_000,
    "10 MB of names": b"BEGIN:VCALENDAR\r\n" + b"A-" * 5_000_000 + b"\r\n",
    "10 MB of quotes": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=" + b'"' * 10_000_000,
    "10 MB of noise": random.Random(4).randbytes(10_000_000),
    "10 MB of empty lines": b"BEGIN:VCALENDAR" + b"\r\n" * 5_000_000,
    "an entry of 10 MB": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260601T090000Z\r\n"
    + b"EXDATE:20260601T090000Z\r\n" * 400_000
    + b"END:VEVENT\r\nEND:VCALENDAR\r\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_ten_megabytes_of_rubbish_take_seconds_at_most(name: str) -> None:
    begun = time.process_time()
    try:
        found = read(BOMBS[name])
    except NoCalendar:
        found = None
    assert time.process_time() - begun < 15
    assert found is None or len(found.entries) <= 1


def test_a_zone_that_changes_its_clocks_every_second_is_not_believed() -> None:
    zone = OUTLOOK_ZONE.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=SECONDLY")
    begun = time.process_time()
    raw = file_of(zone, event_of("DTSTART;TZID=Customized Time Zone:20260701T090000"))
    assert flaws(raw) == [(22, "zone")]
    assert time.process_time() - begun < 1


def test_daily_series_from_1900_on_end_in_time() -> None:
    series = [
        event_of("DTSTART:19000101T090000Z", "RRULE:FREQ=DAILY", uid=f"{number}")
        for number in range(200)
    ]
    begun = time.process_time()
    found = expand(scan(file_of(*series)), YEAR, seconds=2, clock=time.process_time)
    assert time.process_time() - begun < 6
    assert "time" in {one.flaw for one in found.problems.kept}


WRITTEN = """
BEGIN:VEVENT|END:VEVENT|BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VTIMEZONE|END:VTIMEZONE
BEGIN:STANDARD|END:STANDARD|TZID:X|UID:1|UID:2|DTSTART:20260601T090000Z|DTSTART:20260601
DTSTART;VALUE=DATE:20260601|DTEND:20260601T080000|DTEND;VALUE=DATE:20260501|DURATION:-P1D
DURATION:P999999999D|RRULE:FREQ=DAILY;COUNT=3|RRULE:FREQ=YEARLY;BYDAY=60MO|RRULE:COUNT=3
RRULE:FREQ=DAILY;UNTIL=2026|RRULE:FREQ=WEEKLY;UNTIL=20260801T000000Z;COUNT=2|SEQUENCE:x
RECURRENCE-ID:20260602T090000Z|RECURRENCE-ID;VALUE=DATE:20260602|EXDATE:x|RDATE:20260605
RDATE;VALUE=PERIOD:20260605T090000Z/PT1H|RDATE;VALUE=PERIOD:20260605T090000Z/20260601T090000Z
DTSTART;TZID=X:20260601T090000|EXDATE;TZID=X:20260602T090000|SUMMARY:a;b,c\\|STATUS:CANCELLED
RECURRENCE-ID;RANGE=THISANDFUTURE:20260602T090000Z| folded|;:|X;"=:|DTSTART;X="a:b":2026
"""
LINES = st.sampled_from([line for row in WRITTEN.strip().split("\n") for line in row.split("|")])


@settings(max_examples=400)
@given(st.lists(LINES, max_size=40))
def test_no_order_of_lines_breaks_the_reader(lines: list[str]) -> None:
    found = read(file_of("\n".join(lines)))
    for one in found.entries:
        assert one.ends_at >= one.starts_at
    keys = [(one.uid, one.occurrence) for one in found.entries]
    assert len(keys) == len(set(keys))


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    for entry in read(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + raw).entries:
        assert entry.uid


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["BEGIN:STANDARD", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD"],
        [
            *("BEGIN:STANDARD", "DTSTART:19700101T000000"),
            *("TZOFFSETFROM:+9900", "TZOFFSETTO:+0100", "END:STANDARD"),
        ],
    ],
    ids=["empty", "no start", "no offset"],
)
def test_a_broken_zone_takes_no_entry_with_it(lines: list[str]) -> None:
    zone = "\r\n".join(["BEGIN:VTIMEZONE", "TZID:Ours", *lines, "END:VTIMEZONE"])
    inside = event_of("DTSTART;TZID=Ours:20260601T090000", title="Inside")
    raw = file_of(zone, inside, GOOD)
    assert titles(raw) == {"Inside", "Good"}
    assert [flaw for _line, flaw in flaws(raw)] == ["zone"]


def test_thousands_of_dates_in_a_few_lines_are_no_entry() -> None:
    dates = ",".join(["20260601T090000Z"] * 1000)
    raw = file_of(event_of("DTSTART:20260601T090000Z", *[f"RDATE:{dates}"] * 100), GOOD)
    begun = time.monotonic()
    assert titles(raw) == {"Good"}
    assert [flaw for _line, flaw in flaws(raw)] == ["long event"]
    assert time.monotonic() - begun < 5


def test_of_many_rules_under_one_uid_only_the_newest_is_expanded() -> None:
    rules = [
        event_of("DTSTART:19000101T090000Z", "RRULE:FREQ=DAILY", f"SEQUENCE:{number}")
        for number in range(1000)
    ]
    newest = event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;COUNT=2", "SEQUENCE:1000")
    begun = time.monotonic()
    assert len(read(file_of(*rules, newest)).entries) == 2
    assert time.monotonic() - begun < 10


def test_what_there_was_no_time_for_is_known_however_many_flaws_there_are() -> None:
    bad = [event_of("DTSTART:tomorrow", uid=f"bad-{number}") for number in range(60)]
    moments = iter([0.0] * 70 + [1e9] * 10)
    found = expand(scan(file_of(*bad, *[GOOD] * 20)), YEAR, clock=lambda: next(moments))
    assert not found.is_whole
