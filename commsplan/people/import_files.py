"""The files of staff lists: personal data, for nobody else on the machine to read."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app

from commsplan.foundation.clock import now_utc
from commsplan.foundation.tokens import new_token

FOLDER = "staff-lists"
PROBLEMS = ".problems.csv"
PROBLEMS_KEPT = timedelta(days=30)


def keep(source: IO[bytes]) -> Path:
    """Copy a brought file into the folder, readable by us alone; return where it lies."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / new_token()
    private(path)
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)
    return path


def private(path: Path) -> None:
    """Make an empty file that only we may read, before anything is written to it."""
    path.unlink(missing_ok=True)
    path.touch(0o600)


def forget_old_problems() -> None:
    """Remove the files of rows that could not be used, once they are old."""
    too_old = (now_utc() - PROBLEMS_KEPT).timestamp()
    for path in _folder().glob(f"*{PROBLEMS}"):
        if path.stat().st_mtime < too_old:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(current_app.config["DATA_DIR"]) / FOLDER
