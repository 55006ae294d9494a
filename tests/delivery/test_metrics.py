"""Prometheus reads how the delivery is, without a single person's name or address."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import update

from commsplan.app import ROOT
from commsplan.delivery.actions import finish_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.leases import lease
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.limit_actions import set_limit
from commsplan.delivery.models import Send
from commsplan.delivery.pace import EMAIL
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.rates import Limit
from commsplan.delivery.relays import note_away
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

REFERENCE = Path(ROOT) / "docs" / "reference" / "metrics.md"


def figures(client: FlaskClient) -> dict[str, float]:
    """Return every figure of ours by its name and labels."""
    text = client.get("/metrics").text
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("commsplan_")]
    return {name.removeprefix("commsplan_"): float(value) for name, _, value in lines}


def test_a_started_send_is_ready(stage: Stage, client: FlaskClient) -> None:
    stage.start()
    found = figures(client)
    assert found['copies{state="planned"}'] == found["copies_ready"] == 6
    assert found['sends{state="running"}'] == 1
    assert found["oldest_ready_seconds"] >= 0
    assert found["workers_wanted"] == 1
    assert found["queue_up"] == 0


def test_a_finished_send_is_counted_for_a_day(
    stage: Stage, sink: Sink, client: FlaskClient
) -> None:
    sink.at_end = lambda _server, n: "taken, line cut" if n == 2 else None
    stage.deliver()
    finish_sends()
    found = figures(client)
    assert found['copies{state="accepted"}'] == 5
    assert found['copies{state="uncertain"}'] == found["uncertain"] == 1
    with transaction() as database:
        database.execute(update(Send).values(finished_at=now_utc() - timedelta(days=2)))
    found = figures(client)
    assert found['copies{state="accepted"}'] == 0
    assert found["uncertain"] == 1


def test_what_a_worker_holds_is_counted_row_by_row(stage: Stage, client: FlaskClient) -> None:
    send = stage.start()
    assert lease(send.id, "somebody")
    found = figures(client)
    assert found['copies{state="planned"}'] == 6
    assert (found["copies_ready"], found["workers_busy"], found["leases_lapsed"]) == (0, 1, 0)
    with transaction() as database:
        database.execute(update(Chunk).values(lease_until=now_utc() - timedelta(seconds=1)))
    assert figures(client)["leases_lapsed"] == 1


def test_mail_servers_and_limits_are_told_apart(
    stage: Stage, sink: Sink, client: FlaskClient, app: Flask
) -> None:
    stage.deliver()
    set_limit(EMAIL, Limit(60, 7), None)
    name = read_relays(app.config["SMTP_URL"])[0].name
    assert figures(client)[f'relay_up{{relay="{name}"}}'] == 1
    note_away(name, "down")
    found = figures(client)
    assert found[f'relay_up{{relay="{name}"}}'] == 0
    assert found['limit_tokens{name="email",scope="channel"}'] == 7
    assert found['limit_per_minute{name="email",scope="channel"}'] == 60


def test_a_rate_is_the_difference_of_two_pulses(
    stage: Stage, sink: Sink, client: FlaskClient
) -> None:
    send = stage.start()
    feel_pulses()
    deliver(send.id)
    feel_pulses()
    assert figures(client)["copies_per_minute"] > 0


def test_no_label_names_a_person(stage: Stage, sink: Sink, client: FlaskClient) -> None:
    stage.deliver()
    feel_pulses()
    text = client.get("/metrics").text
    assert "northwind" not in text
    assert "Emil" not in text


def test_a_stranger_from_elsewhere_finds_nothing(client: FlaskClient) -> None:
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_overrides=far).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_with_a_token_only_its_bearer_may_ask(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", SecretStr("open-sesame"))
    far = {"REMOTE_ADDR": "192.0.2.7"}
    shown = {"Authorization": "Bearer open-sesame"}
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 404
    assert client.get("/metrics", headers=shown, environ_overrides=far).status_code == 200


def test_the_reference_names_exactly_what_is_measured(
    stage: Stage, sink: Sink, client: FlaskClient
) -> None:
    stage.deliver()
    set_limit(EMAIL, Limit(60, 7), None)
    measured = {name.partition("{")[0] for name in figures(client)}
    rows = re.findall(r"^\| `commsplan_(\w+)", REFERENCE.read_text(), re.MULTILINE)
    assert set(rows) == measured


@pytest.mark.slow
def test_two_thousand_chunks_are_read_quickly(stage: Stage, client: FlaskClient) -> None:
    send = stage.start()
    now = now_utc()
    halves = [("accepted", "mail.example:25", "northwind.example", 250), ("planned", "", "", 250)]
    rows = [
        Chunk(
            send_id=send.id,
            first_id=10_000 + 500 * number,
            last_id=10_499 + 500 * number,
            copies=500,
            state="ready",
            not_before=now,
            tally=halves,
        )
        for number in range(2000)
    ]
    db.session.add_all(rows)
    db.session.commit()
    assert figures(client)['copies{state="accepted"}'] == 500_000
    seconds = min(_timed(client) for _ in range(5))
    assert seconds < 0.25  # 30 ms on a machine of its own; this one may be busy


def _timed(client: FlaskClient) -> float:
    began = now_utc()
    client.get("/metrics")
    return (now_utc() - began).total_seconds()
