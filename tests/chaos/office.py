"""The people of the run: a lead who schedules one message after the other, through the web.

Now and then the lead pauses a send and lets it go on. The lead works in a thread of their own, so
that a hung database holds the lead up and not the harness. A message counts as promised once a
page said so. When no page answered (the web server was killed before or after its commit), the
lead looks whether the send is there, and presses again.
"""

from __future__ import annotations

import contextlib
import random
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread

import requests
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.relay_models import Relay
from commsplan.delivery.rules import State
from commsplan.delivery.stopping import pause_send, resume_send
from commsplan.demo.ports import HOST
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from tests.cast import Cast, make_cast
from tests.chaos.plant import Plant
from tests.hiring import hire
from tests.messages.stage import make_message, make_plan

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
WEB_SECONDS = 8.0
LOOK_SECONDS = 0.3
HURRY_SECONDS = 2.0
LONGEST_PAUSE, LONGEST_WORK = 4.0, 20.0


@dataclass
class Office:
    """The lead, their messages, and what they were promised."""

    plant: Plant
    cookie: str
    messages: list[int]
    people: list[int]
    """Everybody in the directory: the audience of every message."""
    chance: random.Random
    promised: list[int] = field(default_factory=list)
    troubles: int = 0
    """How often the web or the database did not answer."""
    pauses: int = 0
    """How often a send was paused."""
    _next_change: float = 0.0
    stop: Event = field(default_factory=Event)
    all_at_once: Event = field(default_factory=Event)
    """Set in the drain: schedule whatever is left without waiting."""
    broken: AssertionError | None = None
    """Why the lead gave up: the harness is at fault, not the engine."""

    @property
    def copies_promised(self) -> int:
        """How many copies have to be accounted for by now."""
        return len(self.promised) * len(self.people)

    def open(self) -> Thread:
        """Begin to work; `stop` ends it."""
        thread = Thread(target=self._work_or_say_why, name="office", daemon=True)
        thread.start()
        return thread

    def _work_or_say_why(self) -> None:
        try:
            self._work()
        except AssertionError as error:
            self.broken = error

    def _work(self) -> None:
        hurried = 0.0
        while not self.stop.wait(LOOK_SECONDS):
            try:
                self._schedule_next()
                self._pause_or_go_on()
                if time.monotonic() - hurried > HURRY_SECONDS:
                    hurried = time.monotonic()
                    self._hurry()
            except (SQLAlchemyError, requests.RequestException):
                self.troubles += 1
                with self.plant.app.app_context():
                    db.engine.dispose()

    def _schedule_next(self) -> None:
        """Schedule the next message when less than one send is left to be delivered."""
        left = self.copies_promised - self.plant.tail.copies()
        is_time = self.all_at_once.is_set() or left <= len(self.people)
        if len(self.promised) == len(self.messages) or not is_time:
            return
        message_id = self.messages[len(self.promised)]
        if self._has_send(message_id) or self._press(message_id):
            self.promised.append(message_id)

    def _pause_or_go_on(self) -> None:
        """Pause some send now and then, and let the paused one go on after a while.

        In the drain nothing is paused any more, and whatever still is goes on.
        """
        draining = self.all_at_once.is_set()
        if time.monotonic() < self._next_change and not draining:
            return
        with self.plant.app.app_context():
            paused = select(Send).where(Send.paused_at.is_not(None), Send.state == "running")
            running = select(Send).where(Send.paused_at.is_(None), Send.state == "running")
            waiting = list(db.session.scalars(paused))
            going = [] if waiting or draining else list(db.session.scalars(running))
            with contextlib.suppress(NotNow):  # it ended in between
                for send in waiting:
                    resume_send(send, None)
                if going:
                    pause_send(self.chance.choice(going), None)
                    self.pauses += 1
            db.session.remove()
        longest = LONGEST_PAUSE if going else LONGEST_WORK
        self._next_change = time.monotonic() + self.chance.uniform(0.2, longest)

    def _press(self, message_id: int) -> bool:
        """Open the schedule's page and press "now"; return whether the page said yes."""
        page = f"{self.plant.settings['BASE_URL']}/messages/{message_id}/schedule"
        with requests.Session() as browser:
            browser.cookies.set("commsplan", self.cookie, domain=HOST, path="/")
            shown = browser.get(page, timeout=WEB_SECONDS)
            token = CSRF.search(shown.text)
            if token is None:
                raise requests.RequestException(f"{shown.status_code}: no form on the page")
            form = {"csrf_token": token[1], "when": "now"}
            answer = browser.post(page, form, timeout=WEB_SECONDS, allow_redirects=False)
        if answer.status_code in (400, 422):
            raise AssertionError(f"The message cannot be scheduled: {answer.text}")
        return answer.status_code == 303

    def _has_send(self, message_id: int) -> bool:
        with self.plant.app.app_context():
            found = db.session.scalar(select(Send.id).where(Send.message_id == message_id))
            db.session.remove()
            return found is not None

    def _hurry(self) -> None:
        """Let waiting copies go now: a run of minutes cannot wait a relay's five minutes out."""
        with self.plant.app.app_context(), transaction() as database:
            now = now_utc()
            chunk = update(Chunk).where(Chunk.state == "ready", Chunk.not_before > now)
            copy = update(Delivery).where(
                Delivery.state == State.PLANNED, Delivery.not_before > now
            )
            relay = update(Relay).where(Relay.away_until > now)
            for statement in (
                chunk.values(not_before=now),
                copy.values(not_before=now),
                relay.values(away_until=None),
            ):
                database.execute(statement.execution_options(synchronize_session=False))


def furnish(plant: Plant, people: int, sends: int, seed: int) -> Office:
    """Hire so many people, write so many messages to all of them, and sign the lead in."""
    with plant.app.app_context():
        cast = make_cast(plant.app)
        hire(people)
        plan = make_plan(cast)
        with transaction():
            audience = create_audience(cast.team, "Everybody", EVERYONE).id
        messages = []
        due = (now_utc() + timedelta(days=60)).date()
        for _ in range(sends):
            message = make_message(cast, plan, action_due_on=due)
            message.audience_id = audience
            messages.append(message.id)
        db.session.commit()
        everybody = list(db.session.scalars(select(Person.id)))
        cookie = _sign_in(plant.app, cast)
        db.session.remove()
        return Office(plant, cookie, messages, everybody, random.Random(f"office {seed}"))


def _sign_in(app: Flask, cast: Cast) -> str:
    cookie = cast.as_(cast.lead).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return cookie.value
