"""Pausing and cancelling take effect within five seconds, whatever the workers are at."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest

from commsplan.delivery.models import Send
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from tests.mainline.engine import Engine

pytestmark = pytest.mark.mainline
PEOPLE = 1_500
WITHIN = timedelta(seconds=5)
WATCHED_SECONDS = 8.0
PAUSE_OF_A_SLOW_SERVER = 0.4  # seconds for each copy


@pytest.fixture
def slow(sending: Engine) -> Engine:
    """An engine whose mail server takes its time over every copy."""

    async def wait() -> None:
        await asyncio.sleep(PAUSE_OF_A_SLOW_SERVER)

    sending.sink.at_end = lambda _server, _number: wait()
    return sending


def _tell(sending: Engine, verb: str, send_id: int) -> None:
    """Use the command line as an operator would."""
    command = [sys.executable, "-m", "commsplan", "sends", verb, str(send_id)]
    subprocess.run(command, env={**os.environ, **sending.environment}, check=True, timeout=60)


def _told_at(sending: Engine, send_id: int) -> datetime:
    """Return when the send's row was changed."""
    with sending.app.app_context():
        send = db.session.get_one(Send, send_id)
        moment = send.cancelled_at or send.paused_at
        db.session.remove()
    assert moment is not None
    return moment


def _last_copy(sending: Engine) -> datetime:
    """Watch the mail server for a while; return when it took its last copy."""
    seen, last, end = sending.sink.bodies, now_utc(), time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < end:
        if sending.sink.bodies != seen:
            seen, last = sending.sink.bodies, now_utc()
        time.sleep(0.02)
    return last


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_nothing_more_leaves_within_five_seconds_on_a_slow_server(slow: Engine, verb: str) -> None:
    send_id = slow.send_to(PEOPLE)
    slow.wait(lambda: slow.sink.bodies > 20)
    _tell(slow, verb, send_id)
    latency = _last_copy(slow) - _told_at(slow, send_id)
    print(f"{verb}: the last copy came {latency} later")  # noqa: T201  # measured, for the record
    assert latency < WITHIN
    assert slow.sink.bodies < PEOPLE // 2
    if verb == "cancel":
        slow.wait(lambda: not slow.states().keys() & {"planned", "sending"})
        assert slow.states()["cancelled"] > PEOPLE // 2


def test_a_resumed_send_reaches_everybody_once(sending: Engine) -> None:
    usual, sending.sink.at_end = sending.sink.at_end, lambda _server, _number: asyncio.sleep(0.1)
    send_id = sending.send_to(PEOPLE)
    sending.wait(lambda: sending.sink.bodies > PEOPLE // 10)
    _tell(sending, "pause", send_id)  # an engine at its own speed would be done before
    sending.sink.at_end = usual
    time.sleep(1)
    _tell(sending, "resume", send_id)
    sending.wait(lambda: sending.state_of(send_id) == "finished")
    assert set(sending.sink.copies.values()) == {1}
    assert len(sending.sink.copies) == sum(sending.states().values())
