"""Checks of what has to answer: database, queue server, workers, timetable, mail server."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from redis.exceptions import RedisError, ResponseError
from rq import Worker
from rq.worker import BaseWorker, WorkerStatus
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commsplan.foundation.audit import first_broken_entry
from commsplan.foundation.bell import connection, last_beat
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.mail import relay
from commsplan.home.rules import Finding

SILENT_AFTER = timedelta(minutes=1)  # the timetable gives a sign of life every 15 s
CLOCKS_MAY_DIFFER = timedelta(seconds=5)
IDLE_SILENT_AFTER = timedelta(seconds=75)  # it listens 45 s at a time at most
BUSY_SILENT_AFTER = timedelta(minutes=2)  # a job takes a minute at most
MAIL_SECONDS = 5
WORKERS_ON_SQLITE = 4  # more only wait for each other: one writer at a time


def database() -> Finding:
    """Whether it answers and has the newest shape."""
    name = _("Database")
    try:
        with db.engine.connect() as answering:
            present = MigrationContext.configure(answering).get_current_revision()
    except SQLAlchemyError as error:
        said = _("It does not answer (%(reason)s).", reason=type(error).__name__)
        return Finding(name, "bad", said, _("Check DATABASE_URL and that the server runs."))
    newest = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    if present == newest:
        return Finding(name, "good", _("It answers and has the newest shape."))
    said = _("It has shape %(present)s, not %(newest)s.", present=present or 0, newest=newest)
    return Finding(name, "bad", said, _("Run “commsplan migrate”."))


def kind_of_database() -> Finding:
    """Whether the kind of database suits the number of workers."""
    name = _("Kind of database")
    if not is_sqlite():
        return Finding(name, "good", _("PostgreSQL: fit for several machines."))
    if _count_workers() > WORKERS_ON_SQLITE:
        said = _(
            "SQLite lets one process write at a time; %(count)s workers only wait.",
            count=_count_workers(),
        )
        return Finding(
            name, "warn", said, _("Run fewer workers, or set DATABASE_URL to PostgreSQL.")
        )
    return Finding(name, "good", _("SQLite: good for one machine and a few workers."))


def clock() -> Finding:
    """Whether this machine and the database agree what time it is."""
    name = _("Clock")
    if is_sqlite():
        return Finding(
            name,
            "good",
            _("One machine, one clock: %(now)s.", now=f"{now_utc():%d %b %Y, %H:%M} UTC"),
        )
    try:
        theirs = db.session.scalar(text("select extract(epoch from clock_timestamp())"))
    except SQLAlchemyError:
        return Finding(name, "warn", _("The database does not answer."), _("See above."))
    apart = abs(now_utc() - datetime.fromtimestamp(float(theirs or 0), UTC))
    if apart < CLOCKS_MAY_DIFFER:
        return Finding(name, "good", _("This machine and the database agree."))
    said = _(
        "This machine and the database are %(seconds)s seconds apart.",
        seconds=int(apart.total_seconds()),
    )
    return Finding(name, "bad", said, _("Switch on time synchronisation (NTP) on both."))


def queue() -> Finding:
    """Whether the queue server answers and keeps what it is told."""
    name = _("Queue server")
    try:
        with connection() as redis:
            redis.ping()
            keeps = redis.config_get("appendonly").get("appendonly") == "yes"
    except ResponseError:
        return Finding(name, "good", _("It answers; it does not say what it keeps."))
    except RedisError as error:
        said = _(
            "It does not answer (%(reason)s). Nothing is lost, but everything waits.",
            reason=type(error).__name__,
        )
        return Finding(name, "bad", said, _("Check REDIS_URL and that the server runs."))
    if keeps:
        return Finding(name, "good", _("It answers and keeps what it is told."))
    said = _("It answers, but forgets everything when it stops; that only delays.")
    return Finding(name, "warn", said, _("Set “appendonly yes” in its configuration."))


def _count_workers() -> int:
    """Count the workers that live; one that was killed stays registered for minutes."""
    try:
        with connection() as redis:
            return sum(_lives(worker) for worker in Worker.all(connection=redis))
    except RedisError:
        return 0


def _lives(worker: BaseWorker) -> bool:
    """Tell whether a worker gave a sign of life lately; while it has a job, it gives none."""
    patience = BUSY_SILENT_AFTER if worker.get_state() == WorkerStatus.BUSY else IDLE_SILENT_AFTER
    seen = worker.last_heartbeat
    return seen is not None and now_utc() - seen < patience


def workers() -> Finding:
    """Whether somebody serves the queues."""
    name, count = _("Workers"), _count_workers()
    if count:
        said = ngettext(
            "%(num)s worker serves the queues.", "%(num)s workers serve the queues.", count
        )
        return Finding(name, "good", said)
    remedy = _("Start at least one “commsplan worker”, better two.")
    return Finding(name, "bad", _("No worker serves the queues: no message leaves."), remedy)


def timetable() -> Finding:
    """Whether due work is looked for."""
    name = _("Timetable")
    remedy = _("Start one “commsplan timetable”.")
    try:
        seen = last_beat()
    except RedisError:
        return Finding(name, "warn", _("Unknown while the queue server is away."), remedy)
    if seen is None:
        return Finding(
            name, "bad", _("It gave no sign of life today: nothing starts by itself."), remedy
        )
    if now_utc() - seen > SILENT_AFTER:
        said = _("It has been silent since %(when)s UTC.", when=f"{seen:%d %b, %H:%M}")
        return Finding(name, "bad", said, remedy)
    return Finding(name, "good", _("It looks for due work."))


def mail_server() -> Finding:
    """Whether the mail server lets us in; nothing is sent."""
    name = _("Mail server")
    try:
        with relay(current_app.config["SMTP_URL"], MAIL_SECONDS) as client:
            client.ehlo_or_helo_if_needed()
            client.noop()
    except Unreadable as error:
        return Finding(name, "bad", str(error), _("Set SMTP_URL."))
    except (OSError, smtplib.SMTPException) as error:
        said = _("It does not let us in (%(reason)s). Messages wait.", reason=type(error).__name__)
        return Finding(
            name, "bad", said, _("Check SMTP_URL, its user and password, and the network.")
        )
    return Finding(name, "good", _("It lets us in."))


def audit_trail() -> Finding:
    """Whether every entry's seal still fits."""
    name = _("Audit trail")
    try:
        broken = first_broken_entry()
    except SQLAlchemyError:
        return Finding(name, "warn", _("It cannot be read."), _("See above."))
    if broken is None:
        return Finding(name, "good", _("Every entry's seal fits."))
    said = _("The seal of entry %(number)s does not fit: the trail was changed.", number=broken)
    return Finding(
        name, "bad", said, _("Keep a copy, and find out who had access to the database.")
    )
