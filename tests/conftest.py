"""What every test stands on: one application per process, a fresh database per test."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from commsplan.app import ROOT, create_app
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings
from tests import postgres
from tests.cast import Cast, make_cast

settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,  # the same examples on every machine: a red run can be repeated
    suppress_health_check=[HealthCheck.too_slow],  # says how busy the machine is, nothing else
)
settings.load_profile("house")

LOOPBACK = ("127.", "::1", "localhost")
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on PostgreSQL, what touches no database: the run on SQLite has tried it."""
    if config.getoption("--database") != "postgres":
        return
    touching = [item for item in items if _touches_a_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(touching)])
    items[:] = touching


def _touches_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & {"app", "built_app", "bare_app", "postgres_url"}) or (
        item.get_closest_marker("mainline") is not None
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.settle()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.clear_away()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"A test tried to reach {address}")
        real(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(scope="session")
def worker_number() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def postgres_url(worker_number: str) -> Iterator[str]:
    """A database of this process's own on the run's PostgreSQL."""
    with postgres.database(f"test_{worker_number}") as url:
        yield url


@pytest.fixture(scope="session")
def built_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application on a migrated database: the migrations are tried by every run."""
    data = tmp_path_factory.mktemp("data")
    url = ""
    if request.config.getoption("--database") == "postgres":
        url = request.getfixturevalue("postgres_url")
    settings = Settings(
        data_dir=data,
        database_url=url,
        redis_url=NOBODY_LISTENS,
        base_url="http://127.0.0.1:8000",
        secret_key="a-secret-for-tests-that-is-long-enough",
        secure_cookies=False,
        organisation="Northwind Rail",
        default_zone="Europe/Berlin",
    )
    app = create_app(
        settings,
        {"TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_STORAGE_URI": "memory://"},
    )
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()
    if not url:
        shutil.copy(data / "commsplan.sqlite3", data / "empty.sqlite3")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(built_app: Flask) -> Iterator[Flask]:
    """The application with an empty database, inside its context."""
    with built_app.app_context():
        _empty_database(Path(built_app.config["DATA_DIR"]))
        built_app.config["WTF_CSRF_ENABLED"] = False
        yield built_app
        db.session.remove()


def _empty_database(data: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        for leftover in data.glob("commsplan.sqlite3-*"):
            leftover.unlink()
        shutil.copy(data / "empty.sqlite3", data / "commsplan.sqlite3")
        return
    tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(text(f"truncate {tables} restart identity cascade"))


class Browser(FlaskClient):
    """A test client: what the test wrote is committed before, what it read is stale after."""

    def open(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        db.session.commit()
        with self.application.app_context():  # its own `g`, as on a real server
            answer = super().open(*args, **kwargs)  # type: ignore[arg-type]
        db.session.rollback()
        return answer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Who is who: lead, teammate, outsider, sponsor, employee, admin."""
    return make_cast(app)
