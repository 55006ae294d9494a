"""Leads see how fast copies go and through what; administrators say how fast and through what."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.cli_delivery import limits as limits_command
from commsplan.cli_delivery import relays as relays_command
from commsplan.delivery.buckets import limits
from commsplan.delivery.jobs import deliver
from commsplan.delivery.limit_actions import set_limit
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.rates import Limit
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.delivery.relays import found, note_away
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.database import db
from commsplan.foundation.relay_addresses import read_relays
from tests.cast import Cast
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

PAGE = "/settings/delivery/"
LIMIT = {"scope": "domain", "name": "@Example.org", "per_minute": "600", "burst": ""}


@pytest.fixture
def admin(cast: Cast) -> FlaskClient:
    return cast.as_(cast.admin)


@pytest.fixture
def relay(app: Flask) -> Relay:
    """A mail server that a worker has seen."""
    found(read_relays("smtp://mail.example:25"))
    return db.session.scalars(select(Relay)).one()


def _audited() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_before_anything_went_out_it_says_where_mail_servers_are_set(admin: FlaskClient) -> None:
    page = admin.get(PAGE).text
    assert "SMTP_URL" in page
    assert "There is none" in page


def test_a_limit_is_set_with_ten_seconds_worth_at_once(admin: FlaskClient) -> None:
    assert admin.post(PAGE + "limits", data=LIMIT).status_code == 303
    assert limits() == {("domain", "example.org"): Limit(600, 100)}
    assert "limit.set" in _audited()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("scope", "planet"),
        ("name", "no domain"),
        ("name", ""),
        ("per_minute", "fast"),
        ("per_minute", "0"),
        ("per_minute", "-5"),
        ("per_minute", "9" * 30),
        ("burst", "1.5"),
    ],
)
def test_what_cannot_be_a_limit_is_said_beside_the_field(
    admin: FlaskClient, field: str, typed: str
) -> None:
    answer = admin.post(PAGE + "limits", data={**LIMIT, field: typed})
    assert answer.status_code == 422
    assert f'id="f-{field}-problem"' in answer.text
    assert limits() == {}


@pytest.mark.parametrize(("scope", "name"), [("relay", "nowhere:25"), ("channel", "pigeons")])
def test_a_limit_is_for_something_that_exists(admin: FlaskClient, scope: str, name: str) -> None:
    form = {**LIMIT, "scope": scope, "name": name}
    assert admin.post(PAGE + "limits", data=form).status_code == 422


def test_a_limit_is_changed_lifted_and_brought_back(admin: FlaskClient, relay: Relay) -> None:
    set_limit(("relay", relay.name), Limit(60, 5), None)
    number = db.session.scalars(select(RateLimit.id)).one()
    assert admin.get(f"{PAGE}limits/{number}").status_code == 200
    admin.post(f"{PAGE}limits/{number}", data={"per_minute": "90", "burst": "7"})
    assert limits() == {("relay", "mail.example:25"): Limit(90, 7)}
    assert admin.post(f"{PAGE}limits/{number}", data={"per_minute": "x"}).status_code == 422
    page = admin.post(f"{PAGE}limits/{number}/remove", follow_redirects=True).text
    assert limits() == {}
    back = f"{PAGE}limits/back/relay/mail.example%3A25/90/7"
    assert back in page
    admin.post(back)
    assert limits() == {("relay", "mail.example:25"): Limit(90, 7)}


def test_a_mail_server_is_switched_off_and_on(admin: FlaskClient, relay: Relay) -> None:
    page = admin.post(f"{PAGE}relays/{relay.id}/off", follow_redirects=True).text
    assert "Switched off" in page
    assert "No mail server can be used" in page
    page = admin.post(f"{PAGE}relays/{relay.id}/on", follow_redirects=True).text
    assert "In use" in page
    assert _audited()[-2:] == ["relay.switched_off", "relay.switched_on"]


def test_a_mail_server_gets_other_figures(admin: FlaskClient, relay: Relay) -> None:
    form = {"weight": "3", "connections": "8", "copies_per_connection": "100"}
    assert admin.get(f"{PAGE}relays/{relay.id}").status_code == 200
    assert admin.post(f"{PAGE}relays/{relay.id}", data=form).status_code == 303
    db.session.refresh(relay)
    assert (relay.weight, relay.connections, relay.copies_per_connection) == (3, 8, 100)
    form["connections"] = "65"
    assert admin.post(f"{PAGE}relays/{relay.id}", data=form).status_code == 422


def test_a_mail_server_that_is_away_is_shown_with_its_words(
    admin: FlaskClient, relay: Relay
) -> None:
    note_away(relay.name, "421 Come back <later>")
    page = admin.get(PAGE).text
    assert "421 Come back &lt;later&gt;" in page
    assert "Away" in page


def test_what_went_out_in_the_last_minute_is_shown_by_mail_server_and_domain(
    admin: FlaskClient, stage: Stage, sink: Sink
) -> None:
    send = stage.start()
    feel_pulses()
    deliver(send.id)
    feel_pulses()
    page = admin.get(PAGE + "now").text
    assert "northwind.example" in page
    assert "Through which mail servers" in page


def test_a_lead_looks_but_changes_nothing(cast: Cast, relay: Relay) -> None:
    browser = cast.as_(cast.lead)
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "Set a limit" not in page.text
    assert browser.post(PAGE + "limits", data=LIMIT).status_code == 403
    assert browser.post(f"{PAGE}relays/{relay.id}/off").status_code == 403


@pytest.mark.parametrize("who", ["sponsor", "employee"])
def test_nobody_else_looks(cast: Cast, who: str) -> None:
    browser = cast.as_(getattr(cast, who))
    assert browser.get(PAGE).status_code == 403
    assert browser.get(PAGE + "now").status_code == 403


def test_a_forged_form_changes_nothing(admin: FlaskClient, app: Flask, relay: Relay) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert admin.post(PAGE + "limits", data=LIMIT).status_code == 400
    assert admin.post(f"{PAGE}relays/{relay.id}/off").status_code == 400
    assert limits() == {}


def _run(app: Flask, command: object, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(command, list(words), obj=app)  # type: ignore[arg-type]  # a click command
    db.session.rollback()
    return answer.exit_code, answer.output


def test_the_command_line_sets_and_lifts_limits(app: Flask) -> None:
    assert _run(app, limits_command, "set", "channel", "email", "600", "--burst", "20")[0] == 0
    assert limits() == {("channel", "email"): Limit(600, 20)}
    assert "600 a minute, now 20 of 20" in _run(app, limits_command, "list")[1]
    assert _run(app, limits_command, "remove", "channel", "email")[0] == 0
    assert _run(app, limits_command, "remove", "channel", "email")[0] == 1
    assert "whole number" in _run(app, limits_command, "set", "channel", "email", "fast")[1]


def test_the_command_line_switches_mail_servers(app: Flask, relay: Relay) -> None:
    name = relay.name
    assert "In use" in _run(app, relays_command, "list")[1]
    assert "is switched off" in _run(app, relays_command, "off", name)[1]
    assert "already" in _run(app, relays_command, "off", name)[1]
    assert "Switched off" in _run(app, relays_command, "list")[1]
    assert "is used again" in _run(app, relays_command, "on", name)[1]
    assert _run(app, relays_command, "set", name, "--weight", "4")[0] == 0
    assert "weight 4" in _run(app, relays_command, "list")[1]
    assert "from 1 to" in _run(app, relays_command, "set", name, "--connections", "0")[1]
    assert _run(app, relays_command, "off", "nowhere:1")[0] == 1
