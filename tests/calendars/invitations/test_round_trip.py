"""There and back: invited over SMTP, answered by mail into a mailbox, read over IMAP, counted."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from flask import Flask
from pydantic import SecretStr

from commsplan.calendars.invitation_rules import Answer
from commsplan.delivery.imap import read_inbox
from commsplan.people.models import Person
from tests.calendars.invitations.conftest import Meet, calendar_of, events_of
from tests.calendars.invitations.replying import reply, reply_ics, reply_mail
from tests.delivery.imap_server import Box, ImapServer
from tests.delivery.sink import free_port


class PostOffice:
    """A mail server that puts what it takes for our addresses into a mailbox, as one would."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        ours = [one for one in envelope.rcpt_tos if one.startswith("meetings+")]
        if ours:
            head = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {ours[0]}\r\n"
            self.box.add(head.encode() + (envelope.content or b""))
        return "250 Taken"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[ImapServer]:
    """A mailbox behind IMAP that the application reads."""
    server = ImapServer()
    secret = quote(server.box.password, safe="")
    address = f"imap://meetings:{secret}@127.0.0.1:{server.port}/Bounces"
    app.config["INBOX_IMAP_URL"] = SecretStr(address)
    yield server
    app.config["INBOX_IMAP_URL"] = SecretStr("")
    server.stop()


@pytest.fixture
def post(mailbox: ImapServer) -> Iterator[smtplib.SMTP]:
    """A line to the mail server that delivers into the mailbox."""
    port = free_port()
    controller = Controller(PostOffice(mailbox.box), hostname="127.0.0.1", port=port)
    controller.start()
    with smtplib.SMTP("127.0.0.1", port) as client:
        yield client
    controller.stop(no_assert=True)


def send(post: smtplib.SMTP, mail: EmailMessage) -> None:
    post.send_message(mail)


def test_an_answer_finds_its_way_back(
    meet: Meet, anna: Person, post: smtplib.SMTP, mailbox: ImapServer
) -> None:
    meet.invite(anna)
    send(post, reply(meet.last(anna), "ACCEPTED"))
    assert read_inbox() == 1
    assert meet.row(anna).answer == Answer.YES
    assert mailbox.box.seen == set(mailbox.box.mails)


def test_a_mailbox_read_again_from_the_start_changes_nothing(
    meet: Meet, anna: Person, post: smtplib.SMTP, mailbox: ImapServer
) -> None:
    meet.invite(anna)
    send(post, reply(meet.last(anna), "ACCEPTED"))
    read_inbox()
    meet.say(anna, Answer.NO)
    mailbox.box.seen.clear()
    read_inbox()
    assert meet.row(anna).answer == Answer.NO
    assert meet.verdicts() == ["taken"]


def test_the_whole_conversation(meet: Meet, anna: Person, bela: Person, post: smtplib.SMTP) -> None:
    meet.invite(anna, bela)
    send(post, reply(meet.last(anna), "TENTATIVE"))
    send(post, reply(meet.last(bela), "DECLINED"))
    read_inbox()
    starts = meet.activity.starts_local.replace(hour=15)
    meet.change(starts_local=starts, ends_local=starts.replace(hour=16))
    assert {meet.row(anna).answer, meet.row(bela).answer} == {Answer.NONE}
    send(post, reply(meet.last(anna), "ACCEPTED"))
    counter = reply_ics(
        meet.last(bela), "TENTATIVE", method="COUNTER", extra="DTSTART:20301006T140000Z"
    )
    send(post, reply_mail(meet.last(bela), counter))
    read_inbox()
    meet.post()
    assert meet.row(anna).answer == Answer.YES
    assert calendar_of(meet.last(bela))["METHOD"] == "DECLINECOUNTER"
    meet.change(status="cancelled")
    last = [meet.last(anna), meet.last(bela)]
    assert [str(calendar_of(mail)["METHOD"]) for mail in last] == ["CANCEL"] * 2
    sequences = [events_of(mail)[0]["SEQUENCE"] for mail in meet.mails(anna)]
    assert sequences == [0, 1, 2]


def test_every_wrong_answer_is_read_and_harms_nothing(
    meet: Meet, anna: Person, bela: Person, post: smtplib.SMTP, app: Flask
) -> None:
    meet.invite(anna, bela)
    old = meet.last(anna)
    meet.change(place="Room 5")
    new = meet.last(anna)
    app.config["INBOX_LIMIT_MB"] = 1
    rubbish = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nX-A:" + b"b" * 2 * 1024 * 1024
    wrong = [
        reply_mail(new, reply_ics(new, "DECLINED"), sender=bela.email),
        reply(old, "DECLINED"),
        reply(new, "DECLINED", uid="unknown@example.org"),
        reply_mail(new, b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"BEGIN:X\r\n" * 500),
        reply_mail(new, rubbish),
    ]
    for mail in wrong:
        send(post, mail)
    assert read_inbox() == len(wrong)
    app.config["INBOX_LIMIT_MB"] = 10
    assert {meet.row(anna).answer, meet.row(bela).answer} == {Answer.NONE}
    assert meet.verdicts() == ["wrong sender", "older version", "unknown event", "unreadable"]
    send(post, reply(new, "ACCEPTED"))
    read_inbox()
    assert meet.row(anna).answer == Answer.YES
