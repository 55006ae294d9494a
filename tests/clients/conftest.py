"""A server on this machine whose feeds other people's programs fetch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from commsplan.calendars.models import Feed
from commsplan.foundation.addresses import feed_address
from commsplan.foundation.database import db
from tests.calendars.conftest import Scene
from tests.cast import Cast
from tests.clients.subscriber import Subscriber

HOST = "127.0.0.1"

Subscribe = Callable[[Feed], Subscriber]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of a server with the application of this test."""
    listening = socket.create_server((HOST, 0))
    port = listening.getsockname()[1]
    server = make_server(HOST, port, app, threaded=True, fd=listening.fileno())
    listening.close()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def subscribe(served: str, tmp_path: Path) -> Subscribe:
    """Return what lets vdirsyncer and khal subscribe to a feed."""

    def begin(feed: Feed) -> Subscriber:
        db.session.commit()
        path = "/" + feed_address(feed.id, feed.generation).split("/", 3)[3]
        return Subscriber(tmp_path, served + path)

    return begin
