"""The one-time link travels by mail, once, in its reader's language."""

import re

import pytest

from commsplan.foundation.database import db
from commsplan.people.models import SignInLink
from commsplan.people.sign_in import UNHEARD_AFTER, ask_for_link, mail_link, mail_unheard_links
from tests.cast import Cast
from tests.delivery.sink import Sink, SinkServer


@pytest.fixture
def sink(app):
    sink, before = Sink(), app.config["SMTP_URL"]
    server = SinkServer(sink)
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.start()}"
    yield sink
    app.config["SMTP_URL"] = before
    server.stop()


@pytest.fixture
def waiting(cast: Cast) -> SignInLink:
    ask_for_link(cast.lead.email, "/plans/")
    return db.session.query(SignInLink).one()


def test_the_link_in_the_mail_signs_in(client, waiting: SignInLink, sink: Sink) -> None:
    mail_link(waiting.id)
    (mail,) = sink.mails
    text = mail.get_payload(0).get_payload(decode=True).decode()
    address = re.search(r"http://\S+", text).group()
    assert mail["To"] == "Lena Lead <lena.lead@northwind.example>"
    assert client.post("/" + address.split("/", 3)[3]).location == "/plans/"


def test_it_goes_out_once(waiting: SignInLink, sink: Sink) -> None:
    mail_link(waiting.id)
    mail_link(waiting.id)
    assert len(sink.mails) == 1


def test_a_mail_server_that_is_away_only_delays(cast: Cast, waiting, app) -> None:
    app.config["SMTP_URL"], before = "smtp://127.0.0.1:1", app.config["SMTP_URL"]
    mail_link(waiting.id)
    app.config["SMTP_URL"] = before
    db.session.refresh(waiting)
    assert waiting.mail == "waiting"


def test_the_timetable_mails_what_no_worker_took(waiting: SignInLink, sink: Sink) -> None:
    mail_unheard_links()
    assert sink.mails == []
    waiting.expires_at -= UNHEARD_AFTER
    db.session.commit()
    mail_unheard_links()
    assert len(sink.mails) == 1
