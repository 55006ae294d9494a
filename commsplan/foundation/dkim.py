"""DKIM signatures (RFC 6376): relaxed/relaxed, with RSA or Ed25519 (RFC 8463).

A mail may carry one signature for each key. What is the same for all mails of a kind, the
signature's tags and the canonical form of constant headers, is computed once.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

SIGNED = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references mime-version"
    b" content-type content-transfer-encoding content-language auto-submitted feedback-id"
    b" list-id list-unsubscribe list-unsubscribe-post".split()
)
"""Headers that a signature covers where they are (RFC 6376 §5.4.1; RFC 8058 §4 wants the last)."""
OVERSIGNED = b"from"  # named once more than it is there: a second one breaks the seal (§8.15)
LINE = 72  # columns of base64 on a line of the signature's own header
_BLANKS = re.compile(rb"[ \t]+")
_PADDING, _SHA256 = PKCS1v15(), SHA256()


@dataclass(frozen=True, eq=False)
class Key:
    """A private key, and where its public half stands in the DNS."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """The a= tag."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, text: bytes) -> bytes:
        """Return the signature over canonical text."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, _PADDING, _SHA256)
        return self.private.sign(hashlib.sha256(text).digest())  # RFC 8463 §3


class Seal:
    """Signs mails that all have the same headers with one key."""

    def __init__(self, key: Key, names: Sequence[bytes]) -> None:
        self._sign = key.sign
        tags = f"v=1; a={key.algorithm}; c=relaxed/relaxed;\r\n d={key.domain};"
        self._before = f"{tags}\r\n s={key.selector}; t=".encode("ascii")
        self._after = b";\r\n h=" + _list(names) + b";\r\n bh="

    def header(self, headers: bytes, body_hash: bytes, second: int) -> bytes:
        """Return the whole DKIM-Signature header, with its line end.

        Args:
            headers: the signed headers in the order of their names, in canonical form.
            body_hash: what `hash_of` says of the canonical body.
            second: when it is signed, in seconds since 1970.
        """
        tags = b"%b%d%b%b;\r\n b=" % (self._before, second, self._after, body_hash)
        own = b"dkim-signature:" + tags.replace(b"\r\n", b"")
        made = b64encode(self._sign(headers + own))
        lines = [made[at : at + LINE] for at in range(0, len(made), LINE)]
        return b"DKIM-Signature: " + tags + b"\r\n ".join(lines) + b"\r\n"


def sign(raw: bytes, keys: Sequence[Key], second: int) -> bytes:
    """Return a whole mail, its lines ended by CRLF, with one signature for each key before it."""
    if not keys:
        return raw
    head, _gap, body = raw.partition(b"\r\n\r\n")
    fields = [line.partition(b":") for line in re.split(rb"\r\n(?![ \t])", head)]
    # Of several headers of a name the last is signed first (RFC 6376 §5.4.2).
    there = [(name, value) for name, _colon, value in reversed(fields) if _signed(name)]
    canonical = b"".join(relaxed_header(name, value) for name, value in there)
    names = [name.strip().lower() for name, _value in there]
    body_hash = hash_of(relaxed_body(body))
    made = [Seal(key, names).header(canonical, body_hash, second) for key in keys]
    return b"".join([*made, raw])


def _signed(name: bytes) -> bool:
    return name.strip().lower() in SIGNED


def hash_of(body: bytes) -> bytes:
    """Return the bh= tag of a canonical body."""
    return b64encode(hashlib.sha256(body).digest())


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """Return a header in its relaxed form, with its line end (RFC 6376 §3.4.2)."""
    words = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip(b" \t").lower() + b":" + words + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Return a body in its relaxed form (RFC 6376 §3.4.4)."""
    text = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(text)
    while text[max(end - 2, 0) : end] == b"\r\n":
        end -= 2
    return text[:end] + b"\r\n" if end else b""


def _list(names: Sequence[bytes]) -> bytes:
    """Return names with colons between, a few on each line."""
    lines, room = [b""], LINE
    for name in [*names, OVERSIGNED]:
        if len(lines[-1]) + len(name) > room:
            lines.append(b"")
        lines[-1] += name + b":"
    return b"\r\n ".join(lines)[:-1]
