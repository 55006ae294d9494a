"""A lead writes, saves and looks back; nobody else's message is reachable."""

import pytest
from flask import Flask

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.plans.models import PlanMember
from tests.cast import Cast
from tests.messages.stage import BODY, make_activity, make_message, make_plan

PATHS = ["/messages/{id}", "/messages/{id}/preview", "/messages/{id}/history"]
POSTS = [
    "/messages/{id}",
    "/messages/{id}/copy",
    "/messages/{id}/remove",
    "/messages/{id}/history/1/bring-back",
]


def form(**changes: object) -> dict[str, object]:
    return {"subject": "One page", "body": "Hello {{ first_name }}", "base": 1, **changes}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_for_its_lead(cast: Cast, path: str) -> None:
    message = make_message(cast)
    assert cast.as_(cast.lead).get(path.format(id=message.id)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_for_the_plan_s_sponsor(cast: Cast, path: str) -> None:
    message = make_message(cast)
    assert cast.as_(cast.sponsor).get(path.format(id=message.id)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_page_refuses_an_outsider(cast: Cast, path: str) -> None:
    message = make_message(cast)
    assert cast.as_(cast.outsider).get(path.format(id=message.id)).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_a_change_refuses_an_outsider_and_a_reader(cast: Cast, path: str) -> None:
    message = make_message(cast)
    address = path.format(id=message.id)
    assert cast.as_(cast.outsider).post(address, data=form()).status_code == 404
    assert cast.as_(cast.sponsor).post(address, data=form()).status_code == 403


@pytest.mark.parametrize("path", [*POSTS, "/messages/preview"])
def test_a_change_refuses_a_forged_form(app: Flask, cast: Cast, path: str) -> None:
    message = make_message(cast)
    app.config["WTF_CSRF_ENABLED"] = True
    answer = cast.as_(cast.lead).post(path.format(id=message.id), data=form())
    assert answer.status_code == 400


def test_the_list_says_who_gets_what(cast: Cast) -> None:
    message = make_message(cast)
    page = cast.as_(cast.lead).get(f"/plans/{message.plan_id}/messages").text
    assert "Everybody, raise concerns on one page" in page
    assert "nobody yet" in page


def test_an_empty_list_says_what_a_message_is(cast: Cast) -> None:
    page = cast.as_(cast.lead).get(f"/plans/{make_plan(cast).id}/messages").text
    assert "No messages yet" in page


def test_a_message_is_written_and_shown_again(cast: Cast) -> None:
    plan = make_plan(cast)
    browser = cast.as_(cast.lead)
    answer = browser.post(f"/plans/{plan.id}/messages/new", data=form(base=0))
    assert answer.status_code == 303
    assert "Hello {{ first_name }}" in browser.get(answer.location).text


def test_what_was_typed_survives_a_problem(cast: Cast) -> None:
    plan = make_plan(cast)
    answer = cast.as_(cast.lead).post(
        f"/plans/{plan.id}/messages/new", data=form(subject="", body="kept")
    )
    assert answer.status_code == 422
    assert "A message needs a subject." in answer.text
    assert "kept</textarea>" in answer.text


def test_a_misspelt_field_is_named_with_the_right_one(cast: Cast) -> None:
    message = make_message(cast)
    answer = cast.as_(cast.lead).post(
        f"/messages/{message.id}", data=form(body="Hello {{ fristname }}")
    )
    assert answer.status_code == 422
    assert "There is no field “fristname”. Did you mean “first_name”?" in answer.text


def test_a_conflict_keeps_what_was_typed_and_shows_theirs(cast: Cast) -> None:
    message = make_message(cast)
    cast.as_(cast.teammate).post(f"/messages/{message.id}", data=form(body="Theirs"))
    answer = cast.as_(cast.lead).post(f"/messages/{message.id}", data=form(body="Mine"))
    assert answer.status_code == 409
    assert "Tom Teammate saved version 2 in the meantime" in answer.text
    assert "Mine</textarea>" in answer.text
    assert 'name="base" value="2"' in answer.text


def test_a_removed_draft_comes_back(cast: Cast) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    browser.post(f"/messages/{message.id}/remove")
    assert browser.get(f"/messages/{message.id}").status_code == 404
    browser.post(f"/messages/{message.id}/restore")
    assert browser.get(f"/messages/{message.id}").status_code == 200


def test_a_scheduled_message_cannot_be_changed_and_says_why(cast: Cast) -> None:
    message = make_message(cast)
    message.state = "scheduled"
    browser = cast.as_(cast.lead)
    assert "A scheduled message cannot be changed" in browser.get(f"/messages/{message.id}").text
    assert browser.post(f"/messages/{message.id}", data=form()).status_code == 409


@pytest.mark.parametrize(("form_of_it", "words"), [("mail", "What to do"), ("text", "[1] the")])
def test_a_preview_shows_one_person_s_copy(cast: Cast, form_of_it: str, words: str) -> None:
    message = make_message(cast)
    page = cast.as_(cast.lead).get(f"/messages/{message.id}/preview?as={form_of_it}").text
    assert "Hello Lena" in page
    assert words in page


def test_a_preview_of_typed_text_changes_nothing(cast: Cast) -> None:
    message = make_message(cast)
    data = form(plan=message.plan_id, body="Typed **now**", **{"as": "web"})
    answer = cast.as_(cast.lead).post("/messages/preview", data=data)
    assert "Typed <strong>now</strong>" in answer.text
    assert db.session.get(Message, message.id).latest.body == BODY


def test_a_preview_may_be_framed_by_our_own_pages_only(cast: Cast) -> None:
    message = make_message(cast)
    answer = cast.as_(cast.lead).get(f"/messages/{message.id}/preview")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "'unsafe-inline'" not in policy


def test_the_copy_of_a_message_is_a_new_draft(cast: Cast) -> None:
    message = make_message(cast)
    answer = cast.as_(cast.lead).post(f"/messages/{message.id}/copy")
    assert answer.location != f"/messages/{message.id}"
    assert answer.status_code == 303


def test_an_earlier_text_is_brought_back_as_a_new_version(cast: Cast) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    browser.post(f"/messages/{message.id}", data=form(body="Second"))
    browser.post(f"/messages/{message.id}/history/1/bring-back")
    latest = db.session.get(Message, message.id).latest
    assert latest.number == 3
    assert "Monday 12 October" in latest.body


def test_a_preview_for_somebody_outside_the_audience_is_one_s_own(cast: Cast) -> None:
    message = make_message(cast)
    address = f"/messages/{message.id}/preview?person={cast.outsider.id}"
    assert "Hello Lena" in cast.as_(cast.lead).get(address).text


def test_a_preview_is_for_whoever_is_chosen_of_the_audience(cast: Cast) -> None:
    message = make_message(cast)
    everyone = create_audience(cast.team, "Everyone", EVERYONE, by=cast.lead)
    message.audience_id = everyone.id
    browser = cast.as_(cast.lead)
    page = browser.get(f"/messages/{message.id}?person={cast.employee.id}").text
    assert f'<option value="{cast.employee.id}" selected>' in page
    address = f"/messages/{message.id}/preview?person={cast.employee.id}"
    assert "Hello Emil" in browser.get(address).text


def test_a_message_begins_with_what_its_activity_says(cast: Cast) -> None:
    plan = make_plan(cast)
    activity = make_activity(plan, title="VPN change", key_message="Your VPN changes.")
    page = cast.as_(cast.lead).get(f"/plans/{plan.id}/messages/new?activity={activity.id}").text
    assert 'value="VPN change"' in page
    assert "Your VPN changes." in page


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_for_whoever_works_on_the_plan(cast: Cast, path: str) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.employee)
    assert browser.get(path.format(id=message.id)).status_code == 404
    db.session.add(PlanMember(plan_id=message.plan_id, person_id=cast.employee.id))
    assert browser.get(path.format(id=message.id)).status_code == 200


def test_saving_leads_on_to_the_schedule_when_asked(cast: Cast) -> None:
    message = make_message(cast)
    data = form(body="Last words", do="schedule")
    answer = cast.as_(cast.lead).post(f"/messages/{message.id}", data=data)
    assert answer.location == f"/messages/{message.id}/schedule"
    assert db.session.get(Message, message.id).latest.body == "Last words"


def test_everybody_gets_it_only_by_somebody_s_decision(cast: Cast) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    refused = browser.post(f"/messages/{message.id}", data=form(mandatory="1"))
    assert "Say who decided that everybody gets this." in refused.text
    browser.post(f"/messages/{message.id}", data=form(mandatory="1", mandated_by="Sigrid Sponsor"))
    assert db.session.get(Message, message.id).mandated_by.id == cast.sponsor.id


def test_another_team_s_audience_cannot_be_chosen(cast: Cast) -> None:
    message = make_message(cast)
    theirs = create_audience(cast.other_team, "Theirs", EVERYONE, by=cast.outsider)
    answer = cast.as_(cast.lead).post(f"/messages/{message.id}", data=form(audience=theirs.id))
    assert "Choose one of the audiences in the list." in answer.text
