"""The queue worker: hears the bell and runs one job at a time inside the application.

No process is forked, so a job dies with its worker and never outlives it. Told to stop, it lets a
job reach its next safe place. While the queue server is away it looks into the database itself.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from flask import Flask
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from commsplan.delivery.invitation_jobs import post_invitations
from commsplan.delivery.jobs import deliver_without_bell
from commsplan.delivery.posting_jobs import post_without_bell
from commsplan.foundation import logs
from commsplan.foundation.alone import Alone
from commsplan.foundation.bell import QueueName, closing, connection
from commsplan.foundation.database import db
from commsplan.people.jobs import read_lists_without_bell

RECONNECT_SECONDS = 2.0
BY_ITSELF: tuple[Callable[[], object], ...] = (
    deliver_without_bell,
    post_without_bell,
    post_invitations,
    read_lists_without_bell,
)
"""What a worker looks for that nobody can call."""
LISTEN_SECONDS = 45  # RQ's own 420 leaves a worker deaf for seven minutes when a server hangs


class CommsplanWorker(SimpleWorker):
    """An RQ worker without a fork per job (27 ms each): a job is a chunk, and errors are logged."""

    app: Flask
    in_job = False

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run one job in a fresh application context, with its id on every log line."""
        logs.begin("job", job.id)
        self.in_job = True
        with self.app.app_context():
            try:
                return bool(super().perform_job(job, queue, execution))
            finally:
                db.session.remove()
                self.in_job = False

    def handle_exception(self, job: Job, *exc_info: object) -> None:
        """Log what a job raised, in our own form."""
        logs.log().error("job.failed", function=job.func_name, exc_info=exc_info)
        super().handle_exception(job, *exc_info)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Give RQ's sign of life; a queue server that is away ends RQ's loop instead of holding it.

        RQ would wait for it inside, up to a minute at a time, and deliver nothing meanwhile.
        """
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as error:
            raise StopRequested from error

    def _install_signal_handlers(self) -> None:
        """Leave the signals to `work`."""

    def told_to_stop(self) -> None:
        """End at once when idle, else after the job."""
        self._stop_requested = True
        if not self.in_job:
            raise StopRequested


def work(app: Flask, burst: bool = False) -> None:
    """Serve the queues until told to stop; without a queue server, serve the ledger directly."""
    closing.clear()
    present: list[CommsplanWorker] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        closing.set()
        for worker in present:
            worker.told_to_stop()

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, stop)
    while not closing.is_set():
        try:
            with app.app_context():
                present[:] = [_worker(app)]
            present[0].work(burst=burst, with_scheduler=False, logging_level="CRITICAL")
        except StopRequested:
            continue
        except RedisError as error:
            logs.log().warning("worker.queue_away", reason=type(error).__name__)
            if burst:
                raise
        finally:
            present.clear()
        if burst:
            return
        _work_without_queue(app)
        closing.wait(RECONNECT_SECONDS)


def _worker(app: Flask) -> CommsplanWorker:
    redis = connection(patient=True)
    queues = [Queue(name, connection=redis, serializer=JSONSerializer) for name in QueueName]
    worker = CommsplanWorker(
        queues, connection=redis, serializer=JSONSerializer, worker_ttl=LISTEN_SECONDS
    )
    worker.app = app
    return worker


def _work_without_queue(app: Flask) -> None:
    """Look for due copies and lists once: nobody can ring while the queue server is away."""
    if closing.is_set():
        return
    logs.begin("job", "without-queue")
    with app.app_context():
        try:
            for look in BY_ITSELF:
                with Alone(look.__name__):
                    look()
        finally:
            db.session.remove()
