"""Replies are read whole, whatever packets they come in, and never without bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commsplan.delivery.smtp_replies import (
    LINE_LIMIT,
    REPLY_LIMIT,
    Nonsense,
    Reply,
    blames_the_copy,
    readable,
    take_reply,
    without,
)


def read(text: bytes) -> Reply | None:
    return take_reply(bytearray(text))


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b"250 Ok\r\n", 250, "Ok"),
        (b"250\r\n", 250, ""),
        (b"250 \r\n", 250, ""),
        (b"250 bare line feed\n", 250, "bare line feed"),
        (b"250-one\r\n250-\r\n250  three \r\n", 250, "one three"),
        (b"550 5.1.1 caf\xc3\xa9 \xff\x00\x1b[1m\r\n", 550, "5.1.1 café � [1m"),
    ],
)
def test_a_reply_is_read(text: bytes, code: int, words: str) -> None:
    reply = read(text)
    assert reply is not None
    assert (reply.code, reply.words) == (code, words)


@pytest.mark.parametrize("text", [b"", b"2", b"250", b"250 Ok", b"250 Ok\r", b"250-one\r\n250 t"])
def test_half_a_reply_waits(text: bytes) -> None:
    inbox = bytearray(text)
    assert take_reply(inbox) is None
    assert inbox == text


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n",
        b"hello\r\n",
        b"25 Ok\r\n",
        b"2500 Ok\r\n",
        b"150 Ok\r\n",
        b"250_Ok\r\n",
        b"250-one\r\n550 two\r\n",
        b"250-one\r\ntwo\r\n",
        b"250 " + b"x" * (LINE_LIMIT + 1),
        b"250-x\r\n" * REPLY_LIMIT,
        b"250-x\r\n" * REPLY_LIMIT + b"250 x\r\n",
    ],
)
def test_what_is_no_reply_is_nonsense(text: bytes) -> None:
    with pytest.raises(Nonsense):
        read(text)


LINES = st.lists(
    st.binary(max_size=40).map(lambda b: b.translate(None, b"\r\n")), min_size=1, max_size=4
)


@given(lines=LINES, rest=st.binary(max_size=10), code=st.integers(200, 599))
def test_a_reply_ends_where_it_ends(lines: list[bytes], rest: bytes, code: int) -> None:
    text = b"".join(b"%d-%b\r\n" % (code, line) for line in lines[:-1])
    inbox = bytearray(text + b"%d %b\r\n" % (code, lines[-1]) + rest)
    assert take_reply(inbox) == Reply(code, tuple(lines))
    assert inbox == rest


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_half_of_one_or_nonsense(text: bytes) -> None:
    try:
        reply = read(text)
    except Nonsense:
        return
    assert reply is None or 200 <= reply.code < 600


@given(st.lists(st.binary(max_size=50), max_size=3))
def test_readable_words_are_one_printable_line(lines: list[bytes]) -> None:
    words = readable(lines)
    assert words.isprintable()
    assert words == words.strip()


def test_an_address_is_left_out_of_words_however_it_is_written() -> None:
    words = without("<Kim.Doe@IN.example> (kim.doe@in.example) is full", "kim.doe@in.example", "")
    assert words == "<…> (…) is full"


@pytest.mark.parametrize(
    ("said", "about_the_copy"),
    [
        (b"552 5.3.4 Too big", True),
        (b"452 4.2.3 Too big for now", True),
        (b"552 Too big", True),
        (b"501 Bad address", True),
        (b"550 5.1.8 No such domain", True),
        (b"550 5.7.1 Not allowed", False),
        (b"553 5.7.1 Not owned by you", False),
        (b"451 4.3.0 Try later", False),
        (b"550 5.1.10 Null MX", False),
        (b"530 5.7.0 Sign in first", False),
    ],
)
def test_a_refusal_of_mail_blames_the_copy_or_us(said: bytes, about_the_copy: bool) -> None:
    reply = read(said + b"\r\n")
    assert reply is not None
    assert blames_the_copy(reply) is about_the_copy
