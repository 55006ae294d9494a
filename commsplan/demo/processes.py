"""Several processes as one: started in order, watched, stopped in the opposite order.

Every process gets a session of its own, so that Ctrl-C in the terminal reaches the supervisor
alone and the order of stopping is ours. Should the supervisor itself be killed, the kernel ends
its children (PR_SET_PDEATHSIG, prctl(2)); elsewhere than on Linux they notice nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2
RESTART_PAUSE_SECONDS = 2.0


@dataclass
class Part:
    """One process of the whole."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_seconds: float = 10.0
    """How long it may take to stop by itself."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0

    def start(self) -> None:
        """Start it; its output goes to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 – our own command line, no shell
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 – this process has one thread here
            )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        """Tell whether it lives."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> bool:
        """Ask it to stop, insist after the grace; return whether it stopped by itself."""
        if self.process is None or not self.is_running():
            return True
        self.process.terminate()
        try:
            self.process.wait(self.grace_seconds)
            return True
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return False

    def last_words(self, lines: int = 12) -> str:
        """Return the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def watch(parts: Sequence[Part], stop: Event) -> None:
    """Start again whatever dies, until `stop` is set: a killed worker comes back by itself."""
    while not stop.wait(POLL_SECONDS):
        for part in parts:
            if not part.is_running() and time.monotonic() - part.started_at > RESTART_PAUSE_SECONDS:
                part.start()


def stop_all(parts: Sequence[Part]) -> list[str]:
    """Stop every part, the last started first; return the names of those that had to be killed."""
    return [part.name for part in reversed(parts) if not part.stop()]


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
