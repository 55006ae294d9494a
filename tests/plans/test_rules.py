"""Progress, standing and the oddities of clocks are decided without database or web."""

from datetime import date, datetime

import pytest

from commsplan.plans.rules import (
    ClockOddity,
    Standing,
    clock_oddity,
    elapsed_share,
    goal_progress,
    standing,
)

BEGAN, DUE = date(2026, 10, 1), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("baseline", "target", "value", "share"),
    [
        (0, 90, 45, 0.5),
        (340, 120, 230, 0.5),
        (12, 90, 12, 0.0),
        (12, 90, 0, -12 / 78),
        (0, 4, 5, 1.25),
    ],
)
def test_progress_is_the_share_of_the_way(baseline, target, value, share) -> None:
    assert goal_progress(baseline, target, value) == pytest.approx(share)


def test_a_goal_without_a_way_has_no_progress() -> None:
    with pytest.raises(ValueError, match="no progress"):
        goal_progress(5, 5, 5)


def test_time_before_the_start_and_after_the_end_counts_as_none_and_all() -> None:
    assert elapsed_share(BEGAN, DUE, date(2026, 9, 1)) == 0
    assert elapsed_share(BEGAN, DUE, date(2027, 1, 1)) == 1


def test_a_plan_of_one_day_has_passed_on_that_day() -> None:
    assert elapsed_share(DUE, DUE, DUE) == 1


def judge(progress, measured_on, today=date(2026, 11, 1)) -> Standing:
    return standing(progress, BEGAN, DUE, measured_on, today)


def test_nothing_is_said_without_a_measurement() -> None:
    assert judge(None, None) is Standing.UNMEASURED


def test_the_whole_way_is_reached_even_late() -> None:
    assert judge(1.0, date(2027, 1, 1), date(2027, 1, 1)) is Standing.REACHED


def test_half_the_way_at_half_time_is_on_track() -> None:
    assert judge(0.5, date(2026, 10, 31)) is Standing.ON_TRACK


def test_a_little_behind_the_calendar_is_still_on_track() -> None:
    assert judge(0.41, date(2026, 10, 31)) is Standing.ON_TRACK


def test_far_behind_the_calendar_is_behind() -> None:
    assert judge(0.2, date(2026, 10, 31)) is Standing.BEHIND


def test_less_than_all_after_the_due_day_is_behind() -> None:
    assert judge(0.99, date(2026, 11, 30), date(2026, 12, 1)) is Standing.BEHIND


def test_clocks_in_berlin_skip_half_past_two_in_spring() -> None:
    assert clock_oddity(datetime(2027, 3, 28, 2, 30), "Europe/Berlin") is ClockOddity.SKIPPED


def test_clocks_in_berlin_show_half_past_two_twice_in_autumn() -> None:
    assert clock_oddity(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") is ClockOddity.TWICE


def test_an_ordinary_time_is_nothing_special() -> None:
    assert clock_oddity(datetime(2026, 11, 24, 9, 0), "Europe/Berlin") is None
