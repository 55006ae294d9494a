"""commsplan as it really runs: web, workers, timetable, queue and mail, each a process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade

from commsplan.app import ROOT, create_app
from commsplan.demo.mailbox import Mailbox
from commsplan.demo.ports import wait_until_open
from commsplan.demo.processes import Part, stop_all
from commsplan.demo.supervisor import Place, environment, parts, settle
from commsplan.foundation.database import db, transaction
from commsplan.foundation.settings import Settings
from commsplan.people.actions import create_team, grant
from commsplan.people.rules import Role
from tests.cast import make_person
from tests.chromium import launch_arguments
from tests.delivery.sink import free_port
from tests.mainline.engine import Engine, engine

START_SECONDS = 40


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return launch_arguments()


@dataclass
class Running:
    """An installation with nobody in it but one lead, and all its processes."""

    place: Place
    settings: dict[str, str]
    app: Flask
    parts: list[Part]
    mailbox: Mailbox
    """What the mail server took."""

    def part(self, name: str) -> Part:
        """Return one of the processes."""
        return next(part for part in self.parts if part.name == name)


@pytest.fixture
def running(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """Start everything on free ports; stop it in order."""
    for name in ("REDIS_URL", "SMTP_URL", "DATABASE_URL", "BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    place = settle(tmp_path)
    settings = environment(place)
    if request.config.getoption("--database") == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POLL_SECONDS", "0.5")
    app = create_app(Settings())
    with app.app_context():
        if settings.get("DATABASE_URL"):
            downgrade(directory=str(ROOT / "migrations"), revision="base")
        upgrade(directory=str(ROOT / "migrations"))
        with transaction():
            lead = make_person("Lena Lead", department="Communications")
        grant(lead, Role.LEAD, create_team("Internal communications", None), None)
        grant(lead, Role.ADMIN, None, None)
        db.session.remove()
    started = parts(place, settings)
    try:
        for part in started:
            part.start()
        for port in (place.queue_port, place.mail_port, place.web_port):
            assert wait_until_open(port, START_SECONDS), [part.last_words() for part in started]
        mailbox = Mailbox(place.folder / "mail.sqlite3")
        yield Running(place, settings, app, started, mailbox)
        mailbox.close()
        not_stopped = stop_all(started)
        assert not_stopped == []
    finally:
        stop_all(started)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def sending(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """An engine with nobody in its directory yet."""
    environment = {
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": "",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "SECRET_KEY": "a-secret-for-tests-that-is-long-enough",
        "POLL_SECONDS": "0.5",
    }
    if request.config.getoption("--database") == "postgres":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = create_app(Settings())
    _migrate(app)
    with engine(app, environment, tmp_path) as found:
        yield found


def _migrate(app: Flask) -> None:
    with app.app_context():
        if app.config["DATABASE_URL"]:
            downgrade(directory=str(ROOT / "migrations"), revision="base")
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
