"""Shares come with Wilson's interval, held against published and independently computed values."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commsplan.effectiveness.rules import share, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # statsmodels 0.14, proportion_confint(method="wilson")
        (9, 10, 0.5958, 0.9821),
        (5, 5, 0.5655, 1.0),
        (0, 5, 0.0, 0.4345),
        (2950, 4812, 0.5992, 0.6267),
    ],
)
def test_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000), st.data())
def test_the_ends_solve_the_score_equation(trials: int, data: st.DataObject) -> None:
    """|p̂ - p| = z √(p (1 - p) / n) at both ends: the definition itself, not its solution."""
    successes = data.draw(st.integers(0, trials))
    found, z = wilson(successes, trials), 1.959963984540054
    estimate = float(Fraction(successes, trials))
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert abs(estimate - end) == pytest.approx(z * (end * (1 - end) / trials) ** 0.5)


@given(st.integers(1, 5000), st.data())
def test_the_share_lies_in_its_interval(trials: int, data: st.DataObject) -> None:
    found = wilson(data.draw(st.integers(0, trials)), trials)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(successes, trials)


def test_nobody_has_no_share() -> None:
    assert share(0, 0) is None
