"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from commsplan.messages.rules import CONTENT_FIELDS, Content

Kind = Literal["same", "added", "removed"]
WORDS_COMPARED = 2_000  # words of one passage; a longer one is shown whole, old then new


@dataclass(frozen=True)
class Piece:
    """A stretch of text and what became of it."""

    kind: Kind
    text: str


def changed_fields(old: Content, new: Content) -> dict[str, list[Piece]]:
    """Return, for each field that differs, its pieces in reading order."""
    return {
        name: compare(_words(old, name), _words(new, name))
        for name in CONTENT_FIELDS
        if getattr(old, name) != getattr(new, name)
    }


def whole(content: Content) -> dict[str, list[Piece]]:
    """Return every field that says something, as it is."""
    texts = {name: _words(content, name) for name in CONTENT_FIELDS}
    return {name: [Piece("same", text)] for name, text in texts.items() if text}


def compare(old: str, new: str) -> list[Piece]:
    """Return what a reader needs to see the change: lines that stayed, words that did not."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return list(_joined(_lines(before, after)))


def _lines(before: list[str], after: list[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace":
            yield from _changed("".join(before[a:b]), "".join(after[c:d]))
        else:
            yield Piece("same" if kind == "equal" else "removed", "".join(before[a:b]))
            yield Piece("added", "" if kind == "equal" else "".join(after[c:d]))


def _changed(old: str, new: str) -> Iterator[Piece]:
    before, after = re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new)
    if max(len(before), len(after)) > WORDS_COMPARED:
        yield from (Piece("removed", old), Piece("added", new))
        return
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[a:b]))
        else:
            yield Piece("removed", "".join(before[a:b]))
            yield Piece("added", "".join(after[c:d]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _words(content: Content, name: str) -> str:
    value = getattr(content, name)
    return "" if value is None else str(value)
