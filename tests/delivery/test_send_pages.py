"""The pages of a send say how far it is and what is wrong, and let a lead do something about it."""

import pytest
from flask import Flask

from commsplan.delivery.actions import finish_sends
from commsplan.delivery.models import Send
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def _page(stage: Stage, send: Send, more: str = "") -> str:
    return stage.cast.as_(stage.cast.lead).get(f"/sends/{send.id}{more}").text


def test_a_scheduled_send_says_when_and_can_be_taken_back(stage: Stage) -> None:
    page = _page(stage, stage.schedule(hours=5))
    assert "It goes out on" in page
    assert "Take it back" in page


def test_a_running_send_says_how_many_can_still_be_stopped(stage: Stage) -> None:
    page = _page(stage, stage.start())
    assert "6 copies have not left yet and can still be stopped" in page


def test_a_finished_send_says_what_the_server_took(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    finish_sends()
    assert "The mail server took 6 copies" in _page(stage, send)


def test_failures_are_grouped_by_reason(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, n: "550 No such user" if n < 4 else None
    page = _page(stage, stage.deliver())
    assert page.count("550 No such user") == 1


def test_a_waiting_send_says_what_the_server_said(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, _n: "450 Come back later"
    page = _page(stage, stage.deliver())
    assert "Waiting for the mail server" in page
    assert "450 Come back later" in page


def test_a_send_that_nobody_started_says_so(stage: Stage) -> None:
    assert "It should have started" in _page(stage, stage.schedule(hours=-1))


def test_a_send_that_is_late_waits_for_the_lead(stage: Stage) -> None:
    send = stage.schedule(hours=-30)
    assert "Shall it still?" in _page(stage, send)
    stage.cast.as_(stage.cast.lead).post(f"/sends/{send.id}/release")
    assert "Shall it still?" not in _page(stage, send)


def test_the_moving_part_asks_for_a_new_page_when_the_state_changed(stage: Stage) -> None:
    send = stage.start()
    browser = stage.cast.as_(stage.cast.lead)
    same = browser.get(f"/sends/{send.id}/progress?seen=running-0-False")
    other = browser.get(f"/sends/{send.id}/progress?seen=scheduled-0-False")
    assert "HX-Refresh" not in same.headers
    assert other.headers["HX-Refresh"] == "true"


def test_cancelling_stops_what_has_not_left(stage: Stage) -> None:
    send = stage.start()
    stage.cast.as_(stage.cast.lead).post(f"/sends/{send.id}/cancel")
    assert stage.states() == {"cancelled": 6}


def test_a_doubtful_copy_can_be_settled_both_ways(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, n: "taken, line cut" if n in (2, 4) else None
    send = stage.deliver()
    first, second = (row.id for row in stage.rows() if row.state == "uncertain")
    assert "Copies in doubt" in _page(stage, send)
    browser = stage.cast.as_(stage.cast.lead)
    browser.post(f"/sends/{send.id}/doubt", data={"verdict": "arrived", "copy": first})
    browser.post(f"/sends/{send.id}/doubt", data={"verdict": "again", "copy": second})
    assert stage.states() == {"accepted": 5, "planned": 1}


def test_who_did_not_get_it_is_a_list_with_reasons(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, address, _n: "550 No such user" if "emil" in address else None
    page = _page(stage, stage.deliver(), "/people")
    assert "Emil Employee" in page
    assert "550 No such user" in page
    assert "Tom Teammate" not in page


def test_the_table_file_carries_no_formula(stage: Stage, sink: Sink) -> None:
    stage.cast.employee.name = "=HYPERLINK(1)"
    db.session.commit()
    answer = stage.cast.as_(stage.cast.lead).get(
        f"/sends/{stage.deliver().id}/people.csv?state=all"
    )
    assert "'=HYPERLINK(1)" in answer.text
    assert answer.text.count("@northwind.example") == 6


def test_a_copy_has_a_page_and_a_person_a_list(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    row = stage.rows()[0]
    assert "Message-ID" in _page(stage, send, f"/people/{row.id}")
    listed = stage.cast.as_(stage.cast.lead).get(f"/people/{row.person_id}/sent")
    assert "1 copy of the plans you work on" in listed.text


def test_another_teams_sends_are_on_no_list(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    browser = stage.cast.as_(stage.cast.outsider)
    assert "Nothing is scheduled" in browser.get("/sends/").text
    assert "Nothing yet" in browser.get(f"/people/{stage.cast.employee.id}/sent").text


@pytest.mark.parametrize("page", ["", "/progress", "/people", "/people.csv", "/people/1"])
def test_it_refuses_an_outsider(stage: Stage, page: str) -> None:
    send = stage.start()
    answer = stage.cast.as_(stage.cast.outsider).get(f"/sends/{send.id}{page}")
    assert answer.status_code == 404


@pytest.mark.parametrize("act", ["cancel", "release", "doubt"])
def test_acting_refuses_an_outsider_a_reader_and_a_forged_form(
    stage: Stage, app: Flask, act: str
) -> None:
    address = f"/sends/{stage.start().id}/{act}"
    assert stage.cast.as_(stage.cast.outsider).post(address).status_code == 404
    assert stage.cast.as_(stage.cast.sponsor).post(address).status_code == 403
    app.config["WTF_CSRF_ENABLED"] = True
    assert stage.cast.as_(stage.cast.lead).post(address).status_code == 400


def test_a_sponsor_sees_the_progress_but_not_who_missed_it(stage: Stage) -> None:
    send = stage.start()
    browser = stage.cast.as_(stage.cast.sponsor)
    assert browser.get(f"/sends/{send.id}").status_code == 200
    assert browser.get(f"/sends/{send.id}/people").status_code == 403
