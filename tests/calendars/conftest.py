"""A plan in the autumn, some activities around the end of summer time, and people who subscribe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import Condition, Match, Operator, Rule
from commsplan.calendars.actions import open_feed
from commsplan.calendars.models import Feed
from commsplan.foundation.database import db
from commsplan.plans.models import Activity, Plan
from tests.cast import Cast

WRITTEN = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
TODAY = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


class Scene:
    """One plan and what stands on it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        rule = Rule(Match.ALL, (Condition("department", Operator.IS, ("Operations",)),))
        self.operations: Audience = create_audience(cast.team, "Operations", rule)
        self.plan = Plan(
            team_id=cast.team.id,
            title="New ticketing; step 1, Berlin",
            why="Tickets sell themselves.",
            status="active",
            zone="Europe/Berlin",
            colour="blue",
            sponsor_id=cast.sponsor.id,
            created_at=WRITTEN,
        )
        db.session.add(self.plan)
        db.session.commit()

    def add(self, title: str, starts: datetime, **fields: object) -> Activity:
        """Put an activity on the plan; it lasts an hour unless told otherwise."""
        ends = fields.pop("ends_local", starts + timedelta(hours=1))
        values: dict[str, object] = {
            "plan_id": self.plan.id,
            "uid": f"activity-{title[:20].encode().hex()}@127.0.0.1",
            "kind": "meeting",
            "title": title,
            "starts_local": starts,
            "ends_local": ends,
            "zone": "Europe/Berlin",
            "status": "confirmed",
            "starts_at": starts.replace(tzinfo=UTC),
            "ends_at": starts.replace(tzinfo=UTC),
            "created_at": WRITTEN,
            "revised_at": WRITTEN,
            **fields,
        }
        activity = Activity(**values)
        db.session.add(activity)
        db.session.commit()
        return activity

    def feed(self, person: object) -> Feed:
        """Return this person's feed, asked for when the plan was written."""
        feed = open_feed(person, self.plan)  # type: ignore[arg-type]
        feed.created_at = WRITTEN
        db.session.commit()
        return feed


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)
