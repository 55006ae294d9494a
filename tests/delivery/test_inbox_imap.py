"""A mailbox is read in bounded turns: verified, committed first, marked as seen after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, text

from commsplan.delivery import imap
from commsplan.delivery.bounce_models import Bounce
from commsplan.delivery.imap import place_of, read_inbox, read_inbox_aside
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unreadable
from tests.delivery.certificates import server_context
from tests.delivery.imap_server import ImapServer
from tests.delivery.letters import letter


@contextmanager
def _serving(app: Flask, server: ImapServer, scheme: str, host: str) -> Iterator[ImapServer]:
    secret = quote(server.box.password, safe="")
    address = f"{scheme}://bounces:{secret}@{host}:{server.port}/Bounces"
    app.config["INBOX_IMAP_URL"] = SecretStr(address)
    yield server
    app.config["INBOX_IMAP_URL"] = SecretStr("")
    server.stop()


@pytest.fixture
def mailbox(app: Flask) -> Iterator[ImapServer]:
    with _serving(app, ImapServer(), "imap", "127.0.0.1") as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's authorities are those of a folder of the test's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    return tmp_path


def _recorded() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Bounce)) or 0


def test_what_is_unseen_is_taken_in_and_marked(mailbox: ImapServer) -> None:
    uids = [mailbox.box.add(letter(name)) for name in ("qmail", "exim_plain")]
    assert read_inbox() == 2
    assert mailbox.box.seen == set(uids)
    assert _recorded() == 2


def test_what_is_seen_is_left_alone(mailbox: ImapServer) -> None:
    mailbox.box.add(letter("qmail"))
    read_inbox()
    assert read_inbox() == 0


def test_a_line_that_breaks_before_the_mark_repeats_nothing(mailbox: ImapServer) -> None:
    uid = mailbox.box.add(letter("qmail"))
    mailbox.box.hangs_up_at = "STORE"
    read_inbox()
    assert (_recorded(), mailbox.box.seen) == (1, set())
    mailbox.box.hangs_up_at = ""
    read_inbox()
    assert (_recorded(), mailbox.box.seen) == (1, {uid})


def test_a_database_that_is_away_leaves_the_mail_unseen(mailbox: ImapServer, app: Flask) -> None:
    mailbox.box.add(letter("qmail"))
    with db.engine.begin() as connection:
        connection.execute(text("alter table bounce rename to bounce_away"))
    try:
        assert read_inbox() == 0
        assert mailbox.box.seen == set()
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("alter table bounce_away rename to bounce"))
    assert read_inbox() == 1


def test_of_a_huge_mail_only_the_beginning_is_fetched(mailbox: ImapServer, app: Flask) -> None:
    app.config["INBOX_LIMIT_MB"] = 1
    mailbox.box.add(b"Subject: x\r\n\r\n" + b"x" * 3 * 1024 * 1024)
    assert read_inbox() == 1
    app.config["INBOX_LIMIT_MB"] = 10
    assert db.session.scalars(select(Bounce.words)).one() == "Too large."


def test_a_turn_ends_in_time(mailbox: ImapServer) -> None:
    mailbox.box.add(letter("qmail"))
    place = place_of(imap.current_app.config["INBOX_IMAP_URL"].get_secret_value())
    assert imap.read_mailbox(place, time.monotonic() - 1) == 0
    assert mailbox.box.seen == set()


@pytest.mark.parametrize("trouble", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
def test_a_mailbox_that_hangs_up_is_asked_again_later(mailbox: ImapServer, trouble: str) -> None:
    mailbox.box.add(letter("qmail"))
    mailbox.box.hangs_up_at = trouble
    assert read_inbox() == 0
    mailbox.box.hangs_up_at = ""
    assert read_inbox() == 1


def test_a_wrong_password_says_nothing_of_it(
    mailbox: ImapServer, capsys: pytest.CaptureFixture[str]
) -> None:
    mailbox.box.password = "another one"
    assert read_inbox() == 0
    said = capsys.readouterr()
    assert "inbox.away" in said.err + said.out
    assert "word" not in said.err + said.out


def test_it_is_read_beside_the_timetable(mailbox: ImapServer) -> None:
    uid = mailbox.box.add(letter("qmail"))
    began = time.monotonic()
    read_inbox_aside()
    assert time.monotonic() - began < 0.5
    while uid not in mailbox.box.seen and time.monotonic() - began < 10:
        time.sleep(0.02)
    assert mailbox.box.seen == {uid}
    assert imap._aside.is_over(10)


def test_without_a_mailbox_nothing_happens(app: Flask) -> None:
    assert read_inbox() == 0
    read_inbox_aside()


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_server_that_is_vouched_for_is_trusted(app: Flask, authority: Path, scheme: str) -> None:
    context, _ca = server_context(authority)
    with _serving(app, ImapServer(context, scheme == "imaps"), scheme, "localhost") as server:
        server.box.add(letter("qmail"))
        assert read_inbox() == 1


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_server_nobody_vouches_for_gets_no_password(
    app: Flask, tmp_path: Path, scheme: str
) -> None:
    context, _ca = server_context(tmp_path)
    with _serving(app, ImapServer(context, scheme == "imaps"), scheme, "localhost") as server:
        server.box.add(letter("qmail"))
        assert read_inbox() == 0
        assert not [command for command in server.box.commands if "LOGIN" in command]


def test_a_server_under_another_name_gets_no_password(app: Flask, authority: Path) -> None:
    context, _ca = server_context(authority)
    with _serving(app, ImapServer(context, True), "imaps", "127.0.0.1") as server:
        server.box.add(letter("qmail"))
        assert read_inbox() == 0
        assert not server.box.commands


@pytest.mark.parametrize(
    "address",
    ["imap://u:p@mail.example/x", "https://u:p@mail.example", "imaps://mail.example", "imaps:///x"],
)
def test_an_address_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(Unreadable):
        place_of(address)


def test_an_address_is_read_with_its_odd_characters() -> None:
    place = place_of("imaps://b%40x:p%2Fw%3A@mail.example/Bounces/New%20ones")
    assert (place.user, place.password, place.folder) == ("b@x", "p/w:", "Bounces/New ones")
    assert place.port == 993
