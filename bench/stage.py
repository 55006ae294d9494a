"""An installation with a clock beside it: what a send takes in time, CPU and memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect

from bench.gauge import cpu_seconds, memory_mb
from commsplan.demo.ports import HOST
from commsplan.foundation.database import db, is_sqlite
from tests.crowd import WARM, write_and_schedule
from tests.installation import Died, Installation, installation

LOOK_EVERY_SECONDS = 0.005  # for the first lease; ends with it


@dataclass(frozen=True)
class Sent:
    """What one send took."""

    send_id: int
    copies: int
    seconds: float
    """From the first lease to the last copy accepted, both in the ledger."""
    cpu_us: float
    """CPU time of all workers for one copy, in microseconds."""

    @property
    def rate(self) -> float:
        """Copies a second."""
        return self.copies / self.seconds


@dataclass
class Stage:
    """One installation, measured."""

    made: Installation
    web_port: int
    workers: tuple[str, ...] = ("worker-1", "worker-2")

    def start_engine(self, warm: bool = True) -> None:
        """Start timetable and workers, and let them send a little: start-up is not measured."""
        self.made.start_engine(*self.workers)
        if warm:
            self.send(str(WARM))

    def stop_engine(self) -> None:
        """Stop timetable and workers."""
        self.made.stop("timetable", *self.workers)

    def memory_mb(self) -> float:
        """Return the most memory that any worker has had in RAM so far, in MB."""
        return max(memory_mb(self.made.pid(name), "VmHWM") for name in self.workers)

    def send(self, audience: str, started: Callable[[int], None] = lambda send_id: None) -> Sent:
        """Send a new message to an audience and wait for its end."""
        with self.made.app.app_context():
            send_id = write_and_schedule(audience)
            db.session.remove()
        before = self._cpu()
        began = self._first_lease(send_id)
        started(send_id)
        self.made.wait_for(send_id)
        used = self._cpu() - before
        copies, ended = self._accepted(send_id)
        return Sent(send_id, copies, ended - began, used * 1e6 / copies)

    def _cpu(self) -> float:
        return cpu_seconds(self.made.pid(name) for name in self.workers)

    def _first_lease(self, send_id: int) -> float:
        """Wait for the first lease; return when it had certainly not happened yet."""
        with self.made.app.app_context():
            has_chunks = inspect(db.engine).has_table("chunk")
        leased = "select 1 from delivery where send_id=:send and state<>'planned' limit 1"
        if has_chunks:
            leased = "select 1 from chunk where send_id=:send and state<>'ready' limit 1"
        last_look = time.time()
        while not self.made.ask(leased, send=send_id):
            last_look = time.time()
            self.made.all_alive()
            time.sleep(LOOK_EVERY_SECONDS)
        return last_look

    def _accepted(self, send_id: int) -> tuple[int, float]:
        """Return how many copies were accepted and when the last was, in Unix time."""
        states = self.made.states(send_id)
        if set(states) != {"accepted"}:
            raise Died(f"Not every copy was accepted: {states}")
        with self.made.app.app_context():
            epoch = "extract(epoch from max(accepted_at))"
            if is_sqlite():
                epoch = "(julianday(max(accepted_at)) - 2440587.5) * 86400"
        last = self.made.ask(f"select {epoch} from delivery where send_id=:send", send=send_id)
        return states["accepted"], float(str(last[0][0]))


@contextmanager
def stage(folder: Path, database_url: str, ports: tuple[int, int, int]) -> Iterator[Stage]:
    """Set up an installation.

    Args:
        folder: for its data and logs.
        database_url: of an empty PostgreSQL database; "" for SQLite.
        ports: of queue, web and mail server (which somebody else runs).
    """
    queue, web, mail = ports
    with installation(folder, database_url, queue, mail, BASE_URL=f"http://{HOST}:{web}") as made:
        yield Stage(made, web)
