"""Open or closed is arithmetic with stretches of time; a slow model of single hours agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from commsplan.calendars.state_rules import (
    Answer,
    State,
    Stretch,
    Turn,
    closed_times,
    joined,
    look,
    outside,
    together,
    without,
)

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 24


def at(hour: int) -> datetime:
    return ZERO + timedelta(hours=hour)


def stretch(pair: tuple[int, int]) -> Stretch:
    return Stretch(at(pair[0]), at(pair[1]))


def hours(stretches: list[Stretch]) -> set[int]:
    """Return the hours that are inside: the slow model."""
    return {n for n in range(HOURS) if any(one.starts <= at(n) < one.ends for one in stretches)}


some = st.lists(
    st.tuples(st.integers(0, HOURS), st.integers(0, HOURS)).map(sorted).map(tuple).map(stretch),
    max_size=6,
)


@given(some)
def test_joining_keeps_the_time_and_leaves_no_neighbours(stretches: list[Stretch]) -> None:
    found = joined(stretches)
    assert hours(found) == hours(stretches)
    assert all(one.ends < other.starts for one, other in pairwise(found))


@given(some, some)
def test_taking_away_takes_exactly_that_away(
    stretches: list[Stretch], holes: list[Stretch]
) -> None:
    assert hours(without(stretches, holes)) == hours(stretches) - hours(holes)


@given(some)
def test_outside_is_everything_else(stretches: list[Stretch]) -> None:
    whole = stretch((0, HOURS))
    assert hours(outside(stretches, whole)) == set(range(HOURS)) - hours(stretches)


@given(some, some, some, some)
def test_a_calendars_override_opens_it_against_everybody(
    own: list[Stretch], lifted: list[Stretch], everybodys: list[Stretch], all_lifted: list[Stretch]
) -> None:
    found = closed_times(own, lifted, everybodys, all_lifted)
    model = (hours(own) | (hours(everybodys) - hours(all_lifted))) - hours(lifted)
    assert hours(found) == model


@given(some, st.integers(0, HOURS - 1))
def test_the_next_change_is_the_first_hour_that_differs(
    stretches: list[Stretch], hour: int
) -> None:
    inside = hours(stretches)
    found = look(stretches, at(hour))
    assert (found.state is State.CLOSED) == (hour in inside)
    later = [n for n in range(hour, HOURS + 1) if (n in inside) != (hour in inside)]
    expected = at(later[0]) if later else None
    assert (found.turn.at if found.turn else None) == expected


@given(st.lists(some, min_size=1, max_size=4), st.integers(0, HOURS - 1))
def test_several_are_open_only_if_each_is(every: list[list[Stretch]], hour: int) -> None:
    answers = [look(stretches, at(hour)) for stretches in every]
    whole = together(answers, at(hour))
    is_open = all(one.state is State.OPEN for one in answers)
    assert (whole.state is State.OPEN) == is_open


def test_one_that_cannot_tell_leaves_it_open_to_doubt() -> None:
    unknown = Answer(State.UNKNOWN)
    is_open = look([], at(3))
    closed = look([stretch((2, 5))], at(3))
    assert together([is_open, unknown], at(3)).state is State.UNKNOWN
    assert together([closed, unknown], at(3)).state is State.CLOSED
    assert together([closed, unknown], at(3)).turn is None


def test_back_to_back_freezes_are_one() -> None:
    found = look([stretch((2, 5)), stretch((5, 9))], at(3))
    assert found.turn == Turn(at(9), State.OPEN)
