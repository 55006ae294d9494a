"""The keys that sign our mails: made here, kept in files, their public halves in the DNS."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from flask import current_app

from commsplan.foundation.dkim import Key
from commsplan.foundation.errors import Unreadable

RSA_BITS = 2048  # every verifier reads up to 4096, and less than 2048 is weak (RFC 8301 §3.2)
LONGEST_RSA_BITS = 4096
TXT_STRING = 255  # octets of one string in a TXT record (RFC 1035 §3.3.14)
SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?")


def signing_keys() -> tuple[Key, ...]:
    """Return this installation's keys; none if it signs nothing. Files are read once.

    Raises:
        Unreadable: a key is named that cannot be used; says which and why.
    """
    config = current_app.config
    return _read_keys(signing_domain(), str(config["DKIM_KEYS"]))


def signing_domain() -> str:
    """Return the domain that signs: the one set, or the sender's."""
    sender = parseaddr(str(current_app.config["MAIL_FROM"]))[1]
    return str(current_app.config["DKIM_DOMAIN"]) or sender.rpartition("@")[2]


def key_files() -> list[Path]:
    """Return the files that DKIM_KEYS names."""
    listed = str(current_app.config["DKIM_KEYS"]).split()
    return [Path(entry.partition(":")[2]) for entry in listed]


@lru_cache(maxsize=8)
def _read_keys(domain: str, listed: str) -> tuple[Key, ...]:
    return tuple(read_key(domain, entry) for entry in listed.split())


def read_key(domain: str, entry: str) -> Key:
    """Return the key of an entry such as "spring:/etc/commsplan/spring.pem".

    Raises:
        Unreadable: the entry, the file or the key in it cannot be used.
    """
    selector, _colon, path = entry.partition(":")
    if not path or not SELECTOR.fullmatch(selector):
        raise Unreadable(f"DKIM_KEYS: “{entry}” is not a selector, a colon and a file.")
    try:
        private = load_pem_private_key(Path(path).read_bytes(), password=None)
    except OSError as error:
        raise Unreadable(f"DKIM_KEYS: {path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unreadable(f"DKIM_KEYS: {path} holds no private key without password.") from error
    if isinstance(private, RSAPrivateKey):
        if not RSA_BITS <= private.key_size <= LONGEST_RSA_BITS:
            raise Unreadable(
                f"DKIM_KEYS: the RSA key in {path} has {private.key_size} bits;"
                f" {RSA_BITS} to {LONGEST_RSA_BITS} are needed."
            )
    elif not isinstance(private, Ed25519PrivateKey):
        raise Unreadable(f"DKIM_KEYS: the key in {path} is neither RSA nor Ed25519.")
    return Key(domain, selector, private)


def make_key_file(path: Path, kind: str) -> None:
    """Write a new private key, "rsa" or "ed25519", that only its owner can read.

    Raises:
        OSError: the file is there already, or cannot be written.
    """
    private: RSAPrivateKey | Ed25519PrivateKey = (
        generate_private_key(65537, RSA_BITS) if kind == "rsa" else Ed25519PrivateKey.generate()
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def record_name(key: Key) -> str:
    """Return the name at which verifiers look for the public half (RFC 6376 §3.6.2.1)."""
    return f"{key.selector}._domainkey.{key.domain}"


def record_text(key: Key) -> str:
    """Return what has to stand there; RSA in DER, Ed25519 as bare octets (RFC 8463 §4.2)."""
    public = key.private.public_key()
    if isinstance(key.private, Ed25519PrivateKey):
        kind, octets = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        form = PublicFormat.SubjectPublicKeyInfo
        kind, octets = "rsa", public.public_bytes(Encoding.DER, form)
    return f"v=DKIM1; k={kind}; p={b64encode(octets).decode('ascii')}"


def zone_line(key: Key) -> str:
    """Return the record as a line of a zone file, in strings that are short enough."""
    text = record_text(key)
    strings = [text[at : at + TXT_STRING] for at in range(0, len(text), TXT_STRING)]
    return f"{record_name(key)}. IN TXT " + " ".join(f'"{string}"' for string in strings)
