"""A mail from outside, taken apart within bounds: whatever it holds, reading it costs little.

Only the first 256 KB and 5,000 lines are read, cut where parts nest deeper than any report does: a
report's own parts come first (RFC 6522 §3), the mail that it returns last. CPython's parser takes
8 s for 256 KB of empty lines inside of a delivery report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32

from commsplan.delivery.bounce_rules import Fate

READ_BYTES = 256 * 1024
READ_LINES = 5_000
LONGEST_LINE = 2_000  # octets; RFC 5322 §2.1.1 allows 998
CONTAINERS = 16  # parts that hold parts; real reports have up to ten
CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
HEADER_CHARS = 2_000
TEXT_CHARS = 64 * 1024
LINE_CHARS = 500  # a regular expression over one long line may take quadratic time
LINES = 300
RECIPIENTS = 100  # blocks of a delivery report that are read

CAME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
"""Headers that mail systems write the envelope's recipient into, and those of the sender."""
ADDRESS = re.compile(r"[^\s<>\"'(),;:]{1,64}@[^\s<>\"'(),;:]{1,255}")
OUR_ID = re.compile(r"\bd\d{1,18}\.[0-9a-f]{16}@[\w.-]{1,255}")
"""The shape of a copy's Message-ID; whether it is genuine is checked against the key."""
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
REFERENCES = ("In-Reply-To", "References", "Original-Message-ID", "X-Original-Message-ID")
EXIM_LIST = "X-Failed-Recipients"

BROKEN = (MessageError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What `email` and flufl.bounce raise for mails that are none (CPython's parser, for one, sorts
None among numbers for a parameter written both as `name*` and as `name*0*`)."""


@dataclass(frozen=True)
class Reading:
    """What a mail says, before anybody knows which copy it is about."""

    what: str
    """"report", "complaint", "auto-reply", "challenge", "other" or "unreadable"."""
    fates: tuple[Fate, ...] = ()
    """What a delivery report says, by recipient."""
    words: str = ""
    mentions: tuple[str, ...] = ()
    """Message-IDs that it gives for the mail it is about."""
    recipients: tuple[str, ...] = ()
    """Addresses that it came to, or says that the mail it is about came from."""
    own_id: str = ""
    """Its own Message-ID."""
    effect: Callable[[int | None], None] | None = None
    """What a reader of another step does with it, given the copy it is about: called once for a
    mail, inside the transaction that records it."""


@dataclass
class Incoming:
    """A mail that is being read."""

    message: Message
    start: str
    """The part that is read, as Latin-1 text: to look for identities, not to show."""
    recipient: str = ""
    """To which address it came, from the envelope; "" where nobody said."""
    _text: str | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """What it says to a person, in short lines."""
        if self._text is None:
            self._text = text_of(self.message)
        return self._text

    def header(self, name: str) -> str:
        """Return a header as text, or "" without it."""
        return header_of(self.message, name)

    def headers(self, *names: str) -> tuple[str, ...]:
        """Return every value of these headers, each cut to a sane length."""
        found: list[str] = []
        for name in names:
            found += [str(value)[:HEADER_CHARS] for value in self.message.get_all(name, [])[:20]]
        return tuple(found)


def open_mail(raw: bytes, recipient: str = "") -> Incoming:
    """Take a mail apart.

    Raises:
        one of BROKEN: the parser cannot.
    """
    lines = raw[:READ_BYTES].split(b"\n", READ_LINES)[:READ_LINES]
    window = b"\n".join(line[:LONGEST_LINE] for line in lines)
    for number, found in enumerate(CONTAINER.finditer(window), start=1):
        if number > CONTAINERS:
            window = window[: found.start()]
            break
    message = BytesParser(policy=compat32).parsebytes(window)
    return Incoming(message, window.decode("latin-1"), recipient)


def header_of(message: Message, name: str) -> str:
    """Return a header of a part as text: encoded words decoded, cut to a sane length."""
    value = str(message.get(name, ""))[:HEADER_CHARS]
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, ValueError, LookupError):
        return value


def parts_of(message: Message, *kinds: str) -> Iterator[Message]:
    """Return the parts of some content types, outermost first."""
    return (part for part in message.walk() if part.get_content_type() in kinds)


def text_of(message: Message) -> str:
    """Return what a mail says to a person: its first plain text, else its first HTML as it is."""
    for kind in ("text/plain", "text/html"):
        part = next(parts_of(message, kind), None)
        if part is not None:
            return short_lines(_decoded(part))
    return ""


def short_lines(text: str) -> str:
    """Return the first lines of a text, each cut."""
    lines = text[:TEXT_CHARS].splitlines()[:LINES]
    return "\n".join(line[:LINE_CHARS] for line in lines)


def blocks_of(part: Message) -> list[Message]:
    """Return the groups of fields that a machine-readable part consists of (RFC 3464 §2.1)."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _groups(str(payload))
    blocks = list(payload[: RECIPIENTS + 1])
    rest = blocks[-1].get_payload() if blocks else ""
    return blocks + (_groups(rest) if isinstance(rest, str) else [])


def _groups(text: str) -> list[Message]:
    groups = re.split(r"\r?\n(?:[ \t]*\r?\n)+", text[:TEXT_CHARS].strip())[:RECIPIENTS]
    return [HeaderParser().parsestr(group) for group in groups if group]


def _decoded(part: Message) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return octets[:TEXT_CHARS].decode(charset, "replace")
    except (LookupError, ValueError):  # an unknown charset, or one that is no text ("hex")
        return octets[:TEXT_CHARS].decode("latin-1")


def reading_of(
    mail: Incoming,
    what: str,
    fates: Sequence[Fate] = (),
    words: str = "",
    *,
    mentions: tuple[str, ...] = (),
    recipients: tuple[str, ...] = (),
) -> Reading:
    """Put together what was recognised with what tells which copy it is about."""
    returned = tuple(
        header_of(part, "Message-ID")
        for outer in parts_of(mail.message, *RETURNED)
        for part in blocks_of(outer)[:1]
    )
    ids = (*mentions, *returned, *mail.headers(*REFERENCES), *OUR_ID.findall(mail.start)[:20])
    came_to = (*recipients, *mail.headers(*CAME_TO))
    return Reading(
        what=what,
        fates=tuple(fates),
        words=words[:HEADER_CHARS],
        mentions=tuple(dict.fromkeys(_ids_in(ids))),
        recipients=tuple(dict.fromkeys(_addresses_in(came_to))),
        own_id=mail.header("Message-ID").strip(),
    )


def _ids_in(values: Sequence[str]) -> list[str]:
    return [found for value in values for found in OUR_ID.findall(value)]


def _addresses_in(values: Sequence[str]) -> list[str]:
    return [found for value in values for found in ADDRESS.findall(value)][:50]
