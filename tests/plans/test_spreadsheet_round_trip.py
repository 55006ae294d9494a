"""What is exported and imported again is what it was, in both kinds of file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.plans.actions import add_activity, create_plan
from commsplan.plans.grid_export import row_of
from commsplan.plans.import_actions import import_file
from commsplan.plans.models import Activity
from commsplan.plans.rules import ACTIVITY_STATUSES, KINDS, ActivityWish, PlanWish
from commsplan.plans.spreadsheet import write_csv, write_xlsx
from tests.cast import Cast
from tests.plans.sheets import read


@dataclass(frozen=True)
class Kept:
    """What of an activity the grid holds."""

    kind: str
    title: str
    audience_text: str
    owner_text: str
    mechanism: str
    key_message: str
    comments: str
    starts_local: datetime
    ends_local: datetime
    zone: str
    all_day: bool
    frequency: str
    place: str
    conference: str
    status: str


SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp", "Co", "Cn"))


def words(longest: int) -> st.SearchStrategy[str]:
    """Text on one line, without blanks around it; formulas and guards among it."""
    texts = st.text(SIGNS, max_size=longest) | st.sampled_from(
        ["=1+1", "'=1+1", "''@x", "- first", "+49 30 1", "@all", "'quoted'", "#hash"]
    )
    return texts.map(lambda text: " ".join(text.split())[:longest].strip())


@st.composite
def activities(draw: st.DrawFn) -> Kept:
    starts = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31))).replace(
        second=0, microsecond=0
    )
    all_day = draw(st.booleans())
    length = timedelta(minutes=draw(st.integers(0, 5_000)))
    if all_day:
        starts = starts.replace(hour=0, minute=0)
        length = timedelta(days=length.days)
    return Kept(
        kind=draw(st.sampled_from(KINDS)),
        title=draw(words(200).filter(bool)),
        audience_text=draw(words(60)),
        owner_text=draw(words(60)),
        mechanism=draw(words(60)),
        key_message=draw(words(300)),
        comments=draw(st.lists(words(40).filter(bool), max_size=3).map("\n".join)),
        starts_local=starts,
        ends_local=starts + length,
        zone=draw(st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "UTC", "recipient"])),
        all_day=all_day,
        frequency=draw(words(30)),
        place=draw(words(40)),
        conference=draw(st.sampled_from(["", "https://meet.northwind.example/a?b=c"])),
        status=draw(st.sampled_from(ACTIVITY_STATUSES)),
    )


def is_error_word(one: Kept) -> bool:
    return any(str(value).startswith("#") for value in asdict(one).values())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    plan=st.lists(activities().filter(lambda one: not is_error_word(one)), min_size=2, max_size=6)
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_import_of_export_is_the_identity(app, tmp_path: Path, ending: str, plan) -> None:
    rows = [row_of(one, one.audience_text, one.owner_text) for one in plan]
    path = tmp_path / f"plan.{ending}"
    path.write_bytes(write_csv(rows) if ending == "csv" else write_xlsx(rows, "Our plan"))
    again = [
        Kept(**{field.name: getattr(one, field.name) for field in fields(Kept)})
        for one in read(path)
    ]
    assert again == plan


def test_a_plan_goes_out_by_its_page_and_comes_back_whole(cast: Cast, tmp_path: Path) -> None:
    plan, copy = (
        create_plan(cast.team, PlanWish(title, zone="Europe/Berlin"), cast.lead)
        for title in ("VPN", "Copy")
    )
    wish = ActivityWish(
        "training",
        "Learn it",
        datetime(2026, 10, 6, 9),
        datetime(2026, 10, 6, 10, 30),
        owner_id=cast.teammate.id,
        audience_text="All staff",
        comments="Bring a laptop\nand a charger",
        status="confirmed",
    )
    add_activity(plan, wish, cast.lead)
    answer = cast.as_(cast.lead).get(f"/plans/{plan.id}/export.xlsx")
    (tmp_path / "vpn.xlsx").write_bytes(BytesIO(answer.data).read())
    import_file(copy, tmp_path / "vpn.xlsx", cast.lead)
    (made,) = db.session.scalars(select(Activity).where(Activity.plan_id == copy.id))
    for name in asdict(wish):
        expected = getattr(wish, name) or ("Europe/Berlin" if name == "zone" else None)
        assert (getattr(made, name) or None) == expected
