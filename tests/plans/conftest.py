"""A plan with something on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import EVERYONE
from commsplan.plans import actions
from commsplan.plans.models import Activity, Goal, Plan
from commsplan.plans.rules import ActivityWish, GoalWish, PlanWish
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _monday_afternoon() -> Iterator[None]:
    """The day on which these tests play: Monday, 23 November 2026."""
    with time_machine.travel(datetime(2026, 11, 23, 16, tzinfo=UTC)):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    wish = PlanWish(
        "New VPN",
        why="The old one ends.",
        sponsor_id=cast.sponsor.id,
        owner_id=cast.lead.id,
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 18),
        zone="Europe/Berlin",
    )
    return actions.create_plan(cast.team, wish, cast.lead)


@pytest.fixture
def everyone(cast: Cast) -> Audience:
    return create_audience(cast.team, "Everyone", EVERYONE)


@pytest.fixture
def activity(plan: Plan, everyone: Audience, cast: Cast) -> Activity:
    wish = ActivityWish(
        "announcement",
        "What changes for you",
        datetime(2026, 11, 24, 9),
        audience_id=everyone.id,
        owner_id=cast.lead.id,
    )
    return actions.add_activity(plan, wish, cast.lead)


@pytest.fixture
def goal(plan: Plan, cast: Cast) -> Goal:
    return actions.add_goal(
        plan, GoalWish("Nine of ten sign in", "%", 12, 90, date(2026, 12, 18)), cast.lead
    )
