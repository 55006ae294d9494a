"""Quoted-printable text with gaps (RFC 2045 §6.7): written once, filled for each copy.

What stands in a gap begins and ends at a soft line break, so that it can be of any length and
nothing around it moves; a token, whose width is known, stands in the line like any word.

A written body is its own canonical form for DKIM, relaxed as well as simple (RFC 6376 §3.4): it
holds no run of blanks, no blank before a line's end, and ends in one CRLF. No line of it begins
with a dot, so it needs no dot-stuffing (RFC 5321 §4.5.2), or with "From " (RFC 2049 §3).
"""

from __future__ import annotations

from collections.abc import Hashable

ROOM = 75  # columns; the 76th is for the "=" of a soft line break
SOFT = b"=\r\n"

UNITS = [
    b"%c" % byte if 32 <= byte <= 126 and byte not in b"=." else b"=%02X" % byte
    for byte in range(256)
]
"""How each byte is written where a line may begin; a dot inside a line may stay one."""
FROM = b"From "
_PLAIN = bytes(byte for byte in range(256) if len(UNITS[byte]) == 1)

Piece = bytes | Hashable


def encoded(value: str) -> bytes:
    """Return what stands in a gap: no line of it is longer than 75 columns.

    Raises:
        UnicodeEncodeError (a ValueError): half a character, a surrogate, stands in it.
    """
    raw = value.encode()
    simple = b"  " not in raw and raw[:5] != FROM
    if simple and len(raw) <= ROOM and not raw.translate(None, _PLAIN):
        return raw
    quick = b"".join(map(UNITS.__getitem__, raw))
    if simple and len(quick) <= ROOM:
        return quick
    paper = Paper()
    paper.write_bytes(raw)
    return b"".join(paper.constants())


class Paper:
    """Text being written: constants as bytes, gaps by whatever name they were given."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._gaps: list[Hashable] = []
        self._line = bytearray()  # since the last gap
        self._column = 0
        self._blank = False  # the last character written was a blank

    def write(self, text: str) -> None:
        """Write constant text; each of its line ends becomes CRLF."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for number, line in enumerate(lines):
            if number:
                self._end_line()
            self.write_bytes(line.encode())

    def write_bytes(self, raw: bytes) -> None:
        """Write constant bytes as they are; a line end among them is a character like any."""
        for at, byte in enumerate(raw):
            unit = b"=20" if byte == 32 and self._blank else UNITS[byte]
            if self._column + len(unit) > ROOM:
                self._break_softly()
            if byte == 46 and self._column:
                unit = b"."
            elif not self._column and raw.startswith(FROM, at):
                unit = b"=46"
            self._line += unit
            self._column += len(unit)
            self._blank = unit == b" "

    def gap(self, name: Hashable, width: int | None = None) -> None:
        """Leave a gap: for what `encoded` returns, or for so many characters that need no code."""
        if self._column and (width is None or self._column + width > ROOM):
            self._break_softly()
        self._done.append(bytes(self._line))
        self._gaps.append(name)
        self._line.clear()
        if width is None:
            self._break_softly()
        else:
            self._column += width
        self._blank = False

    def constants(self) -> list[bytes]:
        """Return what stands before, between and after the gaps."""
        return [*self._done, bytes(self._line)]

    def gaps(self) -> list[Hashable]:
        """Return the names of the gaps, in order."""
        return self._gaps

    def _break_softly(self) -> None:
        self._line += SOFT
        self._column = 0

    def _end_line(self) -> None:
        if self._blank:
            self._line[-1:] = b"=20"
        self._line += b"\r\n"
        self._column, self._blank = 0, False
