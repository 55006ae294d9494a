"""Parts of a send have the sizes that were asked for, and failures stop it in time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commsplan.delivery.waves import Wave, bounds, enough_tried, from_json, must_stop, opening

waves = some.lists(
    some.one_of(
        some.builds(Wave, some.integers(1, 100), some.none(), some.integers(1, 600)),
        some.builds(Wave, some.none(), some.integers(1, 3_000), some.integers(1, 600)),
    ),
    max_size=6,
)


@given(parts=waves, people=some.integers(0, 5_000))
def test_bounds_rise_and_never_pass_everybody(parts: list[Wave], people: int) -> None:
    reaches = bounds(parts, people)
    assert reaches == sorted(reaches)
    assert all(0 <= reach <= people for reach in reaches)


@given(parts=waves, people=some.integers(1, 5_000))
def test_a_share_is_right_to_one_person(parts: list[Wave], people: int) -> None:
    reaches = [0, *bounds(parts, people)]
    for wave, before, reach in zip(parts, reaches, reaches[1:], strict=False):
        wanted = people * wave.percent / 100 if wave.percent else float(wave.count or 0)
        if reach < people:
            assert abs(reach - before - wanted) < 1


def test_shares_and_counts_add_up() -> None:
    parts = [Wave(10, None, 60), Wave(None, 50, 60), Wave(25, None, 60)]
    assert bounds(parts, 1_000) == [100, 150, 400]


def test_each_part_opens_after_the_pauses_before_it() -> None:
    parts = [Wave(10, None, 60), Wave(20, None, 30)]
    assert [opening(parts, number) for number in range(3)] == [
        timedelta(),
        timedelta(minutes=60),
        timedelta(minutes=90),
    ]


def test_a_part_is_read_as_it_was_written() -> None:
    parts = (Wave(10, None, 60), Wave(None, 50, 5))
    assert from_json([wave.to_json() for wave in parts]) == parts


@pytest.mark.parametrize(
    ("failed", "tried", "limit", "stops"),
    [
        (1, 20, 5, False),
        (2, 20, 5, True),
        (9, 10, 5, False),
        (1, 100, 0, True),
        (99, 99, None, False),
    ],
)
def test_more_failures_than_allowed_stop_it(
    failed: int, tried: int, limit: int | None, stops: bool
) -> None:
    assert must_stop(failed, tried, limit, enough=20) is stops


def test_a_small_first_part_is_enough_to_find_out() -> None:
    assert enough_tried([Wave(None, 5, 60)], 1_000) == 5
    assert enough_tried([Wave(10, None, 60)], 1_000) == 20
    assert enough_tried([], 1_000) == 20
