"""Quick tokens are the tokens that were always in people's mails, byte for byte."""

import base64
import hashlib
import hmac

from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from commsplan.foundation.tokens import Stamp, keyed_hash, payload_of, read_signed, sign, width_of

IDS = some.integers(0, 2**63 - 1)
EXTRAS = some.integers(0, 2**24 - 1)


def _slowly(key: bytes, purpose: str, identity: int, extra: int) -> bytes:
    payload = identity.to_bytes(8, "big") + (extra.to_bytes(3, "big") if extra else b"")
    mac = hmac.new(key, purpose.encode() + b"\0" + payload, hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(payload + mac)


@given(key=some.binary(max_size=200), purpose=some.text("abc é", max_size=90), one=IDS, two=EXTRAS)
def test_a_token_is_what_the_standard_library_makes(
    key: bytes, purpose: str, one: int, two: int
) -> None:
    payload = payload_of(one, two)
    made = Stamp(key, purpose).token(payload)
    assert made == _slowly(key, purpose, one, two)
    assert len(made) == width_of(payload)


def test_a_stamp_makes_each_token_as_if_it_were_the_first() -> None:
    stamp = Stamp(b"key", "message")
    assert [stamp.token(payload_of(1)) for _ in range(2)] == [stamp.token(payload_of(1))] * 2
    assert stamp.token(payload_of(2)) != stamp.token(payload_of(1))


def test_tokens_of_this_installation_are_unchanged(app: Flask) -> None:
    key = str(app.config["SECRET_KEY"]).encode()
    assert sign("message", 7).encode() == _slowly(key, "message", 7, 0)
    assert sign("link", 7, 3).encode() == _slowly(key, "link", 7, 3)
    assert read_signed("link", sign("link", 7, 3)) == (7, 3)
    made = hmac.new(key, b"message-id\x007", hashlib.sha256).hexdigest()[:32]
    assert keyed_hash("message-id", "7") == made
