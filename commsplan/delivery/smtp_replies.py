"""What a mail server says: replies read byte by byte, and what a refusal is about (RFC 5321 §4.2).

Nothing here trusts the server: lines and replies are bounded, controls do not pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

LINE_LIMIT = 4096  # bytes; RFC 5321 §4.5.3.1.5 asks for 512, servers write longer ones
REPLY_LIMIT = 16384  # bytes of all lines of one reply
INBOX_LIMIT = 65536  # bytes that may wait to be read as replies
CLOSING = 421  # RFC 5321 §4.2.1: the server hangs up, whatever was asked

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})(?!\S)")
_ABOUT_SIZE = frozenset({"2.3", "3.4"})  # RFC 3463: message too long, message too big
_ABOUT_SENDER = frozenset({"1.7", "1.8", "6.7"})  # RFC 3463 and RFC 6531: this sender's address
_ABOUT_COPY = frozenset({501, 552, 553, 555})  # RFC 5321 §4.2.2: syntax, size, name, parameters


class Nonsense(Exception):
    """What the server says is no reply; the words say why."""


class Reply(NamedTuple):
    """One whole reply."""

    code: int
    lines: tuple[bytes, ...]
    """What stands behind the code, line by line, as it came."""

    @property
    def words(self) -> str:
        """All lines, in printable characters, with one space between them."""
        return readable(self.lines)

    @property
    def said(self) -> str:
        """The code and the words as they are shown."""
        return f"{self.code} {self.words}".strip()

    @property
    def is_good(self) -> bool:
        """Say whether what was asked was done."""
        return 200 <= self.code < 300


def take_reply(inbox: bytearray) -> Reply | None:
    """Take the first whole reply out of the inbox; None while it is not whole.

    Raises:
        Nonsense: this is no reply, or one without end.
    """
    said: list[bytes] = []
    start, code = 0, b""
    while (end := inbox.find(b"\n", start)) >= 0:
        line = _LINE.fullmatch(bytes(inbox[start:end]).removesuffix(b"\r"))
        start = end + 1
        if line is None or (code and line[1] != code):
            raise Nonsense("the mail server's answer cannot be understood")
        code = line[1]
        said.append(line[3] or b"")
        if line[2] != b"-":
            _bound(start, 0)
            del inbox[:start]
            return Reply(int(code), tuple(said))
    _bound(len(inbox), len(inbox) - start)
    return None


def _bound(reply: int, line: int) -> None:
    if reply > REPLY_LIMIT or line > LINE_LIMIT:
        raise Nonsense("the mail server's answer has no end")


def readable(lines: Iterable[bytes]) -> str:
    """Return lines as one line of printable characters."""
    plain = b" ".join(lines).decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def without(words: str, *addresses: str) -> str:
    """Return words in which no address can be read."""
    for address in addresses:
        if address and address.lower() in words.lower():
            words = re.sub(re.escape(address), "…", words, flags=re.IGNORECASE)
    return words


def blames_the_copy(reply: Reply) -> bool:
    """Say whether a refusal of MAIL is about this copy, not about whoever asks (RFC 3463)."""
    found = _ENHANCED.match(reply.words)
    detail = found[1] if found else ""
    if detail in _ABOUT_SIZE | _ABOUT_SENDER:
        return True
    return reply.code in _ABOUT_COPY and not detail.startswith("7.")  # 7: who may do what
