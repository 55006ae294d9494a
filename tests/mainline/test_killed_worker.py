"""A worker killed, a queue emptied, a mail server stopped: everybody once, all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import func, select

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import db
from commsplan.foundation.relay_addresses import CONNECTIONS
from tests.delivery.sink import SinkServer
from tests.mainline.engine import Engine

pytestmark = pytest.mark.mainline
PEOPLE = 2_000
CAST = 6
ALL = PEOPLE + CAST
LINES = CONNECTIONS  # of each worker to the mail server


@pytest.fixture
def running(sending: Engine) -> Engine:
    """An engine with nobody in its directory yet."""
    return sending


def _people_in_the_ledger(app: Flask) -> tuple[int, int]:
    """Return how many rows there are, and for how many people."""
    with app.app_context():
        found = db.session.execute(
            select(func.count(), func.count(func.distinct(Delivery.person_id)))
        ).one()
        db.session.remove()
        return found[0], found[1]


def _reconcile(running: Engine, send_id: int) -> None:
    log = running.folder / "relay.log"
    log.write_text("\n".join(f"message-id=<{one}>" for one in running.sink.copies))
    command = [sys.executable, "-m", "commsplan", "sends", "reconcile", str(send_id)]
    subprocess.run(
        [*command, "--accepted", str(log), "--resend-rest"],
        env={**os.environ, **running.environment},
        check=True,
        timeout=60,
    )


def test_a_worker_killed_in_the_middle_reaches_everybody_exactly_once(running: Engine) -> None:
    send_id = running.send_to(PEOPLE)
    running.wait(lambda: running.sink.bodies > PEOPLE // 4)
    running.kill("worker-1")
    running.wait(lambda: running.sink.bodies > PEOPLE // 2)
    running.kill("worker-2")
    running.parts["worker-1"].start()
    running.wait(lambda: running.state_of(send_id) == "finished")

    states = running.states()
    doubtful = states.pop("uncertain", 0)
    assert doubtful <= 2 * LINES, "one copy on each line of each worker killed"
    assert states == {"accepted": ALL - doubtful}
    assert _people_in_the_ledger(running.app) == (ALL, ALL)
    assert set(running.sink.copies.values()) == {1}

    _reconcile(running, send_id)
    running.wait(lambda: running.states() == {"accepted": ALL})
    assert len(running.sink.copies) == ALL
    assert set(running.sink.copies.values()) == {1}


def test_a_queue_server_that_dies_and_comes_back_empty_delays_and_loses_nothing(
    running: Engine,
) -> None:
    send_id = running.send_to(PEOPLE)
    running.wait(lambda: running.sink.bodies > PEOPLE // 10)
    running.kill("queue")
    running.wait(lambda: running.sink.bodies > PEOPLE // 3)
    running.parts["queue"].start()
    running.wait(lambda: running.state_of(send_id) == "finished")
    assert running.states() == {"accepted": ALL}
    assert set(running.sink.copies.values()) == {1}


def test_a_mail_server_that_stops_and_comes_back_delays_and_loses_nothing(
    running: Engine,
) -> None:
    send_id = running.send_to(PEOPLE)
    running.wait(lambda: running.sink.bodies > PEOPLE // 4)
    running.server.stop()
    running.wait(lambda: not running.states().keys() & {"leased", "sending"})
    assert running.states()["planned"] > 0
    running.server = SinkServer(running.sink, running.server.port)
    running.server.start()
    running.wait(lambda: running.state_of(send_id) == "finished")
    states = running.states()
    assert states.pop("uncertain", 0) <= 2 * LINES, "one copy on each line of each worker"
    assert sum(states.values()) == states["accepted"]
    assert set(running.sink.copies.values()) == {1}


def test_a_worker_told_to_stop_leaves_nothing_in_doubt(running: Engine) -> None:
    send_id = running.send_to(PEOPLE)
    running.wait(lambda: running.sink.bodies > PEOPLE // 4)
    assert running.parts["worker-1"].stop(), "it stopped by itself"
    running.wait(lambda: running.state_of(send_id) == "finished")
    assert running.states() == {"accepted": ALL}
    assert set(running.sink.copies.values()) == {1}
