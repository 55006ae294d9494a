"""The pages of invitations: who may see them, what they say, and that looking answers nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.calendars.attending import code_of, present
from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_rules import Answer, Via
from commsplan.calendars.meeting_times import coming, day_of_name
from commsplan.calendars.session_actions import add_session
from commsplan.foundation.addresses import invitation_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import utc_to_local
from commsplan.people.models import Person
from commsplan.plans.models import Activity
from tests.calendars.invitations.conftest import Meet
from tests.cast import make_person


@pytest.fixture
def desk(meet: Meet) -> FlaskClient:
    return meet.cast.as_(meet.cast.lead)


@pytest.fixture
def forgery(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def here(meet: Meet, end: str = "") -> str:
    return f"/plans/{meet.plan.id}/activities/{meet.activity.id}/invitations{end}"


def attendance(meet: Meet, end: str = "") -> str:
    return f"/plans/{meet.plan.id}/activities/{meet.activity.id}/attendance{end}"


def theirs(meet: Meet, person: Person) -> str:
    return invitation_address(meet.row(person).id).removeprefix("http://127.0.0.1:8000")


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_an_empty_page_says_what_to_do_first(desk: FlaskClient, meet: Meet, anna: Person) -> None:
    page = words(desk.get(here(meet)).text)
    assert "Nobody is invited yet." in page
    assert "Invite 3 people" in page  # the sponsor, Emil and Anna are in Operations


def test_one_button_invites_the_audience(desk: FlaskClient, meet: Meet, anna: Person) -> None:
    answer = desk.post(here(meet, "/invite"), data={"whom": "audience"}, follow_redirects=True)
    assert "people are invited" in answer.text
    meet.post()
    assert anna.email in meet.sink.to


def test_one_person_is_invited_by_name(desk: FlaskClient, meet: Meet) -> None:
    desk.post(here(meet, "/invite"), data={"guest": "Otto Outsider"})
    assert meet.row(meet.cast.outsider).answer == Answer.NONE


def test_a_name_nobody_has_is_a_named_problem(desk: FlaskClient, meet: Meet) -> None:
    answer = desk.post(here(meet, "/invite"), data={"guest": "Nobody Atall"})
    assert answer.status_code == 422
    assert "Nobody in the directory fits" in answer.text


def test_the_page_says_how_the_answers_stand(
    desk: FlaskClient, meet: Meet, anna: Person, bela: Person
) -> None:
    meet.invite(anna, bela)
    meet.say(anna, Answer.YES)
    page = words(desk.get(here(meet)).text)
    assert "1 of 2 people have answered; 1 say yes." in page
    silent = desk.get(here(meet, "?show=silent")).text
    assert "Béla Bartos" in silent
    assert "Anna Arnold" not in silent


def test_reminding_is_one_click(desk: FlaskClient, meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    assert "1 person is reminded." in desk.post(here(meet, "/remind"), follow_redirects=True).text
    again = desk.post(here(meet, "/remind"), follow_redirects=True).text
    assert "nobody to remind" in again


def test_a_change_that_waits_is_shown_and_can_go_at_once(
    desk: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    db.session.get_one(Activity, meet.activity.id).place = "Room 5"
    db.session.get_one(Activity, meet.activity.id).sequence += 1
    db.session.commit()
    assert "has not been mailed to 1 person" in words(desk.get(here(meet)).text)
    desk.post(here(meet, "/tell"), data={"what": "changes"})
    assert [kind for kind, _state in meet.states()] == ["invitation", "update"]


def test_what_went_wrong_is_shown_with_the_way_out(
    desk: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.sink.at_end = lambda _server, _number: "taken, line cut"
    meet.invite(anna)
    page = words(desk.get(here(meet)).text)
    assert "1 mail went wrong" in page
    assert "may have arrived, nobody can know" in page
    desk.post(here(meet, "/doubt"), data={"what": "arrived"})
    assert meet.states() == [("invitation", "accepted")]


def test_an_invitation_taken_back_can_be_given_again(
    desk: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    row_id = meet.row(anna).id
    answer = desk.post(here(meet, f"/{row_id}/withdraw"), follow_redirects=True)
    assert "Anna Arnold is no longer invited." in answer.text
    desk.post(here(meet, f"/{row_id}/again"))
    assert meet.row(anna).withdrawn_at is None


def test_the_team_writes_down_what_somebody_said(
    desk: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    desk.post(here(meet, f"/{meet.row(anna).id}/answer"), data={"say": "accepted"})
    assert (meet.row(anna).answer, meet.row(anna).answered_via) == (Answer.YES, Via.TEAM)


def test_another_session_is_offered(desk: FlaskClient, meet: Meet) -> None:
    day = meet.activity.starts_local.date().isoformat()
    form = {"starts_date": day, "starts_time": "14:00", "place": "Room 9"}
    page = desk.post(here(meet, "/session"), data=form, follow_redirects=True)
    assert "Sessions to choose from" in page.text
    assert desk.post(here(meet, "/session"), data={}).status_code == 422


def test_a_day_of_a_series_has_a_list_of_its_own(
    desk: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.change(recurrence="FREQ=WEEKLY;COUNT=4")
    meet.invite(anna)
    meet.say(anna, Answer.YES)
    day = day_of_name(coming(db.session.get_one(Activity, meet.activity.id))[1].name)
    meet.say(anna, Answer.NO, day=day)
    assert "1 say yes" in words(desk.get(here(meet)).text)
    assert "1 say yes" not in words(desk.get(here(meet, f"?day={day}")).text)


@pytest.mark.parametrize("end", ["", "/invite", "/remind", "/tell", "/doubt", "/session"])
def test_it_refuses_an_outsider(meet: Meet, end: str) -> None:
    browser = meet.cast.as_(meet.cast.outsider)
    method = browser.post if end else browser.get
    assert method(here(meet, end)).status_code == 404


@pytest.mark.parametrize("end", ["/invite", "/remind", "/tell", "/doubt", "/session"])
def test_it_refuses_a_reader_to_change_anything(meet: Meet, end: str) -> None:
    meet.plan.sponsor_id = meet.cast.sponsor.id
    db.session.commit()
    browser = meet.cast.as_(meet.cast.sponsor)
    assert browser.get(here(meet)).status_code == 200
    assert browser.post(here(meet, end)).status_code in (403, 404)


@pytest.mark.usefixtures("forgery")
def test_it_refuses_a_forged_form(desk: FlaskClient, meet: Meet, anna: Person) -> None:
    assert desk.post(here(meet, "/invite"), data={"whom": "audience"}).status_code == 400
    assert db.session.scalars(select(InvitationMail)).all() == []


def test_a_link_in_the_mail_answers_nothing_by_itself(
    client: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    page = client.get(f"{theirs(meet, anna)}?say=accepted")
    assert page.status_code == 200
    assert "You have not answered yet" in page.text
    assert meet.row(anna).answer == Answer.NONE


@pytest.mark.parametrize("said", ["accepted", "tentative", "declined"])
def test_a_button_answers(client: FlaskClient, meet: Meet, anna: Person, said: str) -> None:
    meet.invite(anna)
    form = {"say": said, "note": "With pleasure"}
    answer = client.post(theirs(meet, anna), data=form, follow_redirects=True)
    assert answer.status_code == 200
    row = meet.row(anna)
    assert (row.answer, row.answered_via, row.note) == (said, Via.PAGE, "With pleasure")


def test_no_button_is_a_named_problem(client: FlaskClient, meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    answer = client.post(theirs(meet, anna), data={"say": "perhaps"})
    assert answer.status_code == 422
    assert "Choose yes, maybe or no." in answer.text


@pytest.mark.usefixtures("forgery")
def test_a_forged_answer_is_refused(client: FlaskClient, meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    assert client.post(theirs(meet, anna), data={"say": "declined"}).status_code == 400
    assert meet.row(anna).answer == Answer.NONE


def test_a_meeting_that_is_over_takes_no_answer(
    client: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    past = meet.activity.starts_local - timedelta(days=20)
    meet.change(starts_local=past, ends_local=past + timedelta(hours=1))
    assert "It is over" in client.get(theirs(meet, anna)).text
    assert client.post(theirs(meet, anna), data={"say": "accepted"}).status_code == 409


def test_who_has_left_finds_nothing(client: FlaskClient, meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    address = theirs(meet, anna)
    anna.left_on = now_utc().date()
    db.session.commit()
    assert client.get(address).status_code == 404


def test_a_session_is_chosen_on_the_page(client: FlaskClient, meet: Meet, anna: Person) -> None:
    starts = meet.activity.starts_local.replace(hour=14)
    session = add_session(meet.activity, starts, "Room 9", meet.cast.lead)
    meet.invite(anna)
    page = client.get(theirs(meet, anna))
    assert "Which session suits you?" in page.text
    address = f"{theirs(meet, anna)}/session"
    assert client.post(address, data={}).status_code == 422
    client.post(address, data={"session": str(session.id)})
    assert meet.row(anna).session_id == session.id


def test_a_session_of_another_meeting_cannot_be_chosen(
    client: FlaskClient, meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    answer = client.post(f"{theirs(meet, anna)}/session", data={"session": "99999"})
    assert answer.status_code == 409


def test_one_day_is_answered_on_the_page(client: FlaskClient, meet: Meet, anna: Person) -> None:
    meet.change(recurrence="FREQ=WEEKLY;COUNT=4")
    meet.invite(anna)
    day = day_of_name(coming(db.session.get_one(Activity, meet.activity.id))[1].name)
    assert "Answer for this day" in client.get(theirs(meet, anna)).text
    client.post(theirs(meet, anna), data={"say": "declined", "day": day})
    assert meet.row(anna, day).answer == Answer.NO
    assert meet.row(anna).answer == Answer.NONE


@pytest.fixture
def now(meet: Meet, anna: Person) -> Meet:
    """The meeting takes place now, and Anna is invited."""
    meet.invite(anna)
    starts = utc_to_local(now_utc(), "Europe/Berlin").replace(microsecond=0)
    meet.change(starts_local=starts, ends_local=starts + timedelta(hours=1))
    return meet


def there(meet: Meet) -> dict[int, str]:
    db.session.rollback()
    return {person: row.how for person, row in present(meet.activity, "").items()}


def test_the_code_of_the_room_is_entered_on_ones_own_page(
    client: FlaskClient, now: Meet, anna: Person
) -> None:
    assert "Are you in the room?" in client.get(theirs(now, anna)).text
    code = code_of(now.activity.id, "").lower().replace(" ", "-")
    client.post(f"{theirs(now, anna)}/here", data={"code": code})
    assert there(now) == {anna.id: "code"}


def test_a_wrong_code_notes_nothing(client: FlaskClient, now: Meet, anna: Person) -> None:
    answer = client.post(
        f"{theirs(now, anna)}/here", data={"code": "AAA AAA"}, follow_redirects=True
    )
    assert "No meeting that takes place now has this code" in answer.text
    assert there(now) == {}


def test_whoever_is_signed_in_enters_it_at_attend(now: Meet) -> None:
    browser = now.cast.as_(now.cast.employee)
    assert browser.post("/attend", data={"code": "?"}).status_code == 422
    browser.post("/attend", data={"code": code_of(now.activity.id, "")})
    assert there(now) == {now.cast.employee.id: "code"}


def test_codes_cannot_be_tried_for_long(now: Meet) -> None:
    browser = now.cast.as_(now.cast.teammate)
    tried = [browser.post("/attend", data={"code": f"AAAAA{n}"}).status_code for n in range(12)]
    assert tried[-1] == 429


def test_a_code_works_only_around_its_meeting(client: FlaskClient, meet: Meet) -> None:
    browser = meet.cast.as_(meet.cast.employee)
    answer = browser.post("/attend", data={"code": code_of(meet.activity.id, "")})
    assert answer.status_code == 422


def test_the_room_sees_the_code(desk: FlaskClient, now: Meet) -> None:
    assert code_of(now.activity.id, "") in desk.get(attendance(now, "/code")).text


def test_people_are_ticked_and_unticked(desk: FlaskClient, now: Meet, anna: Person) -> None:
    shown = {"shown": [str(anna.id)]}
    desk.post(attendance(now), data=shown | {"there": [str(anna.id)]})
    assert there(now) == {anna.id: "ticked"}
    desk.post(attendance(now), data=shown)
    assert there(now) == {}


def test_nobody_can_be_ticked_who_was_not_shown(desk: FlaskClient, now: Meet) -> None:
    stranger = make_person("Stefan Stranger")
    db.session.commit()
    desk.post(attendance(now), data={"shown": [stranger.id], "there": [stranger.id, "x", "-1"]})
    assert there(now) == {}


def test_somebody_who_came_uninvited_is_added(desk: FlaskClient, now: Meet) -> None:
    assert desk.post(attendance(now, "/add"), data={"guest": ""}).status_code == 422
    desk.post(attendance(now, "/add"), data={"guest": "Otto Outsider"})
    assert there(now) == {now.cast.outsider.id: "ticked"}
    assert "Otto Outsider" in desk.get(attendance(now)).text


def test_attendance_refuses_an_outsider(now: Meet) -> None:
    browser = now.cast.as_(now.cast.outsider)
    assert browser.get(attendance(now)).status_code == 404
    assert browser.post(attendance(now)).status_code == 404
    assert browser.get(attendance(now, "/code")).status_code == 404
