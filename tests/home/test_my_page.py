"""My page shows what concerns me, and nobody else's."""

import re
from datetime import timedelta

import pytest

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.models import Delivery, Send
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.actions import add_activity, create_plan
from commsplan.plans.models import Plan
from commsplan.plans.rules import ActivityWish, PlanWish
from commsplan.receipts.models import Confirmation
from tests.cast import Cast


@pytest.fixture
def audience(cast: Cast) -> Audience:
    return create_audience(cast.team, "Everyone", EVERYONE)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    wish = PlanWish(title="Office move", status="active", zone="Europe/Berlin")
    return create_plan(cast.team, wish, cast.lead)


def copy_for(person: Person, plan: Plan, audience: Audience, **message: object) -> Delivery:
    said = Message(plan_id=plan.id, state="sent", created_at=now_utc(), **message)
    said.versions.append(
        Version(
            number=1, subject="Boxes, {{ first_name }}", body="Hi", content_hash="", at=now_utc()
        )
    )
    db.session.add(said)
    db.session.flush()
    send = Send(
        message_id=said.id,
        version_id=said.latest.id,
        audience_id=audience.id,
        state="finished",
        due_at=now_utc(),
        scheduled_at=now_utc(),
    )
    db.session.add(send)
    db.session.flush()
    copy = Delivery(
        send_id=send.id,
        message_id=said.id,
        person_id=person.id,
        address=person.email,
        state="accepted",
        not_before=now_utc(),
        accepted_at=now_utc(),
    )
    db.session.add(copy)
    db.session.commit()
    return copy


def test_what_i_was_sent_waits_until_i_say_that_i_read_it(cast, plan, audience) -> None:
    copy = copy_for(cast.employee, plan, audience)
    browser = cast.as_(cast.employee)
    page = browser.get("/me").text
    assert "1 message waits for your word." in page
    assert "Boxes, Emil" in page
    db.session.add(Confirmation(delivery_id=copy.id, kind="read", at=now_utc()))
    assert "Nothing waits for you." in browser.get("/me").text


def test_a_task_waits_until_it_is_done_not_only_read(cast, plan, audience) -> None:
    copy = copy_for(
        cast.employee,
        plan,
        audience,
        action_what="Pack",
        action_due_on=now_utc().date() - timedelta(days=1),
    )
    db.session.add(Confirmation(delivery_id=copy.id, kind="read", at=now_utc()))
    page = cast.as_(cast.employee).get("/me").text
    assert "Pack" in page
    assert "Late" in page


def test_others_mail_is_not_mine(cast, plan, audience) -> None:
    copy_for(cast.lead, plan, audience)
    assert "Boxes" not in cast.as_(cast.employee).get("/me").text


def test_what_is_planned_for_me_comes_up(cast, plan, audience) -> None:
    at = (now_utc() + timedelta(days=2)).replace(tzinfo=None)
    wish = ActivityWish(
        kind="meeting", title="Tour", starts_local=at, zone="UTC", audience_id=audience.id
    )
    add_activity(plan, wish, cast.lead)
    assert "Tour" in cast.as_(cast.employee).get("/me").text


def test_my_choice_of_language_and_zone_wins_over_the_list(cast) -> None:
    browser = cast.as_(cast.employee)
    form = {"language": "de", "zone": "Asia/Tokyo"}
    assert browser.post("/me/choices", data=form).status_code == 303
    page = browser.get("/me").text
    assert '<html lang="de">' in page
    assert "Asia/Tokyo" in page


def test_a_zone_that_does_not_exist_is_refused_and_kept_in_the_form(cast) -> None:
    answer = cast.as_(cast.employee).post("/me/choices", data={"zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "Mars/Olympus" in answer.text


def test_a_forged_choice_is_refused(cast) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert cast.as_(cast.employee).post("/me/choices", data={"zone": ""}).status_code == 400


def planned_for_all(plan, audience, by) -> None:
    at = (now_utc() + timedelta(days=2)).replace(tzinfo=None)
    wish = ActivityWish(
        kind="meeting", title="Tour", starts_local=at, zone="UTC", audience_id=audience.id
    )
    add_activity(plan, wish, by)


def test_i_open_renew_and_switch_off_my_calendar(cast, plan, audience) -> None:
    planned_for_all(plan, audience, cast.lead)
    browser = cast.as_(cast.employee)
    first = browser.post(f"/me/calendars/{plan.id}/open", follow_redirects=True).text
    assert "/f/" in first
    second = browser.post(f"/me/calendars/{plan.id}/renew", follow_redirects=True).text
    address = re.compile(r"http[^\"<]+/f/[^\"<]+")
    assert address.search(first).group() != address.search(second).group()
    gone = browser.post(f"/me/calendars/{plan.id}/revoke", follow_redirects=True).text
    assert "/f/" not in gone
    assert f"/me/calendars/{plan.id}/restore" in gone
    assert "/f/" in browser.post(f"/me/calendars/{plan.id}/restore", follow_redirects=True).text


@pytest.mark.parametrize("what", ["open", "renew", "revoke", "restore"])
def test_a_plan_that_does_not_concern_me_has_no_calendar_for_me(cast, plan, what: str) -> None:
    assert cast.as_(cast.employee).post(f"/me/calendars/{plan.id}/{what}").status_code == 404
