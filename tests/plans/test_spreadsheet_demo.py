"""The spreadsheets of the demo are read without a single problem, and move by whole weeks."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from commsplan.app import ROOT
from commsplan.foundation.database import db
from commsplan.plans.actions import create_plan
from commsplan.plans.grid_rows import shift
from commsplan.plans.import_actions import import_file
from commsplan.plans.models import Activity
from commsplan.plans.rules import PlanWish
from tests.cast import Cast
from tests.plans.sheets import read

FOLDER = ROOT / "commsplan" / "demo" / "plans"
AUDIENCES = {
    *("All staff", "Managers", "Team leads", "Operations", "Station staff", "Train crew"),
    *("IT and support", "Executive team"),
}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("escalation-rollout.xlsx", 14),
        ("shift-planning-change.csv", 9),
        ("new-travel-policy.xlsx", 9),
    ],
)
def test_every_row_is_understood(app: Flask, name: str, count: int) -> None:
    rows = read(FOLDER / name)
    assert [(one.problem, one.notes) for one in rows] == [(None, ())] * count
    assert {one.audience_text for one in rows} <= AUDIENCES
    assert all(one.owner_text for one in rows)


def test_the_rollout_takes_eight_weeks_and_uses_every_kind(app: Flask) -> None:
    rows = read(FOLDER / "escalation-rollout.xlsx")
    days = [one.starts_local.date() for one in rows]
    assert (min(days), max(days)) == (date(2026, 10, 5), date(2026, 11, 26))
    assert len(Counter(one.kind for one in rows)) == 6


def test_dates_move_by_whole_weeks_and_keep_weekday_and_hour(app: Flask) -> None:
    rows = read(FOLDER / "escalation-rollout.xlsx")
    moved = shift(rows, date(2027, 3, 3))
    first = moved[0].starts_local
    assert first == datetime(2027, 3, 1, 14)
    assert {new.starts_local - old.starts_local for new, old in zip(moved, rows, strict=True)} == {
        timedelta(weeks=21)
    }


def test_a_file_is_imported_in_one_go(cast: Cast) -> None:
    plan = create_plan(cast.team, PlanWish("Escalation", zone="Europe/Berlin"), cast.lead)
    brought = import_file(plan, Path(FOLDER / "escalation-rollout.xlsx"), None, shift_weeks=2)
    starts = db.session.scalars(select(Activity.starts_local)).all()
    assert (brought.activity_count, min(starts)) == (14, datetime(2026, 10, 19, 14))
