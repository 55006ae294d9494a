"""Over LMTP every recipient has an answer of its own, and "250" comes after the commit."""

import asyncio
import smtplib
import threading
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select, text

from commsplan.delivery.bounce_models import Bounce
from commsplan.delivery.lmtp import Inbox, Protocol, serve
from commsplan.foundation.database import db
from tests.delivery.letters import letter
from tests.delivery.sink import free_port


class _Server(Controller):
    def factory(self) -> Protocol:
        return Protocol(self.handler, data_size_limit=200_000, enable_SMTPUTF8=True)


@pytest.fixture
def lmtp(app: Flask) -> Iterator[smtplib.LMTP]:
    server = _Server(Inbox(app), hostname="127.0.0.1", port=free_port(), ready_timeout=10)
    server.start()
    client = smtplib.LMTP("127.0.0.1", server.port, timeout=10)
    client.ehlo("relay.northwind.example")
    yield client
    client.close()
    server.stop(no_assert=True)


def _put(client: smtplib.LMTP, raw: bytes, *recipients: str) -> list[int]:
    """Hand one mail over; return the codes of all answers to its end."""
    assert client.docmd("MAIL", "FROM:<>")[0] == 250
    for recipient in recipients:
        assert client.docmd("RCPT", f"TO:<{recipient}>")[0] == 250
    assert client.docmd("DATA")[0] == 354
    client.send(raw + b"\r\n.\r\n")
    return [client.getreply()[0] for _one in recipients]


def _recorded() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Bounce)) or 0


def test_a_mail_is_taken_in(lmtp: smtplib.LMTP) -> None:
    assert _put(lmtp, letter("qmail"), "bounces@news.northwind.example") == [250]
    assert _recorded() == 1


def test_each_recipient_has_an_answer(lmtp: smtplib.LMTP) -> None:
    assert _put(lmtp, letter("qmail"), "a@news.example", "b@news.example") == [250, 250]
    assert lmtp.noop()[0] == 250


def test_many_mails_go_over_one_line(lmtp: smtplib.LMTP) -> None:
    for number in range(5):
        raw = letter("postfix_mailbox_full", own_id=f"report-{number}@mx1.northwind.example")
        assert _put(lmtp, raw, "bounces@news.northwind.example") == [250]
    assert _recorded() == 5


def test_a_database_that_is_away_asks_to_come_again(lmtp: smtplib.LMTP) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("alter table bounce rename to bounce_away"))
    try:
        assert _put(lmtp, letter("qmail"), "a@news.example", "b@news.example") == [451, 451]
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("alter table bounce_away rename to bounce"))
    assert _put(lmtp, letter("qmail"), "a@news.example") == [250]


def test_what_is_far_too_large_is_refused_for_each_recipient(lmtp: smtplib.LMTP) -> None:
    raw = b"x" * 70 + b"\r\n"
    assert _put(lmtp, raw * 4_000, "a@news.example", "b@news.example") == [552, 552]
    assert _put(lmtp, letter("qmail"), "a@news.example") == [250]


def test_long_lines_are_taken(lmtp: smtplib.LMTP) -> None:
    assert _put(lmtp, b"Subject: x\r\n\r\n" + b"x" * 30_000, "a@news.example") == [250]


def test_there_is_an_end_to_recipients(lmtp: smtplib.LMTP) -> None:
    lmtp.docmd("MAIL", "FROM:<>")
    codes = [lmtp.docmd("RCPT", f"TO:<b{number}@news.example>")[0] for number in range(102)]
    assert codes[99:] == [250, 452, 452]


def test_it_is_lmtp_and_not_smtp(lmtp: smtplib.LMTP) -> None:
    assert lmtp.docmd("EHLO", "x")[0] == 500


def test_the_server_stops_when_it_is_told(app: Flask) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, stop.set)
        await serve(app, "127.0.0.1", 0, stop)

    running = threading.Thread(target=lambda: asyncio.run(main()))
    running.start()
    running.join(10)
    assert not running.is_alive()
