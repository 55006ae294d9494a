"""A rule says when something repeats; what is not one of our rules is refused, never guessed."""

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from commsplan.plans.recurrence import (
    DAYS,
    Fault,
    Recurrence,
    UnusableRule,
    WeekDay,
    canonical,
    dates,
    falls_on,
    first_date,
    last_date,
    parse,
)

TUESDAY = datetime(2026, 10, 6, 9)

EVERY_KIND = st.one_of(
    st.builds(Recurrence, st.just("DAILY"), st.integers(1, 99)),
    st.builds(
        Recurrence,
        st.just("WEEKLY"),
        st.integers(1, 8),
        st.sets(st.builds(WeekDay, st.integers(0, 6)), max_size=4).map(
            lambda days: tuple(sorted(days, key=lambda one: one.day))
        ),
    ),
    st.builds(
        Recurrence,
        st.just("MONTHLY"),
        st.integers(1, 12),
        st.builds(WeekDay, st.integers(0, 6), st.sampled_from([1, 2, 3, 4, 5, -1])).map(
            lambda day: (day,)
        ),
    ),
    st.builds(
        Recurrence,
        st.just("MONTHLY"),
        st.integers(1, 12),
        st.just(()),
        st.sets(st.integers(1, 31), max_size=3).map(lambda days: tuple(sorted(days))),
    ),
    st.builds(Recurrence, st.just("YEARLY"), st.integers(1, 4)),
)


@given(EVERY_KIND, st.none() | st.integers(1, 1000))
def test_a_rule_reads_back_as_itself(rule: Recurrence, count: int | None) -> None:
    whole = Recurrence(rule.frequency, rule.interval, rule.week_days, rule.month_days, count)
    assert parse(str(whole)) == whole


@given(
    EVERY_KIND,
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    st.integers(0, 4000),
    st.integers(0, 400),
)
def test_a_window_shows_what_the_whole_series_has_there(
    rule: Recurrence, first: datetime, ahead: int, width: int
) -> None:
    since = first + timedelta(days=ahead)
    until = since + timedelta(days=width)
    expected = rrulestr(str(rule), dtstart=first).between(since, until, inc=True)
    assert dates(rule, first, since, until) == expected


@given(EVERY_KIND)
def test_no_day_has_two(rule: Recurrence) -> None:
    found = dates(rule, TUESDAY, TUESDAY, TUESDAY + timedelta(days=800))
    assert len({one.date() for one in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("FREQ=HOURLY", Fault.FREQUENCY),
        ("INTERVAL=2", Fault.FREQUENCY),
        ("FREQ=WEEKLY;WKST=MO", Fault.UNKNOWN),
        ("FREQ=WEEKLY;FREQ=DAILY", Fault.UNKNOWN),
        ("FREQ=WEEKLY;", Fault.UNKNOWN),
        ("FREQ=DAILY;INTERVAL=0", Fault.INTERVAL),
        ("FREQ=DAILY;INTERVAL=²", Fault.INTERVAL),
        ("FREQ=DAILY;BYDAY=MO", Fault.DAYS),
        ("FREQ=WEEKLY;BYDAY=2TU", Fault.DAYS),
        ("FREQ=WEEKLY;BYDAY=XX", Fault.DAYS),
        ("FREQ=MONTHLY;BYDAY=TU", Fault.DAYS),
        ("FREQ=MONTHLY;BYMONTHDAY=32", Fault.DAYS),
        ("FREQ=MONTHLY;BYMONTHDAY=3;BYDAY=1MO", Fault.DAYS),
        ("FREQ=WEEKLY;BYMONTHDAY=3", Fault.DAYS),
        ("FREQ=DAILY;COUNT=1001", Fault.COUNT),
        ("FREQ=DAILY;UNTIL=20260231", Fault.UNTIL),
        ("FREQ=DAILY;UNTIL=20261006T090000Z", Fault.UNTIL),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261006", Fault.TWO_ENDS),
    ],
)
def test_what_is_not_ours_is_refused_with_its_reason(text: str, fault: Fault) -> None:
    with pytest.raises(UnusableRule) as refused:
        parse(text)
    assert refused.value.fault is fault


def test_once_is_an_empty_text() -> None:
    assert canonical("") == ""


def test_days_stand_in_the_order_of_the_week() -> None:
    assert canonical("BYDAY=TH,MO,TH;FREQ=WEEKLY;INTERVAL=1") == "FREQ=WEEKLY;BYDAY=MO,TH"


def test_a_start_that_does_not_fit_waits_for_the_next_day_that_does() -> None:
    assert first_date(parse("FREQ=WEEKLY;BYDAY=TH"), TUESDAY) == datetime(2026, 10, 8, 9)


def test_the_last_day_is_still_in() -> None:
    rule = parse("FREQ=WEEKLY;UNTIL=20261020")
    assert last_date(rule, TUESDAY) == datetime(2026, 10, 20, 9)


def test_what_never_ends_has_no_last_one() -> None:
    assert last_date(parse("FREQ=DAILY"), TUESDAY) is None


def test_a_month_without_a_31st_has_none() -> None:
    rule = parse("FREQ=MONTHLY;BYMONTHDAY=31")
    assert falls_on(rule, TUESDAY, date(2026, 11, 30)) is None
    assert falls_on(rule, TUESDAY, date(2026, 12, 31)) == datetime(2026, 12, 31, 9)


def test_the_last_day_of_every_month() -> None:
    rule = parse("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
    assert [one.day for one in dates(rule, TUESDAY, TUESDAY, datetime(2027, 1, 1))] == [31, 30, 31]


def test_days_of_the_week_are_those_of_the_calendar() -> None:
    found = dates(parse("FREQ=WEEKLY;BYDAY=" + DAYS[4]), TUESDAY, TUESDAY, datetime(2026, 10, 31))
    assert {one.isoweekday() for one in found} == {5}
