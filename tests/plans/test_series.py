"""A series happens when its rule says so, less what was cancelled, with what was moved."""

from datetime import UTC, datetime, timedelta

from commsplan.plans.recurrence import parse
from commsplan.plans.series import (
    NEVER,
    Departure,
    Series,
    day_of,
    end_of,
    occurrence,
    occurrences,
)

TUESDAY = datetime(2026, 10, 6, 9)
HOUR = timedelta(hours=1)


def series(rule: str = "FREQ=WEEKLY", *departures: Departure, **fields: object) -> Series:
    values = {"starts_local": TUESDAY, "ends_local": TUESDAY + HOUR, "zone": "Europe/Berlin"}
    return Series(**values | fields, rule=parse(rule) if rule else None, departures=departures)


def within(of: Series, since: datetime, until: datetime) -> list[str]:
    return [
        f"{one.name}{' cancelled' if one.cancelled else ''}"
        for one in occurrences(of, since.replace(tzinfo=UTC), until.replace(tzinfo=UTC))
    ]


def test_the_hour_on_the_wall_stays_when_clocks_change() -> None:
    found = occurrences(
        series(), datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC)
    )
    assert [one.starts_at for one in found] == [
        datetime(2026, 10, 20, 7, tzinfo=UTC),
        datetime(2026, 10, 27, 8, tzinfo=UTC),
    ]


def test_once_has_no_name() -> None:
    assert within(series(""), TUESDAY - 3 * HOUR, TUESDAY) == [""]


def test_what_began_before_the_window_and_lasts_into_it_is_in() -> None:
    long = series(ends_local=TUESDAY + timedelta(days=3))
    assert within(long, datetime(2026, 10, 15), datetime(2026, 10, 16)) == ["20261013T0900"]


def test_whole_days_are_named_by_their_day() -> None:
    days = series(
        starts_local=datetime(2026, 10, 6), ends_local=datetime(2026, 10, 6), all_day=True
    )
    assert within(days, datetime(2026, 10, 6, 12), datetime(2026, 10, 7)) == ["20261006"]


def test_a_cancelled_one_is_marked() -> None:
    off = series("FREQ=WEEKLY", Departure(datetime(2026, 10, 13, 9), cancelled=True))
    assert within(off, datetime(2026, 10, 12), datetime(2026, 10, 21)) == [
        "20261013T0900 cancelled",
        "20261020T0900",
    ]


def test_one_that_moved_into_the_window_joins_and_leaves_its_old_place() -> None:
    later = Departure(datetime(2026, 10, 13, 9), starts_local=datetime(2026, 11, 2, 15))
    moved = series("FREQ=WEEKLY", later)
    assert within(moved, datetime(2026, 10, 12), datetime(2026, 10, 19)) == []
    assert within(moved, datetime(2026, 11, 2), datetime(2026, 11, 3)) == ["20261013T0900"]


def test_one_that_moved_lasts_as_long_as_the_others() -> None:
    later = Departure(datetime(2026, 10, 13, 9), starts_local=datetime(2026, 10, 14, 15))
    found = occurrence(series("FREQ=WEEKLY", later), "20261013T0900")
    assert found
    assert found.ends_local == datetime(2026, 10, 14, 16)
    assert found.moved


def test_what_was_said_of_a_day_stays_when_the_series_moves_to_another_hour() -> None:
    off = Departure(datetime(2026, 10, 13, 8), cancelled=True)
    found = occurrence(series("FREQ=WEEKLY", off), "20261013T0800")
    assert found
    assert (found.name, found.cancelled) == ("20261013T0900", True)


def test_what_was_said_of_a_day_that_the_rule_has_no_more_is_silent() -> None:
    off = Departure(datetime(2026, 10, 14, 9), starts_local=datetime(2026, 10, 15, 9))
    assert within(series("FREQ=WEEKLY", off), datetime(2026, 10, 14), datetime(2026, 10, 17)) == []


def test_nothing_happens_twice_under_one_name() -> None:
    near = Departure(datetime(2026, 10, 13, 9), starts_local=datetime(2026, 10, 13, 10))
    found = within(series("FREQ=DAILY", near), datetime(2026, 10, 10), datetime(2026, 10, 20))
    assert len(found) == len(set(found)) == 10


def test_a_name_that_is_none_finds_nothing() -> None:
    for name in ("", "2026", "20261332", "20261007T0900", "²0261006", "20261006X"):
        assert occurrence(series(), name) is None
    assert day_of("20261006T0900")


def test_the_end_of_a_series_is_that_of_its_last_one() -> None:
    assert end_of(series("FREQ=WEEKLY;COUNT=3")) == datetime(2026, 10, 20, 8, tzinfo=UTC)
    assert end_of(series()) == NEVER


def test_the_end_of_a_series_goes_with_one_that_moved_behind_it() -> None:
    later = Departure(datetime(2026, 10, 13, 9), starts_local=datetime(2026, 12, 1, 9))
    assert end_of(series("FREQ=WEEKLY;COUNT=3", later)) == datetime(2026, 12, 1, 9, tzinfo=UTC)
