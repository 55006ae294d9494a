"""What we sign, somebody else's verifier accepts; what is changed afterwards, it refuses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as some

from commsplan.foundation.dkim import Key, sign
from commsplan.foundation.dkim_keys import (
    make_key_file,
    read_key,
    record_text,
    zone_line,
)
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.mail import Mail, hand_over
from tests.foundation.judge import accepts

NOW = 1_700_000_000
PIECES = some.sampled_from(
    [b"word", b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b" \r\n", b".", b"=", b"\xc3\xa4", b"--x"]
)
BODIES = some.lists(PIECES, max_size=40).map(lambda few: b"".join(few) + b"\r\n")
WORDS = some.text("ab =?:;\t", min_size=1, max_size=60).map(str.encode)
VALUES = some.lists(WORDS, min_size=1, max_size=3).map(b"\r\n ".join)


@cache
def keys() -> tuple[Key, ...]:
    """One key of each kind."""
    return (
        Key("northwind.example", "autumn", generate_private_key(65537, 2048)),
        Key("northwind.example", "quick.one", Ed25519PrivateKey.generate()),
    )


def verified(raw: bytes) -> bool:
    """Tell whether both signatures are accepted."""
    return accepts(raw, keys(), at=0) and accepts(raw, keys(), at=1)


def mail(body: bytes = b"Hello\r\n", subject: bytes = b"One", more: bytes = b"") -> bytes:
    """Return a mail as it is before it is signed."""
    return (
        b"From: News <news@northwind.example>\r\nTo: ada@northwind.example\r\nSubject: %b\r\n"
        b"Date: Tue, 6 Oct 2026 09:00:00 +0000\r\nMessage-ID: <1@northwind.example>\r\n%b\r\n%b"
    ) % (subject, more, body)


@given(body=BODIES, subject=VALUES)
def test_any_mail_is_verified(body: bytes, subject: bytes) -> None:
    raw = sign(mail(body, subject), keys(), NOW)
    assert verified(raw)
    assert raw.endswith(mail(body, subject))


@pytest.mark.parametrize(
    "body",
    [b"", b"\r\n", b"\r\n\r\n", b" \r\n", b"a", b"a\r\n\r\n", b"a \t b\t\r\n \r\n", b"\t\r\na"],
)
def test_the_corners_of_the_canonical_form_are_right(body: bytes) -> None:
    assert verified(sign(mail(body), keys(), NOW))


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: One", b"Subject: Two"),
        (b"Hello", b"Hullo"),
        (b"To: ada", b"To: eve"),
        (b"From: News", b"From: Boss <b@northwind.example>\r\nFrom: News"),
        (b"t=1700000000", b"t=1700000001"),
    ],
)
def test_a_mail_that_was_changed_is_refused(before: bytes, after: bytes, at: int) -> None:
    raw = sign(mail(), keys(), NOW).replace(before, after)
    assert after in raw
    assert not accepts(raw, keys(), at)


def test_several_headers_of_one_name_are_signed_from_the_last() -> None:
    """As RFC 6376, section 5.4.2, wants it."""
    raw = sign(mail(more=b"References: <a@b>\r\nReferences: <c@d>\r\n"), keys(), NOW)
    assert verified(raw)
    assert not verified(raw.replace(b"<a@b>", b"<x@b>"))


def test_no_line_of_a_signature_is_long() -> None:
    raw = sign(mail(more=b"List-Unsubscribe: <https://x.example/u/1>\r\n"), keys(), NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 78


class _Relay:
    """As smtplib.SMTP, as far as a single mail uses it."""

    raw = b""

    def sendmail(self, sender: str, to: list[str], raw: bytes) -> None:
        self.raw = raw


def test_single_mails_are_signed_too() -> None:
    relay = _Relay()
    hand_over(
        Mail("Zoë", "zoe@x.example", "Grüße", "Hello\n", "<p>Hello</p>", "n@x.example", "1@x"),
        relay,  # type: ignore[arg-type]  # see above
        keys(),
    )
    assert verified(relay.raw)


def test_without_a_key_a_mail_stays_as_it_is() -> None:
    assert sign(mail(), (), NOW) == mail()


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_new_key_is_its_owner_s_alone_and_can_be_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "new" / "spring.pem"
    make_key_file(path, kind)
    assert path.stat().st_mode & 0o777 == 0o600
    key = read_key("northwind.example", f"spring:{path}")
    assert key.algorithm == f"{kind}-sha256"
    with pytest.raises(FileExistsError):
        make_key_file(path, kind)


def test_the_record_is_cut_into_strings_that_dns_can_hold() -> None:
    line = zone_line(keys()[0])
    strings = line.split('"')[1::2]
    assert line.startswith('autumn._domainkey.northwind.example. IN TXT "v=DKIM1; k=rsa; p=')
    assert max(map(len, strings)) <= 255
    assert "".join(strings) == record_text(keys()[0])


def _pem(path: Path, text: bytes) -> str:
    path.write_bytes(text)
    return f"spring:{path}"


def test_a_key_that_cannot_be_used_is_refused_in_plain_words(tmp_path: Path) -> None:
    short, curve = _short_key(), _curve_key()
    for entry, words in (
        ("spring", "is not a selector, a colon and a file"),
        (f"spr ing:{tmp_path}/x", "is not a selector"),
        (f"spring:{tmp_path}/none.pem", "cannot be read"),
        (_pem(tmp_path / "a.pem", b"nonsense"), "holds no private key"),
        (_pem(tmp_path / "b.pem", short), "has 1024 bits"),
        (_pem(tmp_path / "c.pem", curve), "neither RSA nor Ed25519"),
    ):
        with pytest.raises(Unreadable, match=words):
            read_key("northwind.example", entry)


def _short_key() -> bytes:
    return _as_pem(generate_private_key(65537, 1024))  # refused for being so


def _curve_key() -> bytes:
    return _as_pem(ec.generate_private_key(ec.SECP256R1()))


def _as_pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
