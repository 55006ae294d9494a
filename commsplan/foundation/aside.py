"""Work that waits for somebody else's server, in a thread of its own: it holds nothing else up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask, current_app

from commsplan.foundation.alone import Alone
from commsplan.foundation.database import db
from commsplan.foundation.logs import begin


class Aside:
    """One piece of work that runs beside the timetable, once at a time."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self._name = name
        self._work = work
        self._busy = threading.Lock()

    def __call__(self) -> None:
        """Start it, unless it still runs from before."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's documented way
        if self._busy.acquire(blocking=False):
            threading.Thread(target=self._run, args=(app,), name=self._name, daemon=True).start()

    def is_over(self, seconds: float) -> bool:
        """Wait so long for it; return whether it does not run any more."""
        over = self._busy.acquire(timeout=seconds)
        if over:
            self._busy.release()
        return over

    def _run(self, app: Flask) -> None:
        try:
            begin("job", self._name)
            with app.app_context(), Alone(self._name):
                try:
                    self._work()
                finally:
                    db.session.remove()
        finally:
            self._busy.release()
