"""An HTTP server on this machine that behaves as badly as a test wants, and remembers who came."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


@dataclass
class Came:
    """One request that reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Bad:
    """What the server does with the next requests, and what it was sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    manner: str = "answer"
    """answer, hang (until let go), reset, close, giant, trickle."""
    answer: Callable[[Came], tuple[int, bytes]] | None = None
    """Decides by request instead of always the same."""
    came: list[Came] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def opener(self, _host: str = "") -> requests.Session:
        """Return a session for which every host of the world is this server."""
        session = requests.Session()
        session.trust_env = False
        for prefix in ("http://", "https://"):
            session.mount(prefix, _Rerouted(self.port))
        return session


class _Rerouted(HTTPAdapter):
    """Sends whatever was meant for somewhere else to one port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request, **kwargs):  # type: ignore[no-untyped-def]
        parts = urlsplit(request.url)
        request.headers["Host"] = parts.netloc
        request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{self.port}").geturl()
        return super().send(request, **kwargs)


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection, in the manner of the moment."""

    protocol_version = "HTTP/1.1"
    bad: Bad

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        came = Came(self.command, self.path, dict(self.headers), self.rfile.read(length))
        self.bad.came.append(came)
        getattr(self, f"_{self.bad.manner}")(came)

    do_POST = do_GET  # noqa: N815
    do_PUT = do_GET  # noqa: N815

    def _answer(self, came: Came) -> None:
        status, body = (
            self.bad.answer(came) if self.bad.answer else (self.bad.status, self.bad.body)
        )
        self._head(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang(self, _came: Came) -> None:
        self.bad.let_go.wait(20)
        self.close_connection = True

    def _reset(self, _came: Came) -> None:
        linger = struct.pack("ii", 1, 0)  # close() sends RST, not FIN
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _close(self, _came: Came) -> None:
        self.close_connection = True

    def _giant(self, _came: Came) -> None:
        self._endless(b"x" * 65_536)

    def _trickle(self, _came: Came) -> None:
        self._endless(b"x", pause=0.05)

    def _endless(self, piece: bytes, pause: float = 0.0) -> None:
        self._head(self.bad.status)
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            while not self.bad.let_go.wait(pause):
                self.wfile.write(piece)

    def _head(self, status: int) -> None:
        self.send_response(status)
        for name, value in self.bad.headers.items():
            self.send_header(name, value)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """Say nothing: broken lines are the point."""


@contextmanager
def bad_server(tls: ssl.SSLContext | None = None) -> Iterator[Bad]:
    """Run a server for one test."""
    bad = Bad()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"bad": bad}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    bad.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield bad
    finally:
        bad.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
