"""A test copy goes over the real relay to oneself; a relay that is away loses nothing."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from commsplan.foundation.database import db
from commsplan.messages.models import Message
from tests.cast import Cast
from tests.messages.stage import make_message

FORM = {
    "subject": "For {{ first_name }}",
    "body": "Hello {{ first_name }}",
    "base": 1,
    "do": "test",
}


class Sink:
    """Takes every mail, or refuses every recipient."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "554 5.7.1 Not today"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    before, app.config["SMTP_URL"] = app.config["SMTP_URL"], f"smtp://127.0.0.1:{port}"
    yield sink
    app.config["SMTP_URL"] = before
    controller.stop()


def test_a_test_copy_arrives_and_says_so(cast: Cast, sink: Sink) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    answer = browser.post(f"/messages/{message.id}", data=FORM)
    assert (
        "A test copy is on its way to lena.lead@northwind.example"
        in browser.get(answer.location).text
    )
    [mail] = sink.mails
    assert (mail["Subject"], mail["To"]) == (
        "[Test] For Lena",
        "Lena Lead <lena.lead@northwind.example>",
    )
    assert mail.get_body(("plain",)) is not None
    assert mail.get_body(("html",)) is not None


def test_a_relay_that_refuses_is_quoted(cast: Cast, sink: Sink) -> None:
    sink.refuses = True
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    answer = browser.post(f"/messages/{message.id}", data=FORM)
    assert "554 5.7.1 Not today" in browser.get(answer.location).text


def test_a_relay_that_is_away_loses_nothing(app: Flask, cast: Cast) -> None:
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    answer = browser.post(f"/messages/{message.id}", data=FORM)
    page = browser.get(answer.location).text
    assert "Your text is saved, but the test copy did not go out." in page
    assert "No mail server answers" in page
    assert db.session.get(Message, message.id).latest.number == 2
