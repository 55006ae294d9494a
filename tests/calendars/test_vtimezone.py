"""A zone's rule is written only where it is right: held against zoneinfo, and read by dateutil."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil import tz

from commsplan.calendars.ics import zone_bytes
from commsplan.calendars.linting import complaints
from commsplan.calendars.tzfooter import footer_of
from commsplan.calendars.vtimezone import fits, is_misread, is_utc, vtimezone

FIRST, LAST = date(2024, 1, 1), date(2032, 12, 31)
EVENT = (
    b"BEGIN:VEVENT\r\nUID:a@b\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=%b:20260601T090000\r\n"
    b"SUMMARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
EVERY = sorted(available_timezones())
RIGHT = [zone for zone in EVERY if fits(zone, FIRST, LAST)]


def test_nearly_every_zone_can_be_written() -> None:
    assert len(RIGHT) > 0.97 * len(EVERY)


def test_those_that_change_their_minds_are_not() -> None:
    assert not {"Africa/Casablanca", "Asia/Gaza", "Africa/Cairo"} & set(RIGHT)


@pytest.mark.parametrize("zone", RIGHT)
def test_another_reader_places_every_hour_alike(zone: str) -> None:
    lot = random.Random(zone)
    text = (HEAD + zone_bytes(zone) + b"END:VCALENDAR\r\n").decode()
    read, there = tz.tzical(StringIO(text)).get(zone), ZoneInfo(zone)
    for _n in range(40):
        day = FIRST + timedelta(days=lot.randrange((LAST - FIRST).days))
        wall = datetime.combine(day, time(12))
        assert wall.replace(tzinfo=read).utcoffset() == wall.replace(tzinfo=there).utcoffset(), day


@pytest.mark.parametrize("zone", RIGHT[::20])
def test_the_linter_finds_nothing_wrong(zone: str) -> None:
    assert complaints(HEAD + zone_bytes(zone) + EVENT % zone.encode()) == []


def test_one_standard_and_one_daylight_with_a_rule_each() -> None:
    lines = vtimezone("Europe/Berlin")
    assert (lines.count("BEGIN:STANDARD"), lines.count("BEGIN:DAYLIGHT")) == (1, 1)
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" in lines
    assert not [line for line in lines if line.startswith("RDATE")]


def test_irish_winter_is_standard_time() -> None:
    lines = vtimezone("Europe/Dublin")
    assert lines[lines.index("BEGIN:STANDARD") + 4] == "TZOFFSETTO:+0000"


def test_a_friday_that_follows_the_fourth_thursday_is_said_by_dates() -> None:
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR" in vtimezone(
        "Asia/Jerusalem"
    )


def test_a_change_that_can_fall_into_the_next_month_is_not_written() -> None:
    assert footer_of("Africa/Cairo")
    assert vtimezone("Africa/Cairo") == ()


def test_a_rule_is_right_only_since_it_is_in_force() -> None:
    assert fits("America/New_York", date(2007, 4, 1), date(2026, 1, 1))
    assert not fits("America/New_York", date(2006, 1, 1), date(2026, 1, 1))


def test_an_hour_that_libical_misreads_is_known() -> None:
    assert is_misread("Asia/Jerusalem", time(2, 30))
    assert not is_misread("Asia/Jerusalem", time(9))
    assert not is_misread("Europe/Berlin", time(2, 30))


def test_utc_has_many_names() -> None:
    assert {zone for zone in EVERY if is_utc(zone)} >= {"UTC", "Etc/UTC", "Zulu", "GMT"}
    assert not is_utc("Europe/London")
    assert not is_utc("Africa/Abidjan")


def test_what_is_no_zone_is_refused() -> None:
    for name in ("../../etc/passwd", "Mars/Olympus", "/etc/localtime"):
        with pytest.raises((ValueError, LookupError)):
            footer_of(name)


def test_offsets_follow_the_footer_to_the_second() -> None:
    footer = footer_of("Europe/Berlin")
    assert footer
    change = datetime(2026, 3, 29, 1, tzinfo=UTC).replace(tzinfo=None)
    assert footer.offset_at(change) == timedelta(hours=2)
    assert footer.offset_at(change - timedelta(seconds=1)) == timedelta(hours=1)
