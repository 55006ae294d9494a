"""Requests a second of one web server: for an unchanged calendar, and for an empty view.

Requests are pipelined (RFC 9112 §9.3.2) on one line, so that the asker is not what is measured.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bench.figures import Figures
from commsplan.demo.ports import HOST
from commsplan.foundation.settings import Settings

AT_ONCE = 50  # requests that are on the way at a time
SECONDS = 2.0  # of one turn
TURNS = 5
START_SECONDS = 60
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


def ratio_over_http(settings: Settings, path: str, figures: Figures) -> None:
    """Ask in turns; the ratio is that of the medians."""
    port = _free_port()
    server = _start(settings, port)
    try:
        etag = _etag(port, path)
        asked = {
            "not_modified_per_s": (path, f'If-None-Match: "{etag}"\r\n', b"304"),
            "empty_view_per_s": ("/bare/empty", "", b"200"),
            "empty_view_of_commsplan_per_s": ("/empty", "", b"200"),
        }
        for target, header, status in asked.values():
            _rate(port, target, header, status, SECONDS / 4)
        for _turn in range(TURNS):
            for name, (target, header, status) in asked.items():
                figures.add(name, _rate(port, target, header, status, SECONDS))
    finally:
        server.terminate()
        server.wait(timeout=10)
    figures.ratio("not_modified_vs_empty_view", "not_modified_per_s", "empty_view_per_s")
    figures.ratio(
        "not_modified_vs_empty_view_of_commsplan",
        "not_modified_per_s",
        "empty_view_of_commsplan_per_s",
    )


def _start(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(), "REDIS_URL": settings.redis_url,
        "BASE_URL": settings.base_url, "SECURE_COOKIES": "false",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--host", HOST,
        "--port", str(port), "--log-level", "error", "bench.calendar_server:app",
    ]  # fmt: skip
    with (settings.data_dir / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.terminate()
    raise RuntimeError("The web server did not start.")


def _etag(port: int, path: str) -> str:
    with closing(socket.create_connection((HOST, port), timeout=30)) as line:
        line.sendall(_request(path, "Connection: close\r\n"))
        whole = b""
        while part := line.recv(1 << 20):
            whole += part
    found = re.search(rb'(?i)etag: "([^"]+)"', whole)
    assert found, whole[:200]
    return found[1].decode()


def _rate(port: int, path: str, header: str, status: bytes, seconds: float) -> float:
    """Return how many requests were answered in a second; each answer must have the status."""
    requests = _request(path, header) * AT_ONCE
    answered, rest = 0, b""
    with closing(socket.create_connection((HOST, port), timeout=30)) as line:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            line.sendall(requests)
            wanted = answered + AT_ONCE
            while answered < wanted:
                rest += line.recv(1 << 16)
                *heads, rest = rest.split(b"\r\n\r\n")
                found = [match[1] for head in heads if (match := STATUS.search(head))]
                assert all(one == status for one in found), found
                answered += len(found)
        return answered / (time.perf_counter() - began)


def _request(path: str, header: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{header}\r\n".encode()


def _free_port() -> int:
    with closing(socket.create_server((HOST, 0))) as server:
        return int(server.getsockname()[1])
