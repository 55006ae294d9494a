"""All workers draw from the same buckets, and together they never get more than a limit allows."""

from __future__ import annotations

import time
from threading import Barrier, Thread

import pytest
from flask import Flask

from commsplan.delivery.buckets import draw_for, limits, take, tokens_now, wait_for
from commsplan.delivery.limit_actions import remove_limit, set_limit
from commsplan.delivery.rates import Key, Limit
from commsplan.foundation.database import db

EMAIL: Key = ("channel", "email")
DOMAIN: Key = ("domain", "a.example")


def test_a_new_limit_begins_with_its_burst(app: Flask) -> None:
    set_limit(EMAIL, Limit(60, 7), None)
    assert limits() == {EMAIL: Limit(60, 7)}
    assert take({EMAIL: 100}) == {EMAIL: 7}
    assert take({EMAIL: 100}) == {EMAIL: 0}


def test_of_what_has_no_limit_there_is_enough(app: Flask) -> None:
    assert take({EMAIL: 100}) == {EMAIL: 100}
    assert wait_for(EMAIL, 100) == 0
    assert draw_for([{EMAIL: 1.0}], {}).going == [True]


def test_an_empty_bucket_says_when_to_come_back(app: Flask) -> None:
    set_limit(EMAIL, Limit(60, 1), None)
    drawn = draw_for([{EMAIL: 1.0}] * 2, {})
    assert drawn.going == [True, False]
    assert drawn.waits[EMAIL] == pytest.approx(1, abs=0.1)
    assert wait_for(EMAIL, 1) == pytest.approx(1, abs=0.3)


def test_what_is_owed_is_taken_first(app: Flask) -> None:
    set_limit(EMAIL, Limit(1, 5), None)
    assert draw_for([{EMAIL: 1.0}] * 5, {EMAIL: 3.0}).going == [True, True, False, False, False]


def test_what_was_drawn_for_another_is_given_back_but_not_beyond_the_burst(app: Flask) -> None:
    set_limit(EMAIL, Limit(1, 5), None)
    draw_for([{EMAIL: 1.0}], {EMAIL: -30.0})
    assert tokens_now()[EMAIL] <= 5


def test_a_changed_limit_keeps_what_is_spent(app: Flask) -> None:
    set_limit(EMAIL, Limit(1, 10), None)
    take({EMAIL: 10})
    set_limit(EMAIL, Limit(2, 50), None)
    assert tokens_now()[EMAIL] < 1


def test_a_removed_limit_limits_nothing(app: Flask) -> None:
    set_limit(EMAIL, Limit(1, 1), None)
    assert remove_limit(EMAIL, None)
    assert not remove_limit(EMAIL, None)
    assert take({EMAIL: 9}) == {EMAIL: 9}


def test_three_at_once_never_get_more_than_burst_and_rate(app: Flask) -> None:
    """They name the buckets in different orders, and none waits for another for ever."""
    set_limit(EMAIL, Limit(1200, 10), None)
    set_limit(DOMAIN, Limit(1200, 10), None)
    db.session.rollback()
    begin, got = Barrier(3), list[int]()

    def draw_on(keys: tuple[Key, Key]) -> None:
        with app.app_context():
            begin.wait()
            while time.monotonic() < until:
                got.append(sum(draw_for([dict.fromkeys(keys, 1.0)] * 3, {}).going))
            db.session.remove()

    began = time.monotonic()
    until = began + 1.5
    orders = [(EMAIL, DOMAIN), (DOMAIN, EMAIL), (EMAIL, DOMAIN)]
    threads = [Thread(target=draw_on, args=(one,)) for one in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    assert 10 + 20 * 1.5 * 0.8 <= sum(got) <= 10 + 20 * seconds
