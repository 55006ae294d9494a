"""A calendar file from elsewhere becomes entries with instants, whatever program wrote it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from commsplan.calendars.import_lines import NoCalendar
from commsplan.calendars.import_scan import scan
from tests.calendars.foreign import OUTLOOK_ZONE, event_of, file_of, flaws, read, starts


def test_whole_days_are_days_of_the_calendars_zone() -> None:
    only = read(file_of(event_of("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227")))
    (one,) = only.entries
    assert one.all_day
    assert one.starts_at == datetime(2026, 12, 24, 23, tzinfo=UTC)
    assert one.ends_at == datetime(2026, 12, 26, 23, tzinfo=UTC)


def test_a_day_without_an_end_lasts_a_day() -> None:
    (one,) = read(file_of(event_of("DTSTART;VALUE=DATE:20260501"))).entries
    assert (one.ends_at - one.starts_at).total_seconds() == 86_400


def test_a_length_counts_as_an_end() -> None:
    (one,) = read(file_of(event_of("DTSTART:20260501T080000Z", "DURATION:PT90M"))).entries
    assert (one.ends_at - one.starts_at).total_seconds() == 5400


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART;TZID=Europe/Berlin:20260701T090000",
        "DTSTART;TZID=W. Europe Standard Time:20260701T090000",
        'DTSTART;TZID="Europe/Berlin":20260701T090000',
        "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260701T090000",
        "DTSTART:20260701T090000",
        "DTSTART:20260701T070000Z",
        "DTSTART;TZID=UTC:20260701T070000",
        "DTSTART;TZID=America/New_York:20260701T030000",
        "DTSTART;TZID=Customized Time Zone:20260701T090000",
        "dtstart;tzid=europe/berlin:20260701T090000",
    ],
)
def test_every_way_of_writing_nine_in_berlin_is_seven_in_greenwich(line: str) -> None:
    assert starts(file_of(OUTLOOK_ZONE, event_of(line))) == ["07-01 07:00"]


def test_a_calendar_may_say_in_which_zone_its_times_are() -> None:
    raw = file_of("X-WR-TIMEZONE:Asia/Tokyo", event_of("DTSTART:20260701T090000"))
    assert starts(raw) == ["07-01 00:00"]


def test_a_series_stays_at_its_hour_when_clocks_change() -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=SA;COUNT=3"
    raw = file_of(event_of("DTSTART;TZID=Europe/Berlin:20261017T090000", rule))
    assert starts(raw) == ["10-17 07:00", "10-24 07:00", "10-31 08:00"]


def test_a_series_in_a_zone_of_the_files_own_too() -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=SA;COUNT=3"
    start = "DTSTART;TZID=Customized Time Zone:20261017T090000"
    assert starts(file_of(OUTLOOK_ZONE, event_of(start, rule))) == [
        "10-17 07:00",
        "10-24 07:00",
        "10-31 08:00",
    ]


def test_no_file_changes_what_another_ones_zone_means() -> None:
    fourteen = OUTLOOK_ZONE.replace("+0100", "+1300").replace("+0200", "+1400")
    line = event_of("DTSTART;TZID=Customized Time Zone:20260701T090000")
    assert starts(file_of(fourteen, line)) == ["06-30 19:00"]
    assert starts(file_of(OUTLOOK_ZONE, line)) == ["07-01 07:00"]


def test_single_ones_of_a_series_are_left_out_moved_and_added() -> None:
    series = event_of(
        "DTSTART;TZID=Europe/Berlin:20260601T090000",
        "RRULE:FREQ=DAILY;UNTIL=20260605T220000Z",
        "EXDATE;TZID=Europe/Berlin:20260602T090000,20260603T090000",
        "RDATE;TZID=Europe/Berlin:20260701T090000",
    )
    moved = event_of(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260604T090000",
        "DTSTART;TZID=Europe/Berlin:20260604T150000",
    )
    found = starts(file_of(series, moved))
    assert found == ["06-01 07:00", "06-04 13:00", "06-05 07:00", "07-01 07:00"]


def test_a_cancelled_entry_and_a_cancelled_occurrence_do_not_count() -> None:
    series = event_of("DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;COUNT=2")
    off = event_of("RECURRENCE-ID:20260602T090000Z", "DTSTART:20260602T090000Z", "STATUS:CANCELLED")
    gone = event_of("DTSTART:20260901T090000Z", "STATUS:CANCELLED", uid="two")
    assert starts(file_of(series, off, gone)) == ["06-01 09:00"]


def test_of_one_entry_sent_twice_the_newer_counts() -> None:
    old = event_of("DTSTART:20260601T090000Z", "SEQUENCE:1")
    new = event_of("DTSTART:20260602T090000Z", "SEQUENCE:2")
    assert starts(file_of(new, old)) == ["06-02 09:00"]


def test_occurrences_are_known_by_their_first_start() -> None:
    raw = file_of(event_of("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=MONTHLY;COUNT=2"))
    assert [one.occurrence for one in read(raw).entries] == ["20260101", "20260201"]


def test_what_lies_outside_the_window_is_not_kept() -> None:
    endless = event_of("DTSTART;VALUE=DATE:20000101", "RRULE:FREQ=YEARLY")
    past = event_of("DTSTART:20200101T090000Z", uid="two")
    assert starts(file_of(endless, past)) == ["12-31 23:00"] * 2


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_any_kind_of_line_break_will_do(newline: str) -> None:
    assert starts(file_of(event_of("DTSTART:20260601T090000Z"), newline=newline)) == ["06-01 09:00"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_at_the_beginning_are_understood(encoding: str) -> None:
    text = file_of(event_of("DTSTART:20260601T090000Z", title="Grüße")).decode()
    (one,) = read(text.encode(encoding)).entries
    assert one.title == "Grüße"


def test_western_european_is_read_and_named() -> None:
    text = file_of(event_of("DTSTART:20260601T090000Z", title="Grüße")).decode()
    found = read(text.encode("cp1252"))
    assert found.entries[0].title == "Grüße"
    assert [one.flaw for one in found.problems.kept] == ["encoding"]


def test_folded_lines_belong_together() -> None:
    raw = file_of(event_of("DTSTART:2026\n 0601T090000Z", title="Year-\n end fr\n\teeze"))
    assert read(raw).entries[0].title == "Year-end freeze"


def test_escaped_text_is_read_as_text() -> None:
    (one,) = read(file_of(event_of("DTSTART:20260601T090000Z", title=r"A\, B\; C\nD"))).entries
    assert one.title == "A, B; C D"


def test_alarms_and_tasks_are_passed_over() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nSUMMARY:Bell\nEND:VALARM"
    task = "BEGIN:VTODO\nUID:t\nDTSTART:20260601T090000Z\nEND:VTODO"
    raw = file_of(task, event_of("DTSTART:20260601T090000Z", alarm))
    assert [one.title for one in read(raw).entries] == ["Freeze"]


def test_a_file_may_say_how_often_to_look() -> None:
    assert scan(file_of("REFRESH-INTERVAL;VALUE=DURATION:PT4H")).minutes == 240
    assert scan(file_of("X-PUBLISHED-TTL:P1D")).minutes == 1440
    assert scan(file_of("X-PUBLISHED-TTL:often")).minutes == 0


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "empty"),
        (b"   \r\n", "empty"),
        (b"<!doctype html><html><title>Sign in</title>", "page"),
        (b"PK\x03\x04\x00\x00", "other"),
        (b"\x00\xff" * 1000, "other"),
    ],
)
def test_what_is_no_calendar_is_said_to_be_none(raw: bytes, what: str) -> None:
    with pytest.raises(NoCalendar, match=what):
        scan(raw)


def test_a_calendar_without_entries_is_fine() -> None:
    assert read(file_of()).entries == []
    assert flaws(file_of()) == []
