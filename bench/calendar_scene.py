"""A plan with so many meetings, and one person who subscribes to it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import delete, insert, select, text

from commsplan.calendars.actions import open_feed
from commsplan.calendars.models import EventBytes
from commsplan.calendars.shelf import shelf
from commsplan.foundation.addresses import feed_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Grant, Person, Team
from commsplan.plans.models import Activity, Plan

SEED = 20_261_126
ZONE = "Europe/Berlin"
FIRST = datetime.fromisoformat("2026-01-01T08:00")  # on the wall clock there
WORDS = ("Ticket", "Züge", "Umbau", "Gleis", "Fahrplan", "App", "Kundin", "Werkstatt", "Termin")


@dataclass(frozen=True)
class Scene:
    """What was made, by what one needs to ask for it."""

    path: str
    """The feed's address without the host."""
    plan_id: int
    count: int


def make_scene(app: Flask, count: int) -> Scene:
    """Put a plan with so many meetings of an hour each into the database, and subscribe to it."""
    now, chance = now_utc(), random.Random(SEED)
    with app.app_context():
        with transaction() as database:
            team = Team(name=f"Team {count}")
            person = Person(email=f"p{count}@bench.example", name="Bea Bench", updated_at=now)
            database.add_all([team, person])
            database.flush()
            database.add(Grant(person_id=person.id, role="lead", team_id=team.id))
            plan = Plan(
                team_id=team.id, title=f"{count} meetings", status="active", zone=ZONE,
                created_at=now,
            )  # fmt: skip
            database.add(plan)
            database.flush()
            rows = [_row(plan.id, number, now, chance) for number in range(count)]
            database.execute(insert(Activity), rows)
        with transaction() as database:
            database.execute(text("analyze"))  # as a database that has run for a minute
        feed = open_feed(person, plan)
        path = feed_address(feed.id, feed.generation).removeprefix(app.config["BASE_URL"])
        scene = Scene(path, plan.id, count)
        db.session.remove()
    return scene


def _row(plan_id: int, number: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    starts = FIRST + timedelta(hours=number)
    instant = starts.replace(tzinfo=ZoneInfo(ZONE))
    return {
        "plan_id": plan_id,
        "uid": f"{plan_id}-{number}@bench.example",
        "kind": "meeting",
        "title": " ".join(chance.choices(WORDS, k=4)),
        "key_message": " ".join(chance.choices(WORDS, k=20)) + ", und; so weiter.",
        "mechanism": "Town hall",
        "place": f"Halle {number % 40}",
        "starts_local": starts,
        "ends_local": starts + timedelta(hours=1),
        "zone": ZONE,
        "starts_at": instant,
        "ends_at": instant + timedelta(hours=1),
        "status": "confirmed",
        "created_at": now,
        "revised_at": now,
    }


def forget_bytes(app: Flask) -> None:
    """Begin as after an upgrade: nothing is kept of any event, and nothing in memory."""
    with app.app_context():
        with transaction() as database:
            database.execute(delete(EventBytes))
        db.session.remove()
    forget_memory()


def forget_memory() -> None:
    """Begin as a fresh process does: events are kept in the database, calendars in no memory."""
    shelf.clear()


def edit_one(app: Flask, plan_id: int) -> None:
    """Rename one activity."""
    with app.app_context():
        with transaction() as database:
            activity = database.scalars(
                select(Activity).where(Activity.plan_id == plan_id).limit(1)
            ).one()
            activity.title, activity.sequence = activity.title + "!", activity.sequence + 1
            activity.revised_at = now_utc()
        db.session.remove()
