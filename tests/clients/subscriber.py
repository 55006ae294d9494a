"""Somebody with vdirsyncer and khal on their machine who subscribes to a feed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from commsplan.app import ROOT

PROGRAMS = ROOT / ".clients" / "bin"
SECONDS = 60
MISSING = "vdirsyncer and khal are not here: run tests/install-clients."

SYNCED = """[general]
status_path = "{folder}/status"
[pair plan]
a = "feed"
b = "here"
collections = null
conflict_resolution = "a wins"
[storage feed]
type = "http"
url = "{address}"
[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"
"""
SHOWN = """[calendars]
[[plan]]
path = {folder}/events
readonly = True
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


class Subscriber:
    """One subscription, in a folder of its own."""

    def __init__(self, folder: Path, address: str, zone: str = "Europe/Berlin") -> None:
        if not (PROGRAMS / "khal").exists():
            raise AssertionError(MISSING)
        self._folder = folder
        values = {"folder": folder, "address": address, "zone": zone}
        (folder / "vdirsyncer.conf").write_text(SYNCED.format(**values))
        (folder / "khal.conf").write_text(SHOWN.format(**values))
        (folder / "events").mkdir()
        self._run("vdirsyncer", "-c", "vdirsyncer.conf", "discover", "plan")

    def sync(self) -> None:
        """Let vdirsyncer fetch what is new."""
        self._run("vdirsyncer", "-c", "vdirsyncer.conf", "sync")

    def sync_fails(self) -> bool:
        """Let vdirsyncer try; tell whether it gave up."""
        return self._try("vdirsyncer", "-c", "vdirsyncer.conf", "sync").returncode != 0

    def items(self) -> int:
        """Return how many files, one per UID, are here."""
        return len([*(self._folder / "events").iterdir()])

    def sees(self, first: str = "2026-10-01", last: str = "2026-12-31") -> list[str]:
        """Return what khal shows between two days: "2026-10-06 09:00–10:00 Stand-up"."""
        form = "{start-long-full}–{end-time} {title}"
        asked = ("list", "--notstarted", "--day-format", "", "--format", form)
        shown = self._run("khal", "-c", "khal.conf", *asked, first, last)
        return [line.strip() for line in shown.splitlines() if line.strip()]

    def _run(self, program: str, *arguments: str) -> str:
        done = self._try(program, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _try(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=self._folder,
            env={**os.environ, "HOME": str(self._folder), "PYTHONWARNINGS": "ignore"},
            input="y\n",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
