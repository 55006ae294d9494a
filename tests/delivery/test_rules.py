"""What a mail server's answer means, and how long a copy waits after it."""

from datetime import timedelta

import pytest

from commsplan.delivery.rules import (
    Outcome,
    State,
    Trouble,
    away,
    dropped,
    judge,
    later,
    retry_in,
)

MIDDLE = 0.5  # no jitter


@pytest.mark.parametrize(
    ("code", "state", "trouble"),
    [
        (421, State.PLANNED, Trouble.CLOSED),
        (450, State.PLANNED, Trouble.LATER),
        (452, State.PLANNED, Trouble.LATER),
        (550, State.FAILED, Trouble.REFUSED),
        (554, State.FAILED, Trouble.REFUSED),
        (299, State.FAILED, Trouble.REFUSED),
    ],
)
def test_a_reply_has_one_meaning(code: int, state: State, trouble: Trouble) -> None:
    outcome = judge(code, "words")
    assert (outcome.state, outcome.trouble, outcome.note) == (state, trouble, f"{code} words")


@pytest.mark.parametrize(
    ("outcome", "attempts", "wait"),
    [
        (later("450"), 1, timedelta(minutes=5)),
        (later("450"), 3, timedelta(minutes=20)),
        (later("450"), 50, timedelta(hours=4)),
        (dropped("cut"), 1, timedelta(seconds=15)),
        (dropped("cut"), 4, timedelta(minutes=2)),
        (dropped("cut"), 40, timedelta(hours=4)),
        (away("nobody there"), 40, timedelta(seconds=15)),
    ],
)
def test_the_wait_grows_as_the_trouble_asks(
    outcome: Outcome, attempts: int, wait: timedelta
) -> None:
    assert retry_in(outcome, attempts, MIDDLE) == wait


def test_the_jitter_is_a_fifth_each_way() -> None:
    shortest, longest = (retry_in(later("450"), 1, chance) for chance in (0.0, 1.0))
    assert (shortest, longest) == (timedelta(minutes=4), timedelta(minutes=6))


def test_only_what_was_put_on_the_wire_counts_as_an_attempt() -> None:
    assert later("450").tried
    assert not away("nobody there").tried
