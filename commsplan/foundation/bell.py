"""The bell: asks a worker to look at something. It carries ids only and may be lost.

The database row is the schedule. A bell that cannot ring is a named outcome, not an error: the
timetable rings again for whatever is still due.
"""

from __future__ import annotations

from enum import StrEnum

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from commsplan.foundation.logs import log

BELL_TIMEOUT_SECONDS = 2  # a page never waits longer for the queue server
JOB_TIMEOUT_SECONDS = 600
RESULT_SECONDS = 300


class Rung(StrEnum):
    """What became of a bell."""

    RUNG = "rung"
    UNHEARD = "unheard"


class QueueName(StrEnum):
    """Who listens."""

    SENDS = "sends"
    CHORES = "chores"


def connection(patient: bool = False) -> Redis:
    """Return a connection to the queue server; an impatient one gives up after 2 s."""
    if patient:
        return Redis.from_url(current_app.config["REDIS_URL"])
    return Redis.from_url(
        current_app.config["REDIS_URL"],
        socket_timeout=BELL_TIMEOUT_SECONDS,
        socket_connect_timeout=BELL_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def ring(queue: QueueName, job: str, *ids: int) -> Rung:
    """Ask a worker to run `job` ("commsplan.people.jobs.check") with these ids, after commit."""
    try:
        with connection() as redis:
            Queue(queue, connection=redis, serializer=JSONSerializer).enqueue(
                job,
                *ids,
                job_timeout=JOB_TIMEOUT_SECONDS,
                result_ttl=RESULT_SECONDS,
                failure_ttl=RESULT_SECONDS,
            )
    except RedisError as error:
        log().warning("bell.unheard", job=job, ids=ids, reason=type(error).__name__)
        return Rung.UNHEARD
    return Rung.RUNG
