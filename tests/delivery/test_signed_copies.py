"""Copies are signed with each key that is set, and with none where none is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given

from commsplan.delivery.moulds import mould_of
from commsplan.foundation.dkim_keys import make_key_file, signing_keys
from commsplan.foundation.errors import Unreadable
from commsplan.messages.models import Message
from commsplan.messages.rendering import Reader
from tests.cast import Cast
from tests.delivery.readers import READERS, same_stage
from tests.foundation.judge import accepts
from tests.messages.stage import BODY, READER, make_message


@pytest.fixture
def signed(app: Flask, tmp_path: Path) -> Iterator[None]:
    """An installation with two keys."""
    before = dict(app.config)
    for kind in ("rsa", "ed25519"):
        make_key_file(tmp_path / f"{kind}.pem", kind)
    app.config["DKIM_KEYS"] = f"one:{tmp_path}/rsa.pem two:{tmp_path}/ed25519.pem"
    app.config["MAIL_FROM"] = "Northwind Rail <comms@northwind.example>"
    yield
    app.config.update(before)


@pytest.fixture
def message(signed: None, cast: Cast) -> Message:
    """A message that readers may leave, with personal fields everywhere."""
    message = make_message(cast, subject="{{ name }} in {{ department }}", body=BODY)
    message.plan.may_unsubscribe = True
    return message


def _pour(message: Message, reader: Reader, to: str = "zoe@northwind.example") -> bytes:
    return mould_of(message.latest, message, "en").pour(7, to, reader)


@same_stage
@given(reader=READERS)
def test_both_signatures_of_any_copy_are_verified(message: Message, reader: Reader) -> None:
    raw = _pour(message, reader)
    assert raw.count(b"DKIM-Signature: ") == 2
    assert accepts(raw, signing_keys(), at=0)
    assert accepts(raw, signing_keys(), at=1)


def test_a_foreign_mailbox_does_not_break_the_seal(message: Message) -> None:
    raw = _pour(message, READER, to="zoë@bücher.example")
    assert accepts(raw, signing_keys())


def test_the_way_out_is_covered(message: Message) -> None:
    """RFC 8058, section 4: providers offer one click only where the signature covers it."""
    raw = _pour(message, READER)
    for header in (b"List-Unsubscribe: <http", b"List-Unsubscribe-Post: List"):
        assert header in raw
        other = raw.replace(header, header.swapcase())
        assert not accepts(other, signing_keys())


def test_without_keys_there_is_no_signature(cast: Cast) -> None:
    assert b"DKIM" not in _pour(make_message(cast), READER)


def test_a_key_that_cannot_be_read_stops_the_send(app: Flask, message: Message) -> None:
    app.config["DKIM_KEYS"] = "one:/nowhere/at/all.pem"
    with pytest.raises(Unreadable, match="cannot be read"):
        _pour(message, READER)


def test_a_long_address_is_folded_and_still_signed(app: Flask, message: Message) -> None:
    app.config["BASE_URL"] = "https://communication.northwind.example/for-all-of-us"
    raw = _pour(message, READER)
    assert b"\r\n <https://communication.northwind.example/for-all-of-us/u/" in raw
    assert accepts(raw, signing_keys(), at=0)
    assert accepts(raw, signing_keys(), at=1)
