"""The queue worker: hears the bell and runs one job at a time inside the application."""

from __future__ import annotations

import os
import socket
import time

from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from commsplan.foundation import logs
from commsplan.foundation.bell import QueueName, connection
from commsplan.foundation.database import db

RECONNECT_SECONDS = 2


def worker_name() -> str:
    """Return a name that tells this worker from every other: host and process."""
    return f"{socket.gethostname()}-{os.getpid()}"


class CommsplanWorker(SimpleWorker):
    """An RQ worker without a fork per job (27 ms each): a job is a chunk, and errors are logged."""

    app: Flask

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run one job in a fresh application context, with its id on every log line."""
        logs.begin("job", job.id)
        with self.app.app_context():
            try:
                return bool(super().perform_job(job, queue, execution))
            finally:
                db.session.remove()


def work(app: Flask, burst: bool = False) -> None:
    """Serve the queues until told to stop; a queue server that goes away is waited for."""
    while True:
        with app.app_context():
            redis = connection(patient=True)
        try:
            queues = [
                Queue(name, connection=redis, serializer=JSONSerializer) for name in QueueName
            ]
            worker = CommsplanWorker(queues, connection=redis, name=None, serializer=JSONSerializer)
            worker.app = app
            worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")
            return
        except RedisError as error:
            logs.log().warning("worker.queue_away", reason=type(error).__name__)
            if burst:
                raise
            time.sleep(RECONNECT_SECONDS)
