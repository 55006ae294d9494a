"""The monkey: draws a victim and a way, and kills or freezes it.

A strike is a SIGKILL, or a SIGSTOP that ends after a while (often after more than two leases).
Beside the strikes there is mischief that is no signal: connections cut by
`pg_terminate_backend`, and the queue emptied. Whatever died comes back after a moment, as
under a supervisor.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Timer

from redis import Redis
from redis.exceptions import RedisError

from commsplan.demo.ports import HOST
from commsplan.demo.processes import Part
from tests.chaos.plant import LEASE_SECONDS, Plant, end_family
from tests.chaos.postgres import with_signal

PAST_A_LEASE = 1.3 * LEASE_SECONDS
LONGEST_STOP = 2.4 * LEASE_SECONDS
REDIS_SECONDS = 2.0
COMMIT_SECONDS = 1.0

STRIKES_WITHOUT_POSTGRES = {
    "worker kill": 26.0,
    "worker stop": 12.0,
    "worker long-stop": 10.0,
    "timetable kill": 8.0,
    "timetable stop": 6.0,
    "web kill": 6.0,
    "web stop": 2.0,
    "valkey kill": 8.0,
    "valkey stop": 4.0,
}
"""Kinds of strikes with their weights: workers most, as they hold what can be lost."""
STRIKES = STRIKES_WITHOUT_POSTGRES | {
    "backend kill": 5.0,
    "backend kill-in-commit": 4.0,
    "backend stop": 6.0,
    "postgres kill": 4.0,
    "postgres kill-all": 3.0,
    "postgres stop": 2.0,
}
EXTRAS = ("queue flushed", "connection cut")
"""What the monkey does besides."""


@dataclass(frozen=True)
class Strike:
    """One thing done to one process."""

    second: float
    """Since the run began."""
    victim: str
    how: str
    pid: int
    seconds: float = 0.0
    """How long it was stopped; 0 for a kill."""


@dataclass
class Monkey:
    """What it did, and what is stopped at this moment."""

    plant: Plant
    seed: int
    chance: random.Random = field(init=False)
    """For what is drawn now; drawn anew for each try, so that a run strikes as the last one did."""
    tries: int = 0
    began: float = field(default_factory=time.monotonic)
    strikes: list[Strike] = field(default_factory=list)
    extras: Counter[str] = field(default_factory=Counter)
    """Mischief that is no SIGKILL or SIGSTOP, and deaths that were not the monkey's doing."""
    _back_at: dict[str, float] = field(default_factory=dict)
    _thaws: dict[int, Timer] = field(default_factory=dict)

    def strike(self, only: Sequence[str] = ()) -> bool:
        """Do one thing to somebody; return whether somebody was there.

        Args:
            only: the kinds to draw from, as "worker kill"; empty means all.
        """
        self.tries += 1
        self.chance = random.Random(f"monkey {self.seed} {self.tries}")
        kinds = STRIKES if self.plant.postgres else STRIKES_WITHOUT_POSTGRES
        kinds = {name: weight for name, weight in kinds.items() if not only or name in only}
        name = self.chance.choices(list(kinds), list(kinds.values()))[0]
        victim, _, how = name.partition(" ")
        before = len(self.strikes)
        if victim == "backend":
            self._strike_backend(how)
        elif name == "postgres kill-all":
            self._lose_database_server()
        else:
            part = self.chance.choice(self.plant.named(victim))
            if part.is_running():
                self._hit(part.name, _pid(part), how)
        return len(self.strikes) > before

    def _hit(self, name: str, pid: int, how: str) -> None:
        if how == "kill":
            if with_signal(pid, signal.SIGKILL):
                self._note(name, how, pid)
            return
        shortest = 0.3 if how == "stop" else PAST_A_LEASE
        seconds = self.chance.uniform(shortest, LONGEST_STOP)
        if pid not in self._thaws and with_signal(pid, signal.SIGSTOP):
            self._thaws[pid] = Timer(seconds, self._thaw, (pid,))
            self._thaws[pid].daemon = True
            self._thaws[pid].start()
            self._note(name, how, pid, seconds)

    def _lose_database_server(self) -> None:
        """Kill PostgreSQL with all its processes at once, as when its machine is lost."""
        if self.plant.postgres and self.plant.postgres.is_running():
            pid = _pid(self.plant.postgres)
            self.plant.postgres.kill_all()
            self._note("postgres", "kill-all", pid)

    def _strike_backend(self, how: str) -> None:
        """Hit a process of PostgreSQL that serves the application at this moment."""
        if how == "kill-in-commit" and self.plant.postgres:
            pid = self.plant.postgres.committing(COMMIT_SECONDS)
            if pid and with_signal(pid, signal.SIGKILL):
                self._note("backend", how, pid)
            return
        pids = self._backends()
        if pids:
            self._hit("backend", self.chance.choice(pids), how)

    def _backends(self) -> list[int]:
        return self.plant.postgres.backends() if self.plant.postgres else []

    def _note(self, victim: str, how: str, pid: int, seconds: float = 0.0) -> None:
        second = time.monotonic() - self.began
        self.strikes.append(Strike(round(second, 2), victim, how, pid, round(seconds, 2)))

    def _thaw(self, pid: int) -> None:
        self._thaws.pop(pid, None)
        with_signal(pid, signal.SIGCONT)

    def be_mean(self) -> None:
        """Do some mischief that is no signal."""
        kinds: list[Callable[[], None]] = [self._flush_queue]
        if self.plant.postgres:
            kinds += [self._cut_connection, self._cut_connection]
        self.chance.choice(kinds)()

    def _flush_queue(self) -> None:
        try:
            with Redis(HOST, self.plant.queue_port, socket_timeout=REDIS_SECONDS) as redis:
                redis.flushall()
            self.extras["queue flushed"] += 1
        except RedisError:
            pass  # it is down or stopped just now

    def _cut_connection(self) -> None:
        pids = self._backends()
        if pids and self.plant.postgres and self.plant.postgres.cut(self.chance.choice(pids)):
            self.extras["connection cut"] += 1

    def supervise(self) -> None:
        """Start again what has died, each after a moment of its own."""
        now = time.monotonic()
        for name, part in self.plant.parts.items():
            if part.process is None or part.is_running():
                continue
            if name not in self._back_at:
                self._back_at[name] = now + random.uniform(0.1, 1.5)
                end_family(part)
                struck = any(one.pid == part.process.pid for one in self.strikes)
                self.extras[f"{name.partition('-')[0]} died by itself"] += not struck
            elif now >= self._back_at[name]:
                del self._back_at[name]
                part.start()

    def rest(self) -> None:
        """Let everybody go on who is stopped."""
        for pid, timer in list(self._thaws.items()):
            timer.cancel()
            self._thaw(pid)


def _pid(part: Part) -> int:
    assert part.process is not None
    return part.process.pid
