"""A token bucket fills at its rate up to its burst; a copy draws from all its buckets or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from commsplan.delivery.rates import draw, refilled, seconds_until, shares

DOMAIN, CHANNEL = ("domain", "a.example"), ("channel", "email")


@given(tokens=st.floats(-50, 50), rate=st.integers(1, 6000), a=st.floats(0, 60), b=st.floats(0, 60))
def test_filling_twice_is_filling_once_for_as_long(
    tokens: float, rate: int, a: float, b: float
) -> None:
    twice = refilled(refilled(tokens, rate, 50, a), rate, 50, b)
    assert twice == pytest.approx(refilled(tokens, rate, 50, a + b))


def test_a_clock_that_goes_back_changes_nothing() -> None:
    assert refilled(3, 600, 10, -5) == 3


def test_after_the_wait_the_tokens_are_there() -> None:
    assert refilled(0.5, 30, 10, seconds_until(2, 0.5, 30)) == pytest.approx(2)


def test_a_copy_that_may_not_go_takes_nothing_of_any_bucket() -> None:
    needs = [{DOMAIN: 1.0, CHANNEL: 1.0}, {CHANNEL: 1.0}, {DOMAIN: 1.0, CHANNEL: 1.0}]
    going, left = draw(needs, {DOMAIN: 1.0, CHANNEL: 2.0})
    assert going == [True, True, False]
    assert left == {DOMAIN: 0.0, CHANNEL: 0.0}


def test_what_has_no_limit_is_not_held() -> None:
    assert draw([{DOMAIN: 1.0}], {}) == ([True], {})


def test_a_mail_server_carries_the_part_that_its_weight_says() -> None:
    assert shares({"a:25": 3, "b:25": 1}, {"b:25"}) == {"b:25": 0.25}


class Bucket(RuleBasedStateMachine):
    """Whatever is drawn when: never more than the burst and what came back since the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.taken, self.time = 5.0, 0, 0.0

    @rule(seconds=st.floats(0, 30))
    def wait(self, seconds: float) -> None:
        self.time += seconds
        self.tokens = refilled(self.tokens, 60, 5, seconds)

    @rule(copies=st.integers(1, 12))
    def take(self, copies: int) -> None:
        going, left = draw([{CHANNEL: 1.0}] * copies, {CHANNEL: self.tokens})
        self.tokens = left[CHANNEL]
        self.taken += sum(going)
        assert sum(going) == copies or self.tokens < 1

    @invariant()
    def keeps_the_limit(self) -> None:
        assert self.taken <= 5 + 60 / 60 * self.time + 1e-3
        assert -1e-3 <= self.tokens <= 5


TestBucket = Bucket.TestCase
