"""Activities are added, changed, cancelled and removed on pages that keep what was typed."""

from datetime import datetime

from commsplan.foundation.database import db
from commsplan.plans import actions, history
from commsplan.plans.models import Activity, Plan, PlanChange
from commsplan.plans.rules import ActivityWish
from tests.cast import Cast

TYPED = {"kind": "meeting", "title": "Briefing", "starts_date": "2026-11-24"}
TYPED |= {"starts_time": "09:00", "starts_zone": "Europe/Berlin", "lasts": "60"}


def test_an_activity_is_added_with_a_way_back(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    answer = lead.post(f"/plans/{plan.id}/activities/new", data=TYPED)
    activity = db.session.query(Activity).one()
    assert answer.location == f"/plans/{plan.id}/activities/{activity.id}"
    change = db.session.query(PlanChange).filter_by(thing="activity").one()
    assert f"/plans/{plan.id}/undo/{change.id}" in lead.get(answer.location).text


def test_undo_is_one_press(cast: Cast, plan: Plan, activity: Activity) -> None:
    lead = cast.as_(cast.lead)
    lead.post(f"/plans/{plan.id}/activities/{activity.id}/remove")
    change = db.session.query(PlanChange).order_by(PlanChange.id.desc()).first()
    assert lead.get(f"/plans/{plan.id}/activities/{activity.id}").status_code == 404
    lead.post(f"/plans/{plan.id}/undo/{change.id}")
    assert lead.get(f"/plans/{plan.id}/activities/{activity.id}").status_code == 200


def test_a_change_of_another_plan_cannot_be_undone(cast: Cast, plan: Plan, activity) -> None:
    other = actions.create_plan(cast.team, actions.PlanWish("Other"), cast.lead)
    change = db.session.query(PlanChange).filter_by(plan_id=plan.id).first()
    answer = cast.as_(cast.lead).post(f"/plans/{other.id}/undo/{change.id}")
    assert answer.status_code == 404


def test_after_adding_one_may_add_another(cast: Cast, plan: Plan) -> None:
    answer = cast.as_(cast.lead).post(
        f"/plans/{plan.id}/activities/new", data={**TYPED, "then": "another"}
    )
    assert answer.location == f"/plans/{plan.id}/activities/new"


def test_a_problem_answers_422_and_keeps_what_was_typed(cast: Cast, plan: Plan) -> None:
    typed = {**TYPED, "title": "Keep me", "conference": "http://unsafe.example"}
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/activities/new", data=typed)
    assert answer.status_code == 422
    assert "Keep me" in answer.text
    assert "https://" in answer.text


def test_an_audience_of_another_team_cannot_be_chosen(cast: Cast, plan: Plan, everyone) -> None:
    everyone.team_id = cast.other_team.id
    typed = {**TYPED, "audience": everyone.id}
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/activities/new", data=typed)
    assert answer.status_code == 422


def test_fields_that_are_not_in_the_form_cannot_be_set(cast: Cast, plan: Plan) -> None:
    typed = {**TYPED, "uid": "mine", "sequence": "9", "plan_id": "99", "removed_at": "2026-01-01"}
    cast.as_(cast.lead).post(f"/plans/{plan.id}/activities/new", data=typed)
    activity = db.session.query(Activity).one()
    assert (activity.plan_id, activity.sequence, activity.removed_at) == (plan.id, 0, None)
    assert activity.uid != "mine"


def test_the_form_shows_what_is_there_and_saving_it_changes_nothing(cast, plan, activity) -> None:
    from html import unescape
    from re import findall

    lead = cast.as_(cast.lead)
    path = f"/plans/{plan.id}/activities/{activity.id}/edit"
    page = lead.get(path).text
    typed = dict(findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    typed |= dict(findall(r'<select[^>]* name="(\w+)".*?<option value="([^"]*)" selected', page))
    typed = {name: unescape(value) for name, value in typed.items()}
    typed |= {"audience": str(activity.audience_id), "starts_zone": "Europe/Berlin"}
    typed |= {"kind": "announcement", "lasts": "0"}
    typed = {name: value for name, value in typed.items() if name not in {"all_day", "is_change"}}
    assert lead.post(path, data=typed).status_code == 303
    assert "nothing changed" in lead.get(f"/plans/{plan.id}").text


def test_the_second_of_two_editors_keeps_what_was_typed(cast, plan, activity) -> None:
    path = f"/plans/{plan.id}/activities/{activity.id}/edit"
    seen = history.fingerprint(activity)
    cast.as_(cast.teammate).post(path, data={**TYPED, "title": "Theirs", "seen": seen})
    answer = cast.as_(cast.lead).post(path, data={**TYPED, "title": "Mine", "seen": seen})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert "Tom Teammate" in answer.text
    assert "Theirs" in answer.text


def test_saving_once_more_puts_mine_in_place_of_theirs(cast, plan, activity) -> None:
    path = f"/plans/{plan.id}/activities/{activity.id}/edit"
    cast.as_(cast.teammate).post(path, data={**TYPED, "title": "Theirs"})
    db.session.refresh(activity)
    seen = history.fingerprint(activity)
    cast.as_(cast.lead).post(path, data={**TYPED, "title": "Mine", "seen": seen})
    db.session.refresh(activity)
    assert activity.title == "Mine"


def test_a_time_that_clocks_skip_is_explained(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    typed = {**TYPED, "starts_date": "2027-03-28", "starts_time": "02:30"}
    answer = lead.post(f"/plans/{plan.id}/activities/new", data=typed)
    page = lead.get(answer.location).text
    assert "Clocks in Berlin skip this time" in page
    assert "03:30" in page


def test_a_time_that_comes_twice_is_explained(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    typed = {**TYPED, "starts_date": "2026-10-25", "starts_time": "02:30"}
    answer = lead.post(f"/plans/{plan.id}/activities/new", data=typed)
    assert "twice" in lead.get(answer.location).text


def test_the_same_audience_on_the_same_day_is_pointed_out(cast, plan, everyone, activity) -> None:
    other = actions.create_plan(cast.team, actions.PlanWish("Winter timetable"), cast.lead)
    wish = ActivityWish("chat", "New times", datetime(2026, 11, 24, 18), audience_id=everyone.id)
    actions.add_activity(other, wish, cast.lead)
    page = cast.as_(cast.lead).get(f"/plans/{plan.id}/activities/{activity.id}").text
    assert "The same people get something else that day" in page
    assert "New times" in page


def test_a_cancelled_activity_collides_with_nothing(cast, plan, everyone, activity) -> None:
    wish = ActivityWish("chat", "Off", datetime(2026, 11, 24, 18), audience_id=everyone.id)
    off = actions.add_activity(plan, wish, cast.lead)
    actions.set_activity_status(off, "cancelled", cast.lead)
    page = cast.as_(cast.lead).get(f"/plans/{plan.id}/activities/{activity.id}").text
    assert "something else that day" not in page


def test_times_are_those_of_the_reader(cast: Cast, plan: Plan, activity: Activity) -> None:
    cast.sponsor.zone = "Asia/Tokyo"
    page = cast.as_(cast.sponsor).get(f"/plans/{plan.id}/activities/{activity.id}").text
    assert "17:00 (Tokyo)" in page
    assert "09:00 (Berlin)" in page


def test_a_sponsor_is_offered_nothing_to_change(cast: Cast, plan: Plan, activity) -> None:
    page = cast.as_(cast.sponsor).get(f"/plans/{plan.id}/activities/{activity.id}").text
    assert "Write the message" not in page
    assert 'method="post" action="/plans' not in page


def test_the_timeline_is_filtered_by_what_is_missing(cast: Cast, plan: Plan, activity) -> None:
    bare = ActivityWish("chat", "For nobody yet", datetime(2026, 11, 25, 9))
    actions.add_activity(plan, bare, cast.lead)
    page = cast.as_(cast.lead).get(f"/plans/{plan.id}/timeline?lacks=audience").text
    assert "For nobody yet" in page
    assert "What changes for you" not in page


def test_a_status_that_does_not_exist_is_refused(cast: Cast, plan: Plan, activity) -> None:
    path = f"/plans/{plan.id}/activities/{activity.id}/status"
    assert cast.as_(cast.lead).post(path, data={"status": "sent"}).status_code == 409
