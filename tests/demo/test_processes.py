"""Parts are started in order, started again when they die, and leave nothing running."""

import os
import sys
import time
from pathlib import Path
from threading import Event, Thread

from commsplan.demo.processes import Part, stop_all, watch

SLEEPS = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print('here', flush=True); time.sleep(60)",
]


def _started(tmp_path: Path, command: list[str], grace: float = 5.0) -> Part:
    part = Part("part", command, tmp_path / "part.log", grace_seconds=grace)
    part.start()
    end = time.monotonic() + 10
    while "here" not in part.last_words() and time.monotonic() < end:
        time.sleep(0.02)
    return part


def test_a_part_that_listens_stops_by_itself(tmp_path: Path) -> None:
    part = _started(tmp_path, SLEEPS)
    assert stop_all([part]) == []
    assert not part.is_running()


def test_a_stubborn_part_is_ended(tmp_path: Path) -> None:
    part = _started(tmp_path, STUBBORN, grace=0.2)
    assert stop_all([part]) == ["part"]
    assert not part.is_running()


def test_a_killed_part_comes_back(tmp_path: Path) -> None:
    part = _started(tmp_path, SLEEPS)
    first = part.process.pid
    part.started_at -= 60
    stop = Event()
    watcher = Thread(target=watch, args=([part], stop))
    watcher.start()
    os.kill(first, 9)
    end = time.monotonic() + 10
    while (part.process.pid == first or not part.is_running()) and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    watcher.join()
    assert part.process.pid != first
    assert stop_all([part]) == []
