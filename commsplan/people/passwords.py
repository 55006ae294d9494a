"""Passwords: how they are kept, and which are too easy to guess."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # characters; ASVS 5.0 v6.2.1 asks for at least 8 and recommends 15
LONGEST = 256  # characters; longer ones only cost time
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
"""Argon2id; more than the least of OWASP's password storage cheat sheet (19 MiB, 2 passes)."""

_MOST_COMMON = (
    "123456789012 1234567890123 password1234 password12345 passwordpassword qwertyuiop123 "
    "qwertyuiopas 111111111111 000000000000 aaaaaaaaaaaa 123123123123 abcdefghijkl "
    "iloveyou1234 administrator letmeinletmein welcome12345 changeme1234 changemenow1 "
    "correcthorsebatterystaple commsplancommsplan qwerty123456 1q2w3e4r5t6y 1qaz2wsx3edc "
    "asdfghjkl123 zaq12wsxcde3 passw0rd1234 p@ssw0rd1234 monkey123456 dragon123456 "
    "football1234 baseball1234 sunshine1234 princess1234 superman1234 q1w2e3r4t5y6 "
    "abc123abc123 secretsecret testtesttest trustno1trustno1 summer2026!! winter2026!!"
)
COMMON = frozenset(_MOST_COMMON.split())
"""The most common ones that are long enough, in lower case; from published lists of leaks."""


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return HASHER.hash(_plain(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the right one; without a hash it takes as long and says no."""
    try:
        right = HASHER.verify(password_hash or _nobody(), _plain(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def is_easy_to_guess(password: str, *about: str) -> bool:
    """Tell whether a password is a common one, one character repeated, or about its owner."""
    low = password.casefold()
    known = {word.casefold() for word in about if word}
    known |= {word.replace(" ", "") for word in known} | {word.split("@")[0] for word in known}
    return low in COMMON or len(set(low)) < 3 or low.replace(" ", "") in known


def _plain(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@cache
def _nobody() -> str:
    return hash_password("nobody has this password")
