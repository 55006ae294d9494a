"""`commsplan inbox deliver` ends as a mail server expects it (sysexits.h), and loses nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text

from commsplan.app import ROOT
from commsplan.cli_inbox import inbox
from commsplan.delivery.bounce_models import Bounce
from commsplan.foundation.database import db
from tests.delivery.imap_server import ImapServer
from tests.delivery.letters import letter


def _deliver(app: Flask, raw: bytes, *words: str) -> int:
    answer = CliRunner().invoke(inbox, ["deliver", *words], obj=app, input=raw)
    return answer.exit_code


def test_a_mail_on_standard_input_is_taken_in(app: Flask) -> None:
    assert _deliver(app, letter("qmail"), "--recipient", "bounces@news.northwind.example") == 0
    assert db.session.scalars(select(Bounce.source)).all() == ["command"]


def test_rubbish_is_taken_in_too(app: Flask) -> None:
    assert _deliver(app, b"\xff\x00" * 1000) == 0
    assert db.session.scalars(select(Bounce.kind)).all() == ["other"]


def test_nothing_at_all_is_a_data_error(app: Flask) -> None:
    assert _deliver(app, b"\r\n") == os.EX_DATAERR


def test_a_database_that_is_away_lets_the_mail_server_come_again(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("alter table bounce rename to bounce_away"))
    try:
        assert _deliver(app, letter("qmail")) == os.EX_TEMPFAIL
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("alter table bounce_away rename to bounce"))


def test_settings_that_cannot_be_used_let_the_mail_server_come_again(tmp_path: Path) -> None:
    settings = {**os.environ, "DATA_DIR": str(tmp_path), "INBOX_LIMIT_MB": "much"}
    ended = subprocess.run(
        [sys.executable, "-m", "commsplan", "inbox", "deliver"],
        input=letter("qmail"),
        env=settings,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == os.EX_TEMPFAIL, ended.stderr


def test_an_address_to_listen_on_has_a_port(app: Flask) -> None:
    answer = CliRunner().invoke(inbox, ["lmtp", "--listen", "everywhere"], obj=app)
    assert answer.exit_code == 2
    assert "HOST:PORT" in answer.output


@pytest.mark.parametrize("mails", [0, 1])
def test_the_mailbox_may_be_read_at_once(app: Flask, mails: int) -> None:
    server = ImapServer()
    address = f"imap://bounces:p%40ss%2Fword@127.0.0.1:{server.port}/Bounces"
    app.config["INBOX_IMAP_URL"] = SecretStr(address)
    for _one in range(mails):
        server.box.add(letter("qmail"))
    answer = CliRunner().invoke(inbox, ["poll"], obj=app)
    app.config["INBOX_IMAP_URL"] = SecretStr("")
    server.stop()
    assert f"{mails} taken in." in answer.output
