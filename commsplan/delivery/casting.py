"""From a skeleton's parts to bytes with gaps: the body and the subject of a mould.

Nothing here knows the application: what is known of it comes as values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

from markupsafe import escape

from commsplan.delivery.copies import Fields
from commsplan.delivery.header_words import sentence
from commsplan.delivery.qp import Paper, encoded
from commsplan.foundation.addresses import LINK, Way
from commsplan.foundation.tokens import Stamp, payload_of, width_of
from commsplan.messages.rendering import shown
from commsplan.messages.rules import PERSONAL_FIELDS, one_line
from commsplan.messages.skeleton import Parts, Skeleton

KEPT = 1000  # values a gap remembers, the first ones; departments are few, names are not
_shown = lru_cache(maxsize=64)(shown)  # a name stands in the text, in the HTML and in a subject
_encoded = lru_cache(maxsize=64)(encoded)
PART = (
    'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
)


@dataclass(frozen=True)
class Field:
    """A gap for a personal field."""

    name: str
    fallback: str
    html: bool


@dataclass(frozen=True)
class Token:
    """A gap for the token of an address."""

    way: Way
    extra: int = 0


@dataclass(frozen=True)
class Ways:
    """The addresses that a copy has."""

    base: str
    """The installation's own address."""
    key: bytes = field(repr=False)
    """Makes the tokens."""
    named: Mapping[str, Way]
    """By the names of their slots; a counted link's is "link" and its position."""

    def token(self, name: str) -> Token | None:
        """Return the token that belongs into a slot, if there is such an address."""
        if name.startswith("link"):
            return Token(LINK, int(name.removeprefix("link")))
        return Token(self.named[name]) if name in self.named else None

    def address(self, token: Token, delivery_id: int) -> str:
        """Return the whole address."""
        made = Stamp(self.key, token.way.purpose).token(payload_of(delivery_id, token.extra))
        return f"{self.base}{token.way.path}{made.decode('ascii')}{token.way.ending}"


class Form:
    """Constants with gaps between; each gap says which of the values belongs into it."""

    def __init__(self, constants: Sequence[bytes], places: Sequence[int]) -> None:
        self._blank = [b""] * (len(constants) + len(places))
        self._blank[::2] = constants
        self._pick = itemgetter(*places, places[0])  # one more, so that it is always several

    def pieces(self, values: Sequence[bytes]) -> list[bytes]:
        """Return the whole in pieces, with the values in their places."""
        pieces = self._blank.copy()
        pieces[1::2] = self._pick(values)[:-1]
        return pieces


class FieldWriter:
    """Writes one personal field as its gap needs it, and remembers what it wrote, up to a limit."""

    def __init__(self, gap: Field, language: str) -> None:
        self.known: dict[str, bytes] = {}
        self._gap, self._language = gap, language

    def write(self, value: str) -> bytes:
        """Return the bytes for a value that is not known yet."""
        words = _shown(self._gap.name, value, self._language) or self._gap.fallback
        made = _encoded(str(escape(words)) if self._gap.html else words)
        if len(self.known) < KEPT:
            self.known[value] = made
        return made


class Body:
    """Both parts of the mail, with their MIME headers (RFC 2046 §5.1.4)."""

    def __init__(self, skeleton: Skeleton, ways: Ways, boundary: str, language: str) -> None:
        open_part = f"\r\n--{boundary}\r\n"
        text = _written(skeleton.text, ways, html=False)
        html = _written(skeleton.html, ways, html=True)
        constants, more = text.constants(), html.constants()
        constants[0] = (open_part[2:] + PART % "plain").encode("ascii") + constants[0]
        constants[-1] += (open_part + PART % "html").encode("ascii") + more[0]
        constants += more[1:]
        constants[-1] += f"\r\n--{boundary}--\r\n".encode("ascii")
        gaps = [*text.gaps(), *html.gaps()]
        several = list(dict.fromkeys(gaps))
        fields = [gap for gap in several if isinstance(gap, Field)]
        tokens = [gap for gap in several if isinstance(gap, Token)]
        self.place_of = {gap: at for at, gap in enumerate([*fields, *tokens])}
        self.pieces = Form(constants, [self.place_of[gap] for gap in gaps]).pieces
        writers = [(one, FieldWriter(one, language)) for one in fields]
        self._fields = [
            (PERSONAL_FIELDS.index(one.name), writer.known, writer.write) for one, writer in writers
        ]
        self._tokens = [
            (Stamp(ways.key, token.way.purpose).token, payload_of(0, token.extra)[8:])
            for token in tokens
        ]

    def values(self, fields: Fields, number: bytes) -> list[bytes]:
        """Return what belongs into the gaps of one reader's copy; `number` is the tokens'."""
        values = [known.get(fields[at]) or write(fields[at]) for at, known, write in self._fields]
        values += [token(number + extra) for token, extra in self._tokens]
        return values


class Subject:
    """The subject, for a header."""

    def __init__(self, parts: Parts, ways: Ways, language: str) -> None:
        self._parts, self._ways, self._language = parts, ways, language
        names = parts[1::3]
        self._personal = [PERSONAL_FIELDS.index(name) for name in names if name in PERSONAL_FIELDS]
        self._addressed = any(ways.token(name) for name in names)
        self._known: dict[Fields, bytes] = {}

    def filled(self, fields: Fields, delivery_id: int) -> bytes:
        """Return the subject of one reader's copy."""
        key = tuple([fields[at] for at in self._personal])
        made = self._known.get(key)
        if made is None:
            said = (self._said(at, fields, delivery_id) for at in range(len(self._parts)))
            made = sentence("Subject", one_line("".join(said)))
            if len(self._known) < KEPT and not self._addressed:
                self._known[key] = made
        return made

    def _said(self, at: int, fields: Fields, delivery_id: int) -> str:
        """Return what a part says: a constant, what a slot holds, and nothing for a fallback."""
        if at % 3 != 1:
            return self._parts[at] if at % 3 == 0 else ""
        name, fallback = self._parts[at : at + 2]
        if name in PERSONAL_FIELDS:
            value = fields[PERSONAL_FIELDS.index(name)]
            return _shown(name, value, self._language) or fallback
        token = self._ways.token(name)
        return self._ways.address(token, delivery_id) if token else fallback


def _written(parts: Parts, ways: Ways, html: bool) -> Paper:
    """Return one part of the mail as quoted-printable, with gaps."""
    paper = Paper()
    for at in range(0, len(parts) - 1, 3):
        paper.write(parts[at])
        _leave_gap(paper, parts[at + 1], parts[at + 2], ways, html)
    paper.write(parts[-1])
    if not parts[-1].endswith("\n"):
        paper.write("\n")
    return paper


def _leave_gap(paper: Paper, name: str, fallback: str, ways: Ways, html: bool) -> None:
    token = ways.token(name)
    if name in PERSONAL_FIELDS:
        paper.gap(Field(name, fallback, html))
    elif token is None:
        paper.write(str(escape(fallback)) if html else fallback)
    else:
        before = ways.base + token.way.path
        paper.write(str(escape(before)) if html else before)
        paper.gap(token, width_of(payload_of(0, token.extra)))
        paper.write(token.way.ending)
