"""The bell: asks a worker to look at something. It carries ids only and may be lost.

The database row is the schedule. A bell that cannot ring is a named outcome, not an error: the
timetable rings again for whatever is still due.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from threading import Event

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from commsplan.foundation.clock import now_utc
from commsplan.foundation.logs import log

BELL_TIMEOUT_SECONDS = 2  # a page never waits longer for the queue server
JOB_TIMEOUT_SECONDS = 3600  # a server may think for ten minutes over one mail (RFC 5321)
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


closing = Event()
"""Set in a worker that was told to stop: a long job looks at it and ends at its next safe place."""


def ring(queue: QueueName, job: str, *ids: int, at_most: int = 0) -> Rung:
    """Ask a worker to run `job` ("commsplan.people.jobs.check") with these ids, after commit.

    Args:
        queue: who shall hear it.
        job: the function, by its full name.
        ids: what it is about.
        at_most: how many such bells may be waiting at once; 0 is any number.
    """
    name = "-".join([job.rpartition(".")[2], *map(str, ids)])
    try:
        with connection() as redis:
            line = Queue(queue, connection=redis, serializer=JSONSerializer)
            if at_most and _waiting(line, name) >= at_most:
                return Rung.RUNG
            line.enqueue(
                job,
                *ids,
                job_id=f"{name}-{secrets.token_hex(6)}",
                job_timeout=JOB_TIMEOUT_SECONDS,
                result_ttl=RESULT_SECONDS,
                failure_ttl=RESULT_SECONDS,
            )
    except RedisError as error:
        log().warning("bell.unheard", job=job, ids=ids, reason=type(error).__name__)
        return Rung.UNHEARD
    return Rung.RUNG


def is_answering() -> bool:
    """Tell whether the queue server answers, within 2 s."""
    try:
        with connection() as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def _waiting(line: Queue, name: str) -> int:
    return sum(job_id.rpartition("-")[0] == name for job_id in line.get_job_ids())


TIMETABLE_BEAT = "commsplan:timetable-beat"
BEAT_KEPT_SECONDS = 86_400


def beat() -> None:
    """Leave the timetable's sign of life with the queue server, for whoever looks for it."""
    try:
        with connection() as redis:
            redis.set(TIMETABLE_BEAT, now_utc().isoformat(), ex=BEAT_KEPT_SECONDS)
    except RedisError as error:
        log().warning("beat.unheard", reason=type(error).__name__)


def last_beat() -> datetime | None:
    """Return the timetable's last sign of life of the past day.

    Raises:
        RedisError: the queue server does not answer.
    """
    with connection() as redis:
        kept = redis.get(TIMETABLE_BEAT)
    return datetime.fromisoformat(bytes(kept).decode()) if kept else None
