"""The pages of outlets: made with words where something is wrong, shown without their secrets."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.delivery import outgoing
from commsplan.delivery.outlet_actions import choose_outlets, make_outlet
from commsplan.delivery.outlet_models import MessageOutlet, Outlet, Posting
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.cast import Cast
from tests.delivery.badly import Bad, bad_server
from tests.delivery.conftest import Stage
from tests.delivery.test_chat import ROOMS, TOKENS

HOOK = "/in/token-nobody-may-read"


@pytest.fixture
def lead(cast: Cast) -> FlaskClient:
    return cast.as_(cast.lead)


@pytest.fixture
def bad(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bad]:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    with bad_server() as server:
        yield server


def form(cast: Cast, **more: str) -> dict[str, str]:
    return {"name": "#general", "team": str(cast.team.id), "kind": "chat", "address": "", **more}


def only_outlet() -> Outlet:
    db.session.rollback()
    return db.session.scalars(select(Outlet)).one()


def test_without_outlets_the_page_says_what_one_is_for(lead: FlaskClient) -> None:
    assert "Make the first outlet" in lead.get("/outlets/").text


@pytest.mark.parametrize("room", ROOMS)
def test_an_outlet_is_made_and_shows_service_and_host_but_no_token(
    cast: Cast, lead: FlaskClient, room: str
) -> None:
    made = lead.post("/outlets/new", data=form(cast, address=ROOMS[room]), follow_redirects=True)
    pages = made.text + lead.get("/outlets/").text
    outlet = only_outlet()
    assert outlet.host in pages
    assert outlet.service in pages
    kept = outlet.address + str([entry.after for entry in db.session.scalars(select(AuditEntry))])
    assert [token for token in TOKENS if token in pages + kept] == []


def test_the_secret_of_a_webhook_is_shown_once(cast: Cast, lead: FlaskClient) -> None:
    address = "https://intranet.northwind.example/in"
    made = lead.post("/outlets/new", data=form(cast, kind="webhook", address=address))
    found = re.search(r'<p class="mono address">([\w-]{43})</p>', made.text)
    assert found
    outlet = only_outlet()
    assert found[1] not in outlet.secret
    assert found[1] not in lead.get(f"/outlets/{outlet.id}").text


def test_another_secret_replaces_the_first(cast: Cast, lead: FlaskClient) -> None:
    made = make_outlet(cast.team, "Hook", "webhook", "https://intranet.example/in", cast.lead)
    answer = lead.post(f"/outlets/{made.outlet.id}/secret")
    assert 'class="mono address"' in answer.text
    assert made.secret not in answer.text


@pytest.mark.parametrize(
    ("kind", "address", "words"),
    [
        ("chat", "", "Paste the address"),
        ("chat", "file:///etc/passwd", "not the address of a room"),
        ("chat", "mailto://user:pass@northwind.example", "not the address of a room"),
        ("chat", "slack://xoxb-1234567890-1234567890-4ddbc191d40e/a?template=/etc/passwd", "templ"),
        ("chat", "http://chat.example/hooks/yobjmukpaw3r3urc5h6i369yim", "not be encrypted"),
        ("chat", "mmosts://10.0.0.7/yobjmukpaw3r3urc5h6i369yim", "private network"),
        ("webhook", "https://user:pass@intranet.example/in", "damaged"),
        ("webhook", "ftp://intranet.example/in", "damaged"),
        ("webhook", "https://intranet.example/in me", "one address"),
        ("webhook", "http://intranet.example/in", "not be encrypted"),
        ("webhook", "https://127.0.0.1/in", "private network"),
        ("webhook", "https://[::1]/in", "private network"),
        ("webhook", "https://169.254.169.254/latest", "private network"),
        ("webhook", "https://localhost/in", "private network"),
        ("carrier pigeon", "https://intranet.example/in", "Choose what it is"),
    ],
)
def test_a_problem_is_said_in_words_and_what_was_typed_is_kept(
    cast: Cast, lead: FlaskClient, kind: str, address: str, words: str
) -> None:
    answer = lead.post("/outlets/new", data=form(cast, kind=kind, address=address))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="#general"' in answer.text
    assert db.session.scalars(select(Outlet)).all() == []


def test_a_name_is_used_once_in_a_team(cast: Cast, lead: FlaskClient) -> None:
    make_outlet(cast.team, "#general", "board", "", cast.lead)
    answer = lead.post("/outlets/new", data=form(cast, address=ROOMS["slack"]))
    assert answer.status_code == 422
    assert "of this name" in answer.text


def test_a_team_has_one_board(cast: Cast, lead: FlaskClient) -> None:
    make_outlet(cast.team, "Board", "board", "", cast.lead)
    answer = lead.post("/outlets/new", data=form(cast, kind="board"))
    assert answer.status_code == 422
    assert "notice board already" in answer.text


def test_another_teams_outlet_cannot_be_made(cast: Cast, lead: FlaskClient) -> None:
    data = form(cast, kind="board", team=str(cast.other_team.id))
    assert lead.post("/outlets/new", data=data).status_code == 422


def test_a_test_post_is_signed_and_says_that_it_was_taken(
    cast: Cast, lead: FlaskClient, bad: Bad
) -> None:
    outlet = make_outlet(cast.team, "Hook", "webhook", bad.url + HOOK, cast.lead).outlet
    answer = lead.post(f"/outlets/{outlet.id}/test", follow_redirects=True)
    assert "It was taken" in answer.text
    assert "Commsplan-Signature" in bad.came[0].headers
    assert only_outlet().last_ok_at is not None


def test_a_test_post_that_is_refused_says_why_without_the_token(
    cast: Cast, lead: FlaskClient, bad: Bad
) -> None:
    bad.status, bad.body = 404, f"no {HOOK}".encode()
    outlet = make_outlet(cast.team, "Hook", "webhook", bad.url + HOOK, cast.lead).outlet
    answer = lead.post(f"/outlets/{outlet.id}/test", follow_redirects=True)
    assert "404 no /in/…" in answer.text
    assert "token-nobody" not in answer.text


def test_a_test_post_waits_a_while_and_no_longer(
    cast: Cast, lead: FlaskClient, bad: Bad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_SECONDS", 0.2)
    bad.manner = "hang"
    outlet = make_outlet(cast.team, "Hook", "webhook", bad.url + HOOK, cast.lead).outlet
    assert "was not taken" in lead.post(f"/outlets/{outlet.id}/test", follow_redirects=True).text


def test_switching_off_has_a_way_back(cast: Cast, lead: FlaskClient) -> None:
    outlet = make_outlet(cast.team, "Board", "board", "", cast.lead).outlet
    answer = lead.post(f"/outlets/{outlet.id}/off", follow_redirects=True)
    assert f'action="/outlets/{outlet.id}/on"' in answer.text
    lead.post(f"/outlets/{outlet.id}/on")
    assert only_outlet().switched_off_at is None


def test_a_switched_off_outlet_takes_no_test(cast: Cast, lead: FlaskClient, bad: Bad) -> None:
    outlet = make_outlet(cast.team, "Hook", "webhook", bad.url + HOOK, cast.lead).outlet
    lead.post(f"/outlets/{outlet.id}/off")
    assert lead.post(f"/outlets/{outlet.id}/test").status_code == 409
    assert bad.came == []


def test_an_empty_address_keeps_the_one_there_is(cast: Cast, lead: FlaskClient) -> None:
    outlet = make_outlet(cast.team, "Hook", "webhook", "https://a.example/in", cast.lead).outlet
    before = outlet.address
    lead.post(f"/outlets/{outlet.id}", data={"name": "Intranet", "address": ""})
    assert (only_outlet().name, only_outlet().address) == ("Intranet", before)


def test_a_new_address_replaces_the_old_one(cast: Cast, lead: FlaskClient) -> None:
    outlet = make_outlet(cast.team, "Hook", "webhook", "https://a.example/in", cast.lead).outlet
    lead.post(f"/outlets/{outlet.id}", data={"name": "Hook", "address": "https://b.example/in"})
    assert only_outlet().host == "b.example"


def test_a_message_shows_what_will_be_read_and_keeps_the_choice(stage: Stage) -> None:
    outlet = make_outlet(stage.cast.team, "Board", "board", "", stage.cast.lead).outlet
    lead = stage.cast.as_(stage.cast.lead)
    page = lead.get(f"/messages/{stage.message.id}/outlets").text
    assert "What is read there" in page
    assert "{{" not in page
    lead.post(f"/messages/{stage.message.id}/outlets", data={"outlet": str(outlet.id)})
    db.session.rollback()
    assert db.session.scalars(select(MessageOutlet.outlet_id)).all() == [outlet.id]
    lead.post(f"/messages/{stage.message.id}/outlets", data={})
    db.session.rollback()
    assert db.session.scalars(select(MessageOutlet.outlet_id)).all() == []


def test_another_teams_outlet_cannot_be_chosen(stage: Stage) -> None:
    cast = stage.cast
    foreign = make_outlet(cast.other_team, "Theirs", "board", "", cast.outsider).outlet
    lead = cast.as_(cast.lead)
    lead.post(f"/messages/{stage.message.id}/outlets", data={"outlet": str(foreign.id)})
    db.session.rollback()
    assert db.session.scalars(select(MessageOutlet)).all() == []


def test_what_has_left_is_not_chosen_any_more(stage: Stage) -> None:
    with transaction():
        stage.message.state = "sent"
    lead = stage.cast.as_(stage.cast.lead)
    assert lead.post(f"/messages/{stage.message.id}/outlets", data={}).status_code == 409


@pytest.mark.parametrize(("verdict", "state"), [("there", "accepted"), ("again", "planned")])
def test_a_doubt_is_settled_by_a_button(stage: Stage, verdict: str, state: str) -> None:
    outlet = make_outlet(stage.cast.team, "Room", "chat", ROOMS["slack"], stage.cast.lead).outlet
    choose_outlets(stage.message, [outlet.id], stage.cast.lead)
    send = stage.start()
    posting = Posting(
        send_id=send.id,
        message_id=send.message_id,
        outlet_id=outlet.id,
        round=9,
        state="uncertain",
        not_before=now_utc(),
    )
    with transaction() as database:
        database.add(posting)
    lead = stage.cast.as_(stage.cast.lead)
    assert lead.post(f"/postings/{posting.id}/resolve", data={}).status_code == 303
    db.session.refresh(posting)
    assert posting.state == "uncertain"
    lead.post(f"/postings/{posting.id}/resolve", data={"verdict": verdict})
    db.session.refresh(posting)
    assert posting.state == state
