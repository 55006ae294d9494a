"""The demo's mail server keeps every mail and shows it without letting it run anything."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from commsplan.demo.mailbox import Mailbox, smtp_server
from commsplan.demo.mailbox_pages import create_inbox
from commsplan.demo.ports import HOST, free_port
from commsplan.foundation.mail import Mail, build


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mail.sqlite3")
    port = free_port(2525, set())
    server = smtp_server(mailbox, HOST, port)
    server.start()
    mail = Mail(
        to_name="Ada",
        to_address="ada@northwind.example",
        subject="Ramp closed",
        text="See https://northwind.example/ramp",
        html="<p>Closed</p><script>alert(1)</script>",
        sender="News <news@northwind.example>",
        message_id="1.x@northwind.example",
    )
    with smtplib.SMTP(HOST, port) as client:
        client.send_message(build(mail))
    server.stop()
    yield mailbox
    mailbox.close()


def test_a_mail_is_kept_and_listed(mailbox: Mailbox) -> None:
    page = create_inbox(mailbox).test_client().get("/")
    assert b"Ramp closed" in page.data
    assert b"ada@northwind.example" in page.data


def test_search_finds_by_recipient_or_says_that_nothing_fits(mailbox: Mailbox) -> None:
    browser = create_inbox(mailbox).test_client()
    assert b"Ramp closed" in browser.get("/?q=ada").data
    assert b"No mail fits" in browser.get("/?q=zzz").data


def test_a_mail_cannot_run_scripts(mailbox: Mailbox) -> None:
    browser = create_inbox(mailbox).test_client()
    assert b'sandbox="' in browser.get("/mail/1").data
    policy = browser.get("/mail/1/html").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


def test_an_unknown_mail_is_not_there(mailbox: Mailbox) -> None:
    assert create_inbox(mailbox).test_client().get("/mail/99").status_code == 404


def test_the_log_names_recipient_and_message_id(mailbox: Mailbox) -> None:
    assert mailbox.message_ids() == [("ada@northwind.example", "<1.x@northwind.example>")]
