"""The schedule page says who gets what and when, stops what cannot be, and sends once."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from commsplan.delivery.models import Send
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from tests.delivery.conftest import Stage

NOW = {"when": "now"}


def _address(stage: Stage) -> str:
    return f"/messages/{stage.message.id}/schedule"


def _sends() -> list[Send]:
    db.session.expire_all()
    return list(db.session.scalars(select(Send)))


def test_it_says_how_many_people_get_it(stage: Stage) -> None:
    page = stage.cast.as_(stage.cast.lead).get(_address(stage)).text
    assert "6 people get it by e-mail" in page
    assert "Send to 6 people" in page


def test_sending_now_makes_a_due_send(stage: Stage) -> None:
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=NOW)
    assert answer.status_code == 303
    (send,) = _sends()
    assert send.due_at <= now_utc()
    assert answer.location == f"/sends/{send.id}"


def test_a_later_moment_is_read_in_its_zone(stage: Stage) -> None:
    day = date(now_utc().year + 1, 7, 15).isoformat()
    stage.message.latest.action_due_on = date(now_utc().year + 1, 8, 15)
    form = {"when": "later", "due_date": day, "due_time": "09:00", "due_zone": "Europe/Berlin"}
    stage.cast.as_(stage.cast.lead).post(_address(stage), data=form)
    (send,) = _sends()
    assert send.due_at.isoformat() == f"{day}T07:00:00+00:00"


def test_pressing_twice_sends_once(stage: Stage) -> None:
    browser = stage.cast.as_(stage.cast.lead)
    browser.post(_address(stage), data=NOW)
    assert browser.post(_address(stage), data=NOW).status_code == 303
    assert len(_sends()) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "now or later"),
        ({"when": "later"}, "Give a date and a time"),
        (
            {
                "when": "later",
                "due_date": "2020-01-01",
                "due_time": "09:00",
                "due_zone": "Europe/Berlin",
            },
            "has passed",
        ),
        (
            {"when": "later", "due_date": "2027-01-01", "due_time": "09:00", "due_zone": "Mars"},
            "time zone",
        ),
    ],
)
def test_an_unusable_moment_is_answered_beside_the_field(
    stage: Stage, form: dict[str, str], words: str
) -> None:
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert _sends() == []


def test_what_was_typed_is_kept(stage: Stage) -> None:
    form = {"when": "later", "due_date": "2020-01-01", "due_time": "09:17", "due_zone": "UTC"}
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=form)
    assert 'value="09:17"' in answer.text


def test_a_message_without_audience_is_stopped(stage: Stage) -> None:
    stage.message.audience_id = None
    db.session.commit()
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=NOW)
    assert answer.status_code == 422
    assert "has no audience" in answer.text
    assert _sends() == []


def test_an_empty_audience_is_stopped(stage: Stage) -> None:
    for person in db.session.scalars(select(Person)):
        person.email = f"nothing-{person.id}"
    db.session.commit()
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=NOW)
    assert answer.status_code == 422


def test_an_archived_plan_is_stopped(stage: Stage) -> None:
    stage.plan.status = "archived"
    db.session.commit()
    answer = stage.cast.as_(stage.cast.lead).post(_address(stage), data=NOW)
    assert answer.status_code == 422
    assert "archived" in answer.text


def test_a_scheduled_message_leads_to_its_send(stage: Stage) -> None:
    send = stage.schedule(hours=2)
    answer = stage.cast.as_(stage.cast.lead).get(_address(stage))
    assert answer.location == f"/sends/{send.id}"


def test_a_sent_message_leads_to_its_send_for_its_sponsor_too(stage: Stage) -> None:
    send = stage.start()
    answer = stage.cast.as_(stage.cast.sponsor).get(_address(stage))
    assert answer.location == f"/sends/{send.id}"


def test_a_scheduled_message_can_be_taken_back(stage: Stage) -> None:
    stage.schedule(hours=2)
    address = f"/messages/{stage.message.id}/unschedule"
    assert stage.cast.as_(stage.cast.lead).post(address).status_code == 303
    assert _sends()[0].state == "cancelled"
    assert stage.cast.as_(stage.cast.lead).post(address).status_code == 409


def test_it_refuses_an_outsider_a_reader_and_a_forged_form(stage: Stage, app: Flask) -> None:
    for verb in ("get", "post"):
        as_outsider = getattr(stage.cast.as_(stage.cast.outsider), verb)
        assert as_outsider(_address(stage)).status_code == 404
        as_sponsor = getattr(stage.cast.as_(stage.cast.sponsor), verb)
        assert as_sponsor(_address(stage)).status_code in (403, 404)
    app.config["WTF_CSRF_ENABLED"] = True
    assert stage.cast.as_(stage.cast.lead).post(_address(stage), data=NOW).status_code == 400
    assert _sends() == []


def test_a_draft_plan_without_a_sponsor_is_pointed_out(stage: Stage) -> None:
    stage.message.plan.status = "draft"
    stage.message.plan.sponsor_id = None
    page = stage.cast.as_(stage.cast.lead).get(_address(stage)).text
    assert "The plan is still a draft" in page
    assert "who sponsors it and who is accountable" in page


def test_enter_in_a_field_shows_what_would_happen_and_sends_nothing(stage: Stage) -> None:
    """A browser presses the form's first button for it."""
    page = stage.cast.as_(stage.cast.lead).get(_address(stage)).text
    form = page[page.index('class="schedule"') :]
    first = form[form.index("<button") :][:200]
    assert 'name="do" value="look"' in first
