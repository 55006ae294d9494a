"""How long pages take: a lead signs in and asks for pages at a fixed rate, whatever else happens.

A request's time counts from the moment it was due, not from when a free thread sent it: a server
that stands still for a second makes every request of that second late, as for real people.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from bench.stage import Stage
from commsplan.demo.ports import HOST
from commsplan.foundation.database import db
from commsplan.people.actions import make_sign_in_link
from commsplan.people.queries import person_by_email
from tests.crowd import LEAD

THREADS = 8
WARM_UPS = 8  # twice for each thread of the server
TIMEOUT_SECONDS = 60


class Probe:
    """One signed-in browser."""

    def __init__(self, stage: Stage) -> None:
        """Sign in through a one-time link, as a lead does."""
        self.port = stage.web_port
        self.cookie = ""
        with stage.made.app.app_context():
            lead = person_by_email(LEAD)
            assert lead is not None, "crowd.employ has put her there"
            link = make_sign_in_link(lead, valid=timedelta(hours=1))
            db.session.remove()
        path = urlsplit(link).path
        page = self.ask("GET", path)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        self.ask("POST", path, {"csrf_token": token.group(1) if token else ""}, wanted=303)

    def warm_up(self, paths: tuple[str, ...]) -> None:
        """Ask for each page a few times: the first of a process compiles templates."""
        for path in paths * WARM_UPS:
            self.ask("GET", path)

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, wanted: int = 200
    ) -> str:
        """Ask for one page; raise when it is not the wanted answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_SECONDS)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        if answer.status != wanted:
            raise RuntimeError(f"{path} answered {answer.status}")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        connection.close()
        return body

    def watch(
        self, paths: tuple[str, ...], per_second: float, stop: threading.Event
    ) -> list[float]:
        """Ask for the pages in turn until `stop`; return how long each took, in ms."""
        found: list[float] = []

        def one(path: str, due: float) -> None:
            self.ask("GET", path)
            found.append((time.perf_counter() - due) * 1000)

        with ThreadPoolExecutor(THREADS) as pool:
            began, number, asked = time.perf_counter(), 0, []
            while not stop.is_set():
                due = began + number / per_second
                time.sleep(max(0.0, due - time.perf_counter()))
                asked.append(pool.submit(one, paths[number % len(paths)], due))
                number += 1
        for request in asked:
            request.result()  # a page that failed fails the measurement
        return found


class Watching:
    """A probe that watches beside something else, in a thread."""

    def __init__(self, probe: Probe, paths: tuple[str, ...], per_second: float) -> None:
        """Begin."""
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._found = self._pool.submit(probe.watch, paths, per_second, self._stop)

    def end(self) -> list[float]:
        """Stop; return the times in ms."""
        self._stop.set()
        found = self._found.result()
        self._pool.shutdown()
        return found
