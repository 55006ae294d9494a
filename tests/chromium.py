"""Where Chromium is on this machine, and how it is started."""

from __future__ import annotations

import os
from pathlib import Path

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_arguments() -> dict[str, object]:
    """Return what Playwright launches: a Chromium that is here, or Playwright's own."""
    found = [place for place in (os.environ.get("CHROMIUM", ""), *PLACES) if Path(place).is_file()]
    return {"args": list(QUIET), **({"executable_path": found[0]} if found else {})}
