"""Every periodic job on one page. Each looks at the database and acts on what is due.

Several timetables at once do no harm: whatever is due is claimed by compare-and-set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from flask import Flask

from commsplan.calendars.feed_clockwork import tidy_feeds
from commsplan.calendars.refresh_clockwork import look_after_calendars
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.imap import read_inbox_aside
from commsplan.delivery.inbox_clockwork import look_after_early_bounces, tidy_bounces
from commsplan.delivery.invitation_clockwork import look_after_invitations
from commsplan.delivery.moved_mail import mail_changes
from commsplan.delivery.posting_clockwork import look_after_postings
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.stall_mail import tell_of_stalls
from commsplan.foundation import logs
from commsplan.foundation.aside import Aside
from commsplan.foundation.bell import beat
from commsplan.foundation.database import db
from commsplan.people.import_files import forget_old_problems
from commsplan.people.imports import ring_waiting_imports
from commsplan.people.sign_in import forget_old_sign_ins, mail_unheard_links

POLL = 0.0
"""Stands for the setting POLL_SECONDS."""


@dataclass(frozen=True)
class Periodic:
    """One job of the timetable."""

    name: str
    every_seconds: float
    run: Callable[[], None]
    what: str


PERIODIC: tuple[Periodic, ...] = (
    Periodic(
        "sends",
        POLL,
        look_after_sends,
        "Starts what is due, takes back what lost workers held, rings for what waits, ends what "
        "is done.",
    ),
    Periodic("inbox", 60, read_inbox_aside, "Reads bounces from the mailbox, if one is set."),
    Periodic(
        "bounces-early",
        15,
        look_after_early_bounces,
        "Applies bounces that came before the copy was settled.",
    ),
    Periodic("bounces-tidy", 86_400, tidy_bounces, "Forgets single bounces in time."),
    Periodic(
        "postings",
        POLL,
        look_after_postings,
        "Takes back what lost workers had on the way to chat rooms and webhooks; rings for the "
        "rest.",
    ),
    Periodic(
        "invitations",
        POLL,
        look_after_invitations,
        "Tells invited people what changed, fills places that became free, judges what lost "
        "workers had on the wire, rings for the rest.",
    ),
    Periodic(
        "pulse",
        10,
        feel_pulses,
        "Notes how far each running send is, and whether it has come to a halt.",
    ),
    Periodic(
        "stalled-sends",
        30,
        Aside("stalled-sends", tell_of_stalls),
        "Mails, once, whoever scheduled a send that has come to a halt, and its plan's owner.",
    ),
    Periodic(
        "changed-dates",
        10,
        Aside("changed-dates", mail_changes),
        "Mails a changed date to those whose calendars have not fetched it, where that was asked.",
    ),
    Periodic("feeds-tidy", 86_400, tidy_feeds, "Forgets written events that no feed shows."),
    Periodic(
        "staff-lists",
        10,
        ring_waiting_imports,
        "Rings for staff lists that wait or whose worker fell silent; ends forgotten ones.",
    ),
    Periodic(
        "staff-lists-tidy", 86_400, forget_old_problems, "Forgets old files of unusable rows."
    ),
    Periodic(
        "calendars-in",
        60,
        Aside("calendars-in", look_after_calendars),
        "Rings for calendars from elsewhere that are due to be looked at.",
    ),
    Periodic(
        "sign-in-mail",
        5,
        Aside("sign-in-mail", mail_unheard_links),
        "Mails one-time links that no worker took.",
    ),
    Periodic("sign-in-tidy", 86_400, forget_old_sign_ins, "Forgets old links and sessions."),
    Periodic("sign-of-life", 15, beat, "Tells `commsplan doctor` that the timetable runs."),
)


def run_once(app: Flask, jobs: Sequence[Periodic]) -> None:
    """Run each job once, in order; a job that fails is logged and comes again next time."""
    for job in jobs:
        logs.begin("job", f"timetable-{job.name}")
        with app.app_context():
            try:
                job.run()
            except Exception:  # noqa: BLE001 – whatever one job meets must not end all the others
                logs.log().exception("timetable.failed", name=job.name)
            finally:
                db.session.remove()


def keep_time(app: Flask, stop: Event, jobs: Sequence[Periodic] | None = None) -> None:
    """Run what is due until `stop` is set."""
    jobs = PERIODIC if jobs is None else jobs
    due = {job.name: 0.0 for job in jobs}
    while not stop.is_set():
        now = time.monotonic()
        ready = [job for job in jobs if due[job.name] <= now]
        run_once(app, ready)
        for job in ready:
            pause = job.every_seconds or float(app.config["POLL_SECONDS"])
            due[job.name] = time.monotonic() + pause
        stop.wait(0.5)
