"""A plan begins with a title, says what it lacks and how it stands, and is found in the list."""

from datetime import date, datetime

import pytest
from sqlalchemy import event

from commsplan.foundation.database import db
from commsplan.people.models import Grant
from commsplan.plans import actions, history
from commsplan.plans.models import Plan
from commsplan.plans.rules import ActivityWish, GoalWish, Part
from tests.cast import Cast, make_person


def saved(plan: Plan) -> dict[str, str]:
    """The fields of a plan's form as they are."""
    return {"title": plan.title, "why": plan.why, "zone": plan.zone, "seen": ""}


def test_the_empty_list_says_what_to_do_first(cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/plans/").text
    assert "No plans yet" in page
    assert 'href="/plans/new"' in page


def test_a_title_is_enough(cast: Cast) -> None:
    lead = cast.as_(cast.lead)
    answer = lead.post("/plans/new", data={"title": "New VPN"})
    assert answer.status_code == 303
    page = lead.get(answer.location).text
    assert "things are still missing" in page
    assert "Executive sponsor" in page


def test_without_a_title_nothing_is_made(cast: Cast) -> None:
    answer = cast.as_(cast.lead).post("/plans/new", data={"title": " ", "why": "Because."})
    assert answer.status_code == 422
    assert "Because." in answer.text
    assert db.session.query(Plan).count() == 0


def test_the_last_day_is_not_before_the_first(cast: Cast) -> None:
    typed = {"title": "T", "starts_on": "2026-12-01", "ends_on": "2026-11-01"}
    assert cast.as_(cast.lead).post("/plans/new", data=typed).status_code == 422


def test_a_team_one_does_not_lead_cannot_be_chosen(cast: Cast) -> None:
    cast.as_(cast.lead).post("/plans/new", data={"title": "T", "team": cast.other_team.id})
    assert db.session.query(Plan).one().team_id == cast.team.id


def test_a_lead_of_two_teams_chooses(cast: Cast) -> None:
    db.session.add(Grant(person_id=cast.lead.id, role="lead", team_id=cast.other_team.id))
    lead = cast.as_(cast.lead)
    assert 'name="team"' in lead.get("/plans/new").text
    lead.post("/plans/new", data={"title": "T", "team": cast.other_team.id})
    assert db.session.query(Plan).one().team_id == cast.other_team.id


def test_a_status_is_not_set_by_the_form(cast: Cast, plan: Plan) -> None:
    typed = {**saved(plan), "status": "done", "team_id": cast.other_team.id}
    cast.as_(cast.lead).post(f"/plans/{plan.id}/edit", data=typed)
    db.session.refresh(plan)
    assert (plan.status, plan.team_id) == ("draft", cast.team.id)


def test_a_name_that_fits_two_offers_both(cast: Cast, plan: Plan) -> None:
    make_person("Kim Berg", email="kim.one@northwind.example", title="Driver")
    make_person("Kim Berg", email="kim.two@northwind.example", title="Planner")
    typed = {**saved(plan), "sponsor": "Kim Berg"}
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/edit", data=typed)
    assert answer.status_code == 422
    assert "Planner" in answer.text
    assert 'name="sponsor_pick"' in answer.text


def test_the_second_of_two_editors_keeps_what_was_typed(cast: Cast, plan: Plan) -> None:
    path, seen = f"/plans/{plan.id}/edit", history.fingerprint(plan)
    cast.as_(cast.teammate).post(path, data={**saved(plan), "title": "Theirs", "seen": seen})
    answer = cast.as_(cast.lead).post(path, data={**saved(plan), "title": "Mine", "seen": seen})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text


def test_a_plan_becomes_active_and_undo_takes_it_back(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    lead.post(f"/plans/{plan.id}/status", data={"status": "active"})
    page = lead.get(f"/plans/{plan.id}").text
    assert "The plan is now: Active." in page
    undo = page.split('action="')[1:]
    path = next(part.split('"')[0] for part in undo if "/undo/" in part)
    lead.post(path)
    db.session.refresh(plan)
    assert plan.status == "draft"


def test_the_list_leaves_the_archive_out_until_asked(cast: Cast, plan: Plan) -> None:
    actions.set_plan_status(plan, "archived", cast.lead)
    lead = cast.as_(cast.lead)
    assert "New VPN" not in lead.get("/plans/").text
    assert "New VPN" in lead.get("/plans/?status=archived").text


def test_words_from_people_are_escaped(cast: Cast, plan: Plan) -> None:
    wish = ActivityWish("chat", "<script>alert(1)</script>", datetime(2030, 1, 1, 9))
    actions.add_activity(plan, wish, cast.lead)
    actions.set_plan_status(plan, "active", cast.lead)
    lead = cast.as_(cast.lead)
    for path in ("/plans/", f"/plans/{plan.id}", f"/plans/{plan.id}/timeline"):
        assert "<script>alert(1)" not in lead.get(path).text


def test_suggestions_are_for_leads(cast: Cast) -> None:
    path = "/plans/people-like?field=sponsor&sponsor=sig"
    assert "Sigrid Sponsor" in cast.as_(cast.lead).get(path).text
    assert cast.as_(cast.sponsor).get(path).status_code == 403


def test_somebody_is_added_with_a_part_and_removed(cast: Cast, plan: Plan) -> None:
    lead, path = cast.as_(cast.lead), f"/plans/{plan.id}/people"
    lead.post(path, data={"member": "Emil Employee", "part": "Trains the depots"})
    assert "Trains the depots" in lead.get(path).text
    lead.post(f"{path}/{cast.employee.id}/remove")
    db.session.refresh(plan)
    assert plan.members == []


def test_editing_the_plan_leaves_its_people_alone(cast: Cast, plan: Plan) -> None:
    actions.set_members(plan, (Part(cast.employee.id, "trains"),), cast.lead)
    cast.as_(cast.lead).post(f"/plans/{plan.id}/edit", data=saved(plan))
    db.session.refresh(plan)
    assert [member.part for member in plan.members] == ["trains"]


@pytest.mark.parametrize("path", ["", "/timeline", "/goals"])
def test_a_page_asks_as_often_for_twelve_activities_as_for_one(cast, plan, everyone, path) -> None:
    lead = cast.as_(cast.lead)

    def queries() -> int:
        asked: list[str] = []
        listen = lambda *args: asked.append(args[2])  # noqa: E731  # removed by identity below
        event.listen(db.engine, "before_cursor_execute", listen)
        assert lead.get(f"/plans/{plan.id}{path}").status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return len([text for text in asked if text.lstrip().upper().startswith("SELECT")])

    def grow() -> None:
        wish = ActivityWish("chat", "Post", datetime(2030, 1, 1, 9), audience_id=everyone.id)
        actions.add_activity(plan, wish, cast.lead)
        goal = actions.add_goal(plan, GoalWish("G", "%", 0, 9, date(2030, 1, 1)), cast.lead)
        actions.measure_goal(goal, 3, date(2026, 11, 1), "Log", cast.lead)

    grow()
    few = queries()
    for _number in range(11):
        grow()
    assert queries() == few
    assert few <= 17
