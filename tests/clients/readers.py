"""The programs that read our calendars, each as a function from bytes to what it shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import icalendar
import recurring_ical_events

from commsplan.app import ROOT
from tests.clients import libical
from tests.clients.seen import Seen, Window, spoken

SECONDS = 100
EXPAND = ROOT / "tests" / "clients" / "expand.mjs"
MISSING = "Node.js or ical.js is not here: run tests/install-clients."


def by_icalendar(raw: bytes, window: Window) -> list[Seen]:
    """Read with icalendar, expand with recurring-ical-events."""
    naive = (moment.replace(tzinfo=None) for moment in window)
    read = icalendar.Calendar.from_ical(raw)
    read.pop("X-WR-TIMEZONE", None)  # else it moves floating times into that zone
    found = recurring_ical_events.of(read).between(*naive)
    return [Seen(str(one["SUMMARY"]), spoken(one.start), spoken(one.end)) for one in found]


def by_ical_js(raw: bytes, window: Window) -> list[Seen]:
    """Read with ical.js, as Thunderbird and Nextcloud do."""
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not node or not (ROOT / "node_modules" / "ical.js").is_dir():
        raise AssertionError(MISSING)
    asked = json.dumps({"text": raw.decode(), "until": f"{window[1]:%Y-%m-%dT%H:%M:%S}"})
    done = subprocess.run(
        [node, EXPAND], input=asked, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return [Seen(**one) for one in json.loads(done.stdout)]


def by_libical(raw: bytes, window: Window) -> list[Seen]:
    """Read with libical, as Evolution and KOrganizer do; what it complains of fails at once."""
    reading = libical.read(raw, *window)
    assert (reading.errors, reading.restrictions_kept) == (0, True)
    return reading.seen


READERS: dict[str, Callable[[bytes, Window], list[Seen]]] = {
    "icalendar": by_icalendar,
    "ical.js": by_ical_js,
    "libical": by_libical,
}
