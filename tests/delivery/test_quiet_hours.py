"""Quiet hours of a reader's day keep mail away, over midnight and over changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commsplan.delivery.hours import QuietHours, read_quiet_hours
from commsplan.foundation.dates import utc_to_local

NIGHT = QuietHours(20 * 60, 7 * 60)
ZONES = ["Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu", "UTC"]


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2027-01-12T18:59", "2027-01-12T18:59"),  # 19:59 in Berlin
        ("2027-01-12T19:00", "2027-01-13T06:00"),
        ("2027-01-12T23:30", "2027-01-13T06:00"),  # after midnight there
        ("2027-01-13T05:59", "2027-01-13T06:00"),
        ("2027-01-13T06:00", "2027-01-13T06:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(moment: str, goes: str) -> None:
    assert NIGHT.out_of(_utc(moment), "Europe/Berlin") == _utc(goes)


def test_a_night_in_which_the_clock_goes_forward_ends_at_the_same_hour() -> None:
    assert NIGHT.out_of(_utc("2027-03-27T22:00"), "Europe/Berlin") == _utc("2027-03-28T05:00")


def test_a_night_in_which_the_clock_goes_back_ends_at_the_same_hour() -> None:
    assert NIGHT.out_of(_utc("2027-10-30T22:00"), "Europe/Berlin") == _utc("2027-10-31T06:00")


def test_an_hour_that_the_clock_shows_twice_is_quiet_twice() -> None:
    quiet = QuietHours(1 * 60, 2 * 60 + 30)
    first, second = _utc("2027-10-31T00:40"), _utc("2027-10-31T01:20")  # 02:40 and 02:20 in Berlin
    assert quiet.out_of(first, "Europe/Berlin") == _utc("2027-10-31T01:30")
    assert quiet.out_of(second, "Europe/Berlin") == _utc("2027-10-31T01:30")


def test_an_end_that_the_clock_skips_moves_forward_by_the_gap() -> None:
    quiet = QuietHours(0, 2 * 60 + 30)
    assert quiet.out_of(_utc("2027-03-28T00:30"), "Europe/Berlin") == _utc("2027-03-28T01:30")


def test_within_a_day_they_begin_again_the_next_day() -> None:
    lunch = QuietHours(12 * 60, 13 * 60)
    assert lunch.next_begin(_utc("2027-01-12T12:00"), "UTC") == _utc("2027-01-13T12:00")


@given(
    moment=some.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)),
    begin=some.integers(0, 1439),
    length=some.integers(1, 1320),
    zone=some.sampled_from(ZONES),
)
def test_what_comes_out_is_awake_and_soon(
    moment: datetime, begin: int, length: int, zone: str
) -> None:
    quiet = QuietHours(begin, (begin + length) % 1440)
    start = moment.replace(tzinfo=UTC)
    goes = quiet.out_of(start, zone)
    assert start <= goes <= start + timedelta(minutes=length + 60)
    assert quiet.out_of(goes, zone) == goes
    assert goes < quiet.next_begin(goes, zone) <= goes + timedelta(hours=26)
    wall = utc_to_local(goes, zone)
    if goes != start and not _changes(zone, goes):
        assert wall.hour * 60 + wall.minute == quiet.end


def _changes(zone: str, moment: datetime) -> bool:
    """Tell whether the clock changes within some hours."""
    before, after = moment - timedelta(hours=3), moment + timedelta(hours=3)
    return utc_to_local(after, zone) - utc_to_local(before, zone) != after - before


def test_they_are_written_as_people_write_them() -> None:
    assert read_quiet_hours("20:00-07:00") == NIGHT
    assert read_quiet_hours(" 20:00 – 7:00 ") == NIGHT
    assert read_quiet_hours("") is None


@pytest.mark.parametrize("written", ["20-7", "25:00-07:00", "08:00-08:00", "08:00-07:59"])
def test_what_makes_no_sense_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"hour|Write"):
        read_quiet_hours(written)
