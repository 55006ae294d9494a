"""A calendar page knows its days, its neighbours, and what falls on each."""

from datetime import date, timedelta

import pytest

from commsplan.plans.month import by_day, days_of, neighbours, read_day

TODAY = date(2026, 11, 23)


def test_a_month_is_shown_as_whole_weeks_from_monday() -> None:
    days = days_of("month", date(2026, 11, 23))
    assert (days[0], days[-1]) == (date(2026, 10, 26), date(2026, 12, 6))


def test_a_february_of_four_weeks_needs_no_more() -> None:
    days = days_of("month", date(2027, 2, 14))
    assert (days[0], days[-1], len(days)) == (date(2027, 2, 1), date(2027, 2, 28), 28)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_whole_weeks_and_holds_all_its_days(month) -> None:
    days = days_of("month", date(2026, month, 15))
    assert len(days) % 7 == 0
    assert days[0].weekday() == 0
    last = (date(2026, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    assert {date(2026, month, 1), last} <= set(days)


def test_december_is_followed_by_january() -> None:
    assert neighbours("month", date(2026, 12, 31)) == (date(2026, 11, 1), date(2027, 1, 1))


def test_a_week_begins_on_monday() -> None:
    assert days_of("week", date(2026, 11, 29))[0] == date(2026, 11, 23)
    assert neighbours("week", TODAY) == (date(2026, 11, 16), date(2026, 11, 30))


def test_a_list_begins_on_its_day() -> None:
    assert days_of("list", TODAY)[0] == TODAY
    assert neighbours("list", TODAY)[1] == date(2026, 12, 21)


def test_what_lasts_days_stands_on_each_of_them() -> None:
    days = days_of("week", TODAY)
    page = by_day([("training", date(2026, 11, 20), date(2026, 11, 24))], days)
    assert [day.day for day, rows in page.items() if rows] == [23, 24]


@pytest.mark.parametrize("raw", ["", "yesterday", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_an_address_that_names_no_day_shows_today(raw) -> None:
    assert read_day(raw, TODAY) == TODAY
