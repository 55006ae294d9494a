"""Bringing a spreadsheet in: seen first, corrected, imported once, undone, given back."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO

import pytest
from sqlalchemy import func, select

from commsplan.app import ROOT
from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.database import db
from commsplan.plans.actions import add_activity, create_plan
from commsplan.plans.models import Activity, Plan, PlanImport
from commsplan.plans.rules import ActivityWish, PlanWish
from tests.cast import Cast

DEMO = ROOT / "commsplan" / "demo" / "plans"
TABLE = (
    "Date,Time,Activity,Audience,Channel,Owner\n"
    "2026-10-06,9am,Why the VPN changes,managers,E-mail,Lena Lead\n"
    "2026-10-07,,Ask us anything,All staff,Town hall,The VPN team\n"
    "soon,,Switch over,All staff,,\n"
)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return create_plan(cast.team, PlanWish("New VPN", zone="Europe/Berlin"), cast.lead)


def upload(cast: Cast, plan: Plan, text: str = TABLE, name: str = "plan.csv") -> str:
    """Bring a file as the lead and return the address of its page."""
    data = {"file": (BytesIO(text.encode()), name)}
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/import", data=data)
    assert answer.status_code == 303
    return str(answer.location)


def titles(plan: Plan) -> list[str]:
    found = db.session.scalars(
        select(Activity.title).where(Activity.plan_id == plan.id, Activity.removed_at.is_(None))
    )
    return sorted(found)


TICKED = {"include-0:2": "1", "include-0:3": "1", "then": "import"}


def test_an_upload_shows_every_row_and_changes_nothing(cast: Cast, plan: Plan) -> None:
    page = cast.as_(cast.lead).get(upload(cast, plan)).text
    assert "Why the VPN changes" in page
    assert "Tue 6 Oct, 09:00" in page
    assert "“soon” could not be read as a date." in page
    assert titles(plan) == []


def test_the_import_makes_activities_with_audience_and_owner(cast: Cast, plan: Plan) -> None:
    create_audience(cast.team, "Managers", EVERYONE)
    answer = cast.as_(cast.lead).post(upload(cast, plan), data=TICKED)
    assert (answer.status_code, answer.location) == (303, f"/plans/{plan.id}/timeline")
    first, second = db.session.scalars(select(Activity).order_by(Activity.id))
    assert (first.audience.name, first.owner.name, first.kind) == (
        "Managers",
        "Lena Lead",
        "announcement",
    )
    assert (second.audience_text, second.owner_text, second.kind) == (
        "All staff",
        "The VPN team",
        "meeting",
    )


def test_a_second_click_imports_nothing_more(cast: Cast, plan: Plan) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    assert browser.post(address, data=TICKED).status_code == 303
    assert browser.post(address, data=TICKED).status_code == 303
    assert len(titles(plan)) == 2


def test_corrections_survive_a_reload_and_are_imported(cast: Cast, plan: Plan) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    row = {"date-0:4": "2026-11-02", "title-0:4": "Switch-over day", "kind-0:4": "deadline"}
    browser.post(address, data={**TICKED, **row, "then": "look"})
    page = browser.get(address).text
    assert "Switch-over day" in page
    assert 'value="2026-11-02"' in page
    browser.post(address, data={**TICKED, "include-0:4": "1"})
    assert "Switch-over day" in titles(plan)


def test_unticked_rows_stay_out(cast: Cast, plan: Plan) -> None:
    address = upload(cast, plan)
    cast.as_(cast.lead).post(address, data={"include-0:3": "1", "then": "import"})
    assert titles(plan) == ["Ask us anything"]


def test_another_header_row_guesses_the_columns_again(cast: Cast, plan: Plan) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    browser.post(address, data={"sheet-0": "1", "sheet-0-used": "1", "sheet-0-header": "2"})
    assert "Why the VPN changes" not in browser.get(address).text.split('id="rows"')[1]


def test_new_settings_are_shown_before_anything_is_imported(cast: Cast, plan: Plan) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    browser.post(address, data={**TICKED, "zone": "Asia/Tokyo"})
    assert titles(plan) == []
    browser.post(address, data={**TICKED, "zone": "Asia/Tokyo"})
    assert db.session.scalar(select(Activity.zone).limit(1)) == "Asia/Tokyo"


def test_a_setting_that_makes_no_sense_is_named_and_kept(cast: Cast, plan: Plan) -> None:
    answer = cast.as_(cast.lead).post(upload(cast, plan), data={"minutes": "many"})
    assert answer.status_code == 422
    assert "Write how many minutes" in answer.text
    assert 'value="many"' in answer.text


def test_undo_takes_off_what_nobody_has_touched(cast: Cast, plan: Plan) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    browser.post(address, data=TICKED)
    touched = db.session.scalars(select(Activity).where(Activity.title == "Ask us anything")).one()
    touched.comments = "Room booked"
    db.session.commit()
    assert browser.post(f"{address}/undo").status_code == 303
    assert titles(plan) == ["Ask us anything"]
    page = browser.get(address).text
    assert "stays, because somebody has changed it since" in page
    assert 'id="mapping"' in page


def test_importing_and_undoing_are_one_entry_each_in_the_audit_trail(
    cast: Cast, plan: Plan
) -> None:
    address, browser = upload(cast, plan), cast.as_(cast.lead)
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    browser.post(address, data=TICKED)
    browser.post(f"{address}/undo")
    entries = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert entries[before:] == ["plan.imported", "plan.import_undone"]


def test_the_same_file_again_leaves_known_rows_unticked(cast: Cast, plan: Plan) -> None:
    cast.as_(cast.lead).post(upload(cast, plan), data=TICKED)
    page = cast.as_(cast.lead).get(upload(cast, plan)).text
    assert "2 are on the plan already" in page
    assert re.search(r'name="include-0:2" value="1" checked', page) is None


def test_a_new_plan_is_called_as_the_file_says_until_renamed(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    data = {"file": (BytesIO(("Office move to the river\n\n" + TABLE).encode()), "x.csv")}
    address = browser.post("/plans/import", data=data).location
    (made,) = db.session.scalars(select(Plan)).all()
    assert (made.title, made.status) == ("Office move to the river", "draft")
    browser.post(address, data={"plan_title": "Office move"})
    assert db.session.get(Plan, made.id).title == "Office move"


def test_an_admin_says_which_team_keeps_the_new_plan(cast: Cast) -> None:
    browser = cast.as_(cast.admin)
    assert "Choose a team" in browser.get("/plans/import").text
    without = browser.post("/plans/import", data={"file": (BytesIO(TABLE.encode()), "x.csv")})
    assert (without.status_code, db.session.scalars(select(Plan)).all()) == (422, [])
    team = str(cast.other_team.id)
    data = {"file": (BytesIO(TABLE.encode()), "x.csv"), "team": team, "title": "Safety days"}
    assert browser.post("/plans/import", data=data).status_code == 303
    (made,) = db.session.scalars(select(Plan)).all()
    assert (made.title, made.team_id) == ("Safety days", cast.other_team.id)


def test_a_workbook_with_two_sheets_can_be_read_in_part(cast: Cast, plan: Plan) -> None:
    data = {"file": ((DEMO / "new-travel-policy.xlsx").open("rb"), "new-travel-policy.xlsx")}
    browser = cast.as_(cast.lead)
    address = browser.post(f"/plans/{plan.id}/import", data=data).location
    assert "<strong>9 rows</strong>" in browser.get(address).text
    ticks = {f"include-0:{number}": "1" for number in range(4, 10)}
    browser.post(address, data={**ticks, "sheet-1": "1", "sheet-1-header": "3"})
    assert "<strong>6 rows</strong>" in browser.get(address).text


def test_a_file_that_is_no_spreadsheet_is_refused_in_words(cast: Cast, plan: Plan) -> None:
    data = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00" * 40), "plan.xlsx")}
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/import", data=data)
    assert answer.status_code == 422
    assert "This is not a text file" in answer.text
    assert db.session.scalars(select(PlanImport)).all() == []


@pytest.mark.parametrize("who", ["outsider", "sponsor", "employee"])
def test_refuses_whoever_may_not_change_the_plan(cast: Cast, plan: Plan, who: str) -> None:
    address = upload(cast, plan)
    browser = cast.as_(getattr(cast, who))
    expected = {404} if who == "outsider" else {403}
    assert {
        browser.get(address).status_code,
        browser.post(address, data=TICKED).status_code,
        browser.post(f"{address}/undo").status_code,
        browser.get(f"/plans/{plan.id}/import").status_code,
        browser.post(f"/plans/{plan.id}/import").status_code,
    } == expected
    assert titles(plan) == []


def test_refuses_an_outsider_the_export(cast: Cast, plan: Plan) -> None:
    for ending in ("csv", "xlsx"):
        answer = cast.as_(cast.outsider).get(f"/plans/{plan.id}/export.{ending}")
        assert answer.status_code == 404


def test_refuses_a_forged_form(cast: Cast, plan: Plan) -> None:
    address = upload(cast, plan)
    cast.app.config["WTF_CSRF_ENABLED"] = True
    browser = cast.as_(cast.lead)
    for path in (address, f"{address}/undo", f"/plans/{plan.id}/import", "/plans/import"):
        assert browser.post(path, data=TICKED).status_code == 400
    assert titles(plan) == []


def test_the_export_neutralises_formulas(cast: Cast, plan: Plan) -> None:
    wish = ActivityWish("meeting", "=HYPERLINK(1)", datetime(2026, 10, 6, 9))
    add_activity(plan, wish, cast.lead)
    answer = cast.as_(cast.lead).get(f"/plans/{plan.id}/export.csv")
    assert "'=HYPERLINK(1)" in answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="new-vpn.csv"'


def test_owners_whom_nobody_knows_are_named(cast: Cast, plan: Plan) -> None:
    page = cast.as_(cast.lead).get(upload(cast, plan)).text
    assert "The VPN team: the directory has nobody of this name, or several people." in page
