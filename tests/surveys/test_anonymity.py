"""No arithmetic over what is shown gives away a group smaller than the promised one."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commsplan.surveys.anonymity import fold, published

SIZES = st.dictionaries(st.integers(0, 40), st.integers(0, 30), max_size=20)
SMALLEST = st.integers(2, 12)


@pytest.mark.parametrize(
    ("sizes", "shown", "rest"),
    [
        ({}, (), 0),
        ({"a": 4}, (), 0),
        ({"a": 5}, ("a",), 0),
        ({"a": 5, "b": 5}, ("a", "b"), 0),
        ({"a": 9, "b": 4}, (), 13),
        ({"a": 9, "b": 7, "c": 1}, ("a",), 8),
        ({"a": 9, "b": 3, "c": 2}, ("a",), 5),
        ({"a": 9, "b": 0}, ("a",), 0),
        ({"a": 4, "b": 4}, (), 8),
    ],
)
def test_small_groups_go_together(sizes: dict[str, int], shown: tuple[str, ...], rest: int) -> None:
    folded = fold(sizes, 5)
    assert (folded.shown, folded.rest) == (shown, rest)


@given(SIZES, SMALLEST)
def test_no_shown_group_is_small(sizes: dict[int, int], smallest: int) -> None:
    assert all(sizes[name] >= smallest for name in fold(sizes, smallest).shown)


@given(SIZES, SMALLEST)
def test_the_whole_minus_what_is_shown_is_never_small(sizes: dict[int, int], smallest: int) -> None:
    folded = fold(sizes, smallest)
    whole = sum(sizes.values())
    if whole >= smallest:
        rest = whole - sum(sizes[name] for name in folded.shown)
        assert rest == folded.rest
        assert rest == 0 or rest >= smallest


@given(SIZES, SMALLEST)
def test_a_whole_that_is_small_shows_nothing(sizes: dict[int, int], smallest: int) -> None:
    if sum(sizes.values()) < smallest:
        assert fold(sizes, smallest).shown == ()


@given(SIZES, SMALLEST)
def test_nobody_is_lost(sizes: dict[int, int], smallest: int) -> None:
    folded = fold(sizes, smallest)
    if sum(sizes.values()) >= smallest:
        everybody = sum(chain((sizes[name] for name in folded.shown), [folded.rest]))
        assert everybody == sum(sizes.values())


@given(st.integers(0, 500), st.integers(0, 500), SMALLEST)
def test_two_readings_differ_by_nobody_or_by_enough(first: int, more: int, smallest: int) -> None:
    before, after = published(first, smallest), published(first + more, smallest)
    assert after - before == 0 or after - before >= smallest
