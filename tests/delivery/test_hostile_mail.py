"""Whatever comes in, reading it raises nothing and ends soon."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commsplan.delivery.reports import read
from tests.delivery.letters import NAMES, letter

HEAD = b"From: MAILER-DAEMON@x.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
LONGEST_SECONDS = 2.0
"""The slowest of these takes 0.2 s on an idle machine; other work must not turn the test red."""


def _nested(levels: int) -> bytes:
    level = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"".join(level % (number, number) for number in range(levels))


HOSTILE = {
    "ten megabytes of rubbish": random.Random(1).randbytes(10 * 2**20),
    "ten megabytes of empty lines": b"\n" * 10 * 2**20,
    "a thousand levels": _nested(1000),
    "some levels and many lines": _nested(15) + b"\n" * 10**6,
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1000,
    "reports in reports": HEAD + b"Content-Type: message/delivery-status\r\n\r\n" * 1000,
    "many recipients": HEAD
    + b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Action: failed\nStatus: 5.1.1\n\n" * 60_000,
    "many headers": HEAD + b"X: y\r\n" * 100_000,
    "a huge header": HEAD + b"To: " + b"a@" * 10**6 + b"\r\n\r\n",
    "many encoded words": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 10**5 + b"\r\n\r\n",
    "angle brackets": HEAD + b"\r\nhere is your list of failed recipients\r\n" + b"<" * 10**6,
    "addresses": HEAD + b"\r\nfailed addresses follow:\r\n" + b"a@" * 10**6,
    "failed recipients": HEAD + b"X-Failed-Recipients: " + b'"@,' * 10**5 + b"\r\n\r\nx",
    "parentheses": b"From: " + b"(" * 10**5 + b"\r\nX-Failed-Recipients: a@b.example\r\n\r\nx",
    "a parameter twice": b"Content-Type: text/plain; name*=a; name*0*=b\r\n\r\nx",
    "a huge number": b"Content-Type: multipart/mixed; boundary*" + b"9" * 5000 + b"=y\r\n\r\nx",
    "no text's charset": b"Content-Type: text/plain; charset=hex\r\n\r\nzz",
    "a slow charset": b"Content-Type: text/plain; charset=punycode\r\n\r\na-" + b"z" * 10**6,
    "a charset with a NUL": b'Content-Type: text/plain; charset="a\0b"\r\n\r\nzz',
    "surrogates": b"Content-Type: text/plain; charset=raw_unicode_escape\r\n\r\n\\uD800",
    "broken base64": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQ",
    "broken uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\nM\xff\n",
    "boundaries": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    + b"--a\r\n\r\n" * 10**5,
    "nothing": b"",
    "NULs": b"\0" * 10_000,
    "no sender": b"Subject: x\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_in_no_time(name: str) -> None:
    began = time.monotonic()
    read(HOSTILE[name])
    assert time.monotonic() - began < LONGEST_SECONDS


@given(st.binary(max_size=2_000))
@settings(max_examples=150)
def test_rubbish_is_never_an_error(raw: bytes) -> None:
    assert read(raw).what


@given(
    st.sampled_from(NAMES),
    st.integers(0, 2_500),
    st.integers(0, 60),
    st.one_of(st.binary(max_size=40), st.sampled_from([b"\r\n\r\n", b"--", b"=?", b";", b"*0*="])),
)
@settings(max_examples=300)
def test_a_damaged_report_is_never_an_error(name: str, at: int, gone: int, put: bytes) -> None:
    raw = letter(name)
    assert read(raw[:at] + put + raw[at + gone :]).what


HEADERS = ["Content-Type", "Auto-Submitted", "Message-ID", "X-Failed-Recipients", "From", "Subject"]


@given(st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=60), max_size=6), st.text())
@settings(max_examples=150)
def test_odd_headers_are_never_an_error(headers: dict[str, str], body: str) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    assert read(f"{head}\r\n{body}".encode("utf-8", "surrogatepass")).what
