"""A small demo organisation served to a real browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server

from commsplan.app import ROOT, create_app
from commsplan.demo import loader
from commsplan.demo.ports import HOST
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings
from tests.chromium import launch_arguments
from tests.conftest import NOBODY_LISTENS

PEOPLE = 240  # enough for every department and country to have somebody
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that leaves a page hangs up in the middle of a file: Python closes it a bit later,
    and says so in whichever test that happens."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*:ResourceWarning"))
            item.add_marker(
                pytest.mark.filterwarnings("ignore:.*:pytest.PytestUnraisableExceptionWarning")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return launch_arguments()


@dataclass
class Site:
    """The demo organisation behind an address."""

    app: Flask
    address: str

    def sign_in_link(self, role: str) -> str:
        """Return a fresh one-time link for a role of the demo."""
        with self.app.app_context():
            link = loader.sign_in_links()[role]
            db.session.remove()
        return link


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demo organisation on a free port of this machine."""
    folder = tmp_path_factory.mktemp("site")
    listening = socket.create_server((HOST, 0))
    port = listening.getsockname()[1]
    address = f"http://{HOST}:{port}"
    settings = Settings(
        data_dir=folder / "data",
        redis_url=NOBODY_LISTENS,
        base_url=address,
        secret_key="a-secret-for-the-browser-that-is-long",
        secure_cookies=False,
        organisation="Northwind Rail",
    )
    app = create_app(settings, {"RATELIMIT_STORAGE_URI": "memory://"})
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        loader.load_once(folder, PEOPLE)
        db.session.remove()
    server = make_server(HOST, port, app, threaded=True, fd=listening.fileno())
    listening.close()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(app, address)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()
