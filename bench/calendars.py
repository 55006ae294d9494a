"""How fast calendars are: beside `icalendar` building the same feed, and beside a bare join.

    python bench/calendars.py [--sizes 100,1000,10000] [--database-url postgresql://…]

In this process, through the whole application, medians of some rounds:
cold_get: nothing is kept of any event. fresh_get: the events' bytes are in the database, and this
process has never been asked. warm_get: it has. edit_then_get: one activity was renamed in between.
Over HTTP, on one granian with one worker, in turns: requests a second for a 304, for an empty view
of a bare Flask (`not_modified_vs_empty_view`), and for an empty view of commsplan itself.
The last line is one JSON object; ratios do not depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import icalendar
import structlog
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

sys.path[0] = str(Path(__file__).parent.parent)  # run as a file, Python knows bench/ alone

from bench.calendar_http import ratio_over_http
from bench.calendar_scene import Scene, edit_one, forget_bytes, forget_memory, make_scene
from bench.figures import Figures
from commsplan.app import ROOT, create_app
from commsplan.calendars.models import EventBytes
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings
from commsplan.plans.models import Activity

Answer = tuple[float, str, dict[str, str], bytes]


def get(app: Flask, path: str, **headers: str) -> Answer:
    """Ask the application; return milliseconds, status, headers and body."""
    environ = EnvironBuilder(path=path, headers=headers).get_environ()
    said: list[tuple[str, list[tuple[str, str]]]] = []
    began = time.perf_counter()
    parts = app.wsgi_app(environ, lambda status, heads, _error=None: said.append((status, heads)))
    body = b"".join(parts)
    took = 1000 * (time.perf_counter() - began)
    if close := getattr(parts, "close", None):
        close()
    return took, said[0][0], dict(said[0][1]), body


def timed(run: Callable[[], object], rounds: int) -> float:
    """Return the median of some rounds in milliseconds."""
    found = []
    for _round in range(rounds):
        began = time.perf_counter()
        run()
        found.append(1000 * (time.perf_counter() - began))
    return median(found)


def measure(app: Flask, scene: Scene, figures: Figures, rounds: int) -> None:
    """Measure one size."""
    size = scene.count
    for _round in range(rounds):
        forget_bytes(app)
        took, _status, _headers, body = get(app, scene.path)
        figures.add(f"cold_get_ms_{size}", took)
    assert body.count(b"BEGIN:VEVENT") == size
    for _round in range(rounds):
        forget_memory()
        figures.add(f"fresh_get_ms_{size}", get(app, scene.path)[0])
    for _round in range(10 * rounds):
        figures.add(f"warm_get_ms_{size}", get(app, scene.path)[0])
    etag = get(app, scene.path)[2]["ETag"]
    for _round in range(100 * rounds):
        took, status, _headers, _body = get(app, scene.path, **{"If-None-Match": etag})
        assert status.startswith("304"), status
        figures.add(f"not_modified_ms_{size}", took)
    for _round in range(rounds):
        edit_one(app, scene.plan_id)
        took, status, _headers, edited = get(app, scene.path, **{"If-None-Match": etag})
        assert status.startswith("200"), status
        assert edited != body
        figures.add(f"edit_then_get_ms_{size}", took)
    _beside(app, scene, figures, rounds)


def _beside(app: Flask, scene: Scene, figures: Figures, rounds: int) -> None:
    """Measure what the feed is held against, and the ratios."""
    size = scene.count
    with app.app_context():
        activities = db.session.scalars(
            select(Activity).where(Activity.plan_id == scene.plan_id).order_by(Activity.id)
        ).all()
        bodies = list(
            db.session.scalars(
                select(EventBytes.body).join(Activity, Activity.id == EventBytes.activity_id)
                .where(Activity.plan_id == scene.plan_id)
            )
        )  # fmt: skip
        assert len(bodies) == size
        figures.add(f"icalendar_ms_{size}", timed(lambda: with_icalendar(activities), rounds))
        figures.add(f"byte_join_ms_{size}", timed(lambda: b"".join(bodies), 20 * rounds))
        db.session.remove()
    for way in ("cold", "fresh", "warm"):
        figures.ratio(
            f"{way}_get_vs_icalendar_{size}", f"icalendar_ms_{size}", f"{way}_get_ms_{size}"
        )
    figures.ratio(f"warm_get_vs_byte_join_{size}", f"warm_get_ms_{size}", f"byte_join_ms_{size}")


def with_icalendar(activities: list[Activity]) -> bytes:
    """Build the same feed as one does with icalendar: the same properties, the same activities."""
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//bench//bench//EN")
    for one in activities:
        event = icalendar.Event()
        event.add("UID", one.uid)
        for name, moment in (
            ("DTSTAMP", one.revised_at), ("LAST-MODIFIED", one.revised_at),
            ("CREATED", one.created_at), ("DTSTART", one.starts_at), ("DTEND", one.ends_at),
        ):  # fmt: skip
            event.add(name, moment)
        event.add("SEQUENCE", one.sequence)
        event.add("SUMMARY", one.title)
        event.add("DESCRIPTION", f"{one.key_message}\nHow: {one.mechanism}")
        event.add("LOCATION", one.place)
        event.add("URL", f"https://bench.example/{one.id}")
        event.add("CLASS", "PUBLIC")
        event.add("CATEGORIES", ["Meeting"])
        event.add("STATUS", "CONFIRMED")
        event.add("TRANSP", "OPAQUE")
        calendar.add_component(event)
    return calendar.to_ical()


def main() -> None:
    """Measure each size, then over HTTP; print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), database_url=asked.database_url, secret_key="bench-" * 8,
            redis_url="redis://127.0.0.1:1/0", base_url="http://127.0.0.1:8000",
            secure_cookies=False,
        )  # fmt: skip
        app = create_app(settings, {"RATELIMIT_STORAGE_URI": "memory://"})
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
        scenes = [make_scene(app, int(size)) for size in asked.sizes.split(",")]
        with (Path(folder) / "log").open("w") as log:  # log lines are written, and read by nobody
            structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
            for scene in scenes:
                measure(app, scene, figures, asked.rounds)
        ratio_over_http(settings, scenes[-1].path, figures)
    kind = "postgresql" if asked.database_url else "sqlite"
    print(json.dumps({"database": kind, **figures.as_json()}))


if __name__ == "__main__":
    main()
