"""A small run as a process of its own, as `make chaos` starts it, with all it found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from commsplan.app import ROOT

KILL_AFTER_SECONDS = 240


def reported_run(folder: Path, *options: object) -> tuple[int, dict[str, Any]]:
    """Run the harness with these options; return its exit code and its report."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "tests.chaos.run", "--report", report, *options]
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=KILL_AFTER_SECONDS,
    )
    assert report.exists(), ended.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    assert json.loads(ended.stdout.splitlines()[-1]) == found["verdict"]
    return ended.returncode, found
