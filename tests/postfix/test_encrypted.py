"""A real Postfix that wants STARTTLS and a password gets both; a stranger gets neither."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commsplan.messages.rules import Content
from tests.delivery.sink import free_port
from tests.postfix.certificate import make_certificate
from tests.postfix.conftest import Mailing, mailing_through
from tests.postfix.passwords import password_server

pytestmark = pytest.mark.mainline

CONTENT = Content(subject="Raise concerns on one page", body="Hello {{ name }}")
NAME, PASSWORD = "commsplan", "a pass: word@with/signs"
WAITING = {"planned", "leased", "sending"}
PEOPLE = {f"p{n}@northwind.example": f"Person {n}" for n in range(20)}


@contextmanager
def _strict(folder: Path, database_url: str, trusted: bool, password: str) -> Iterator[Mailing]:
    """Run a Postfix that takes mail encrypted and from those who know the password alone."""
    key, certificate = make_certificate(folder)
    asked = free_port()
    parameters = {
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_key_file": str(key),
        "smtpd_tls_cert_file": str(certificate),
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": f"inet:127.0.0.1:{asked}",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject",
    }
    known = "".join(f"%{byte:02x}" for byte in password.encode())
    settings = {"SMTP_URL": f"smtp+starttls://{NAME}:{known}@127.0.0.1:{{smtp}}"}
    if trusted:
        settings["SSL_CERT_FILE"] = str(certificate)
    with (
        password_server(asked, NAME, PASSWORD),
        mailing_through(folder, database_url, parameters, settings) as found,
    ):
        yield found


def _until(mailing: Mailing, words: str) -> None:
    """Wait until Postfix has logged something."""
    end = time.monotonic() + 40
    while words not in mailing.server.log():
        assert time.monotonic() < end, mailing.server.log()
        time.sleep(0.2)


@pytest.mark.usefixtures("_postfix_is_here")
def test_copies_go_out_encrypted_and_signed_in(tmp_path: Path, database_url: str) -> None:
    with _strict(tmp_path, database_url, trusted=True, password=PASSWORD) as mailing:
        send_id = mailing.send(PEOPLE, CONTENT)
        mailing.made.wait_for(send_id, 60)
        assert mailing.made.states(send_id) == {"accepted": len(PEOPLE)}
        assert f"sasl_method=PLAIN, sasl_username={NAME}" in mailing.server.log()


@pytest.mark.usefixtures("_postfix_is_here")
def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    tmp_path: Path, database_url: str
) -> None:
    with _strict(tmp_path, database_url, trusted=False, password=PASSWORD) as mailing:
        send_id = mailing.send(PEOPLE, CONTENT)
        _until(mailing, "unknown ca")
        assert set(mailing.made.states(send_id)) <= WAITING
        assert "sasl_username" not in mailing.server.log()


@pytest.mark.usefixtures("_postfix_is_here")
def test_a_wrong_password_costs_no_copy_anything(tmp_path: Path, database_url: str) -> None:
    with _strict(tmp_path, database_url, trusted=True, password="wrong") as mailing:
        send_id = mailing.send(PEOPLE, CONTENT)
        _until(mailing, "authentication failed")
        assert set(mailing.made.states(send_id)) <= WAITING
        tried = mailing.made.ask(
            "select max(attempts) from delivery where send_id=:one", one=send_id
        )
        assert tried == [(0,)]
