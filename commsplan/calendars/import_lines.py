"""The lines of a calendar file, as somebody else wrote it: decoded, unfolded, numbered, bounded.

What cannot be used is named, with its line, and passed over (RFC 5545 §3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_LINE = 20_000  # characters, unfolded; a description may be long, and is not read here
KEPT_PROBLEMS = 50
"""How many unusable lines are shown; the rest is counted."""
SHOWN = 80  # characters of a line that cannot be used
BROKEN: tuple[type[Exception], ...] = (ValueError, TypeError, LookupError, AttributeError)
BROKEN = (*BROKEN, ArithmeticError, RecursionError)
"""What icalendar, dateutil and recurring-ical-events raise over values they cannot work with."""
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class Flaw(StrEnum):
    """Why a line or an entry cannot be used."""

    NO_LINE = "no line"
    """It is no content line: no name, no colon."""
    LONG_LINE = "long line"
    UNFINISHED = "unfinished"
    """An entry that never ends, or inside which another begins."""
    LONG_EVENT = "long event"
    TOO_MANY = "too many"
    """Entries beyond the most that are read."""
    VALUE = "value"
    NO_START = "no start"
    YEAR = "year"
    """It begins before 1900 or after 2199."""
    TOO_OFTEN = "too often"
    """It repeats several times a day."""
    NEVER = "never"
    """Its rule fits no day."""
    MANY_TIMES = "many times"
    """More occurrences than are kept of one entry."""
    ZONE = "zone"
    """It names a time zone that nobody knows; the calendar's is taken."""
    TIME = "time"
    """There was no time left to work it out."""
    ENCODING = "encoding"
    """The file is not UTF-8; it was read as Western European."""


class NoCalendar(ValueError):
    """A file that is no calendar at all; its word says what it is: "page", "empty" or "other"."""


@dataclass(frozen=True)
class Problem:
    """One line that could not be used."""

    line: int
    flaw: Flaw
    words: str = ""
    """What stands there, cut short."""


@dataclass
class Problems:
    """All of them are counted, the first are kept."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, flaw: Flaw, words: str = "") -> None:
        """Name one more."""
        self.count += 1
        if len(self.kept) < KEPT_PROBLEMS:
            self.kept.append(Problem(line, flaw, plain(words)[:SHOWN]))


def plain(text: str) -> str:
    """Return text in one line, without what no text may hold."""
    return " ".join(_CONTROLS.sub("", text).split())


def decoded(raw: bytes, problems: Problems) -> str:
    """Return a file as text: UTF-8, UTF-16 with its mark, or Western European, which is named."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        problems.add(0, Flaw.ENCODING)
        return raw.decode("cp1252", "replace")


def unfolded(text: str, problems: Problems) -> Iterator[tuple[int, str]]:
    """Yield each content line with the number of its first line; overlong ones are named."""
    begun, pieces, length = 0, list[str](), 0
    for number, line in enumerate(re.split("\r\n|\n|\r", text), 1):
        if line[:1] in (" ", "\t") and begun:
            length += len(line) - 1
            if length <= LONGEST_LINE:
                pieces.append(line[1:])
            continue
        if pieces and length <= LONGEST_LINE:
            yield begun, "".join(pieces)
        elif pieces:
            problems.add(begun, Flaw.LONG_LINE, pieces[0])
        begun, pieces, length = (number, [line], len(line)) if line.strip() else (0, [], 0)
    if pieces and length <= LONGEST_LINE:
        yield begun, "".join(pieces)
    elif pieces:
        problems.add(begun, Flaw.LONG_LINE, pieces[0])
