"""A queue server that hangs, or is full, delays copies; it loses and repeats none."""

from __future__ import annotations

import os
import signal

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from tests.mainline.engine import Engine

pytestmark = pytest.mark.mainline
PEOPLE, CAST = 2_000, 6


def _everybody_got_one(running: Engine) -> None:
    assert running.states() == {"accepted": PEOPLE + CAST}
    assert set(running.sink.copies.values()) == {1}


def test_a_queue_server_that_hangs_until_the_end_loses_and_repeats_nothing(
    sending: Engine,
) -> None:
    """Hung for good, which is longer than any ten minutes."""
    queue = sending.parts["queue"].process
    assert queue is not None
    send_id = sending.send_to(PEOPLE)
    sending.wait(lambda: sending.sink.bodies > PEOPLE // 10)
    os.kill(queue.pid, signal.SIGSTOP)
    try:
        sending.wait(lambda: sending.state_of(send_id) == "finished")
    finally:
        os.kill(queue.pid, signal.SIGCONT)
    _everybody_got_one(sending)


def test_a_queue_server_that_is_full_loses_and_repeats_nothing(sending: Engine) -> None:
    port = sending.environment["REDIS_URL"].rpartition(":")[2].partition("/")[0]
    with Redis("127.0.0.1", int(port)) as redis:
        redis.config_set("maxmemory-policy", "noeviction")
        redis.config_set("maxmemory", "1")
        with pytest.raises(ResponseError, match="used memory"):
            redis.set("one", "more")
        send_id = sending.send_to(PEOPLE)
        sending.wait(lambda: sending.state_of(send_id) == "finished")
    _everybody_got_one(sending)
