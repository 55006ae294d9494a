"""Words in headers are folded, encoded where they must be, and read again as they were."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commsplan.delivery.header_words import address_bytes, date_of, mailbox, sentence
from commsplan.foundation.mail import header_safe
from tests.delivery.readers import name_in

TEXTS = some.one_of(
    some.text(some.characters(exclude_categories=["Cs"]), max_size=400),
    some.text('ab cd.,"\\()<>@ä€😀=?', max_size=300),
    some.lists(some.text("abc", min_size=1, max_size=90), max_size=20).map(" ".join),
)


def _lines(name: str, value: bytes) -> list[bytes]:
    return (name.encode() + b": " + value).split(b"\r\n")


@given(text=TEXTS)
def test_a_sentence_is_read_as_it_was(text: str) -> None:
    value = sentence("Subject", text)
    for line in _lines("Subject", value):
        assert len(line) <= (76 if b"=?" in line else 78)
        assert line.isascii()
    read = message_from_bytes(b"Subject: " + value + b"\r\n\r\n", policy=default)
    assert str(read["Subject"]) == header_safe(text)


@given(text=TEXTS)
def test_each_encoded_word_is_whole_in_itself(text: str) -> None:
    """No character is cut in two, and none is longer than 75 (RFC 2047, sections 2 and 5)."""
    words = [word for word in sentence("Subject", text).split() if word.startswith(b"=?")]
    for word in words:
        assert len(word) <= 75
        alone = message_from_bytes(b"Subject: " + word + b"\r\n\r\n", policy=default)
        assert "\ufffd" not in str(alone["Subject"]) or "\ufffd" in text
        assert not alone["Subject"].defects


@given(name=TEXTS)
def test_a_mailbox_is_read_as_it_was(name: str) -> None:
    value = mailbox("To", name, "zoe@northwind.example")
    assert max(map(len, _lines("To", value))) <= 78
    raw = b"To: " + value + b"\r\n\r\n"
    read = message_from_bytes(raw, policy=default)["To"]
    assert [one.addr_spec for one in read.addresses] == ["zoe@northwind.example"]
    assert name_in(raw) == header_safe(name)


def test_plain_words_stay_plain() -> None:
    assert sentence("Subject", "One page for everything") == b"One page for everything"
    assert mailbox("To", "Zoe O'Hara", "z@x.example") == b"Zoe O'Hara <z@x.example>"
    assert mailbox("To", "Dr. Zoe", "z@x.example") == b'"Dr. Zoe" <z@x.example>'
    assert mailbox("To", "", "z@x.example") == b"z@x.example"


@pytest.mark.parametrize(
    "address",
    ["a" * 65 + "@x.example", "a@" + "x" * 253, "a@b c", "a\x00@b", "a@b\u2028", "ä@", "a@-ä-"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says so in its own words
        address_bytes(address)


def test_a_second_is_said_as_mail_says_it() -> None:
    assert date_of(1_700_000_000) == b"Tue, 14 Nov 2023 22:13:20 +0000"
