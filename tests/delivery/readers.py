"""Readers as hypothesis invents them: names that nobody has, and some that somebody may try."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import parseaddr

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some

from commsplan.messages.rendering import Reader

NASTY = (
    "=?utf-8?q?=0ABcc:_e=40x?=",
    "=?utf-8?b?SGVsbG8KQmNjOiB4QHk=?= x",
    "Ada\r\nBcc: everyone@x.example",
    "Ada\n\n--=_commsplan\r\nContent-Type: text/html\r\n\r\n<b>",
    "a\x00b\x0bc",
    "\u2028\u2029Bcc: x@y",
    "\u202eadA \u05d0\u05d1\u05d2 \u0627\u0644",
    "👩‍👩‍👧‍👦 " * 20,
    "ä" * 300,
    "Department of " + "Very Long Names " * 20,
    "=2E",
    ".",
    "..",
    ". leading",
    "From here on",
    "trailing  \t ",
    "two  blanks\tand a tab",
    "=\r\n",
    "=",
    "--",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "O'Hara & Sons",
    'a" <x@y>, "b\\',
    "{{ manager_name }}",
    "\ue000page\ue001",
    "%b %s %%",
    "",
)
WORDS = some.one_of(
    some.sampled_from(NASTY),
    some.text(some.characters(exclude_categories=["Cs"]), max_size=400),
    some.text("ab .=-<&\"'\t\r\nä€😀", max_size=120),
)
READERS = some.builds(
    Reader,
    first_name=WORDS,
    name=WORDS,
    title=WORDS,
    department=WORDS,
    location=WORDS,
    country=some.one_of(some.sampled_from(["DE", "fr", "GB", ""]), WORDS),
    manager_name=WORDS,
    language=some.sampled_from(["", "en", "de-AT", "fr", "pl"]),
)
same_stage = settings(  # the database is only read: one stage serves all examples
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def name_in(raw: bytes) -> str:
    """Return the addressee's name as the older of the two parsers reads it.

    Python 3.11's newer one shows the blank between two encoded words of a phrase, which
    RFC 2047, section 6.2, tells it to leave out.
    """
    name, _address = parseaddr(message_from_bytes(raw, policy=compat32)["To"])
    return str(make_header(decode_header(name)))
