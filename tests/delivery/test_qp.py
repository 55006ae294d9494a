"""Quoted-printable is read again as what was written, and is its own canonical form."""

from __future__ import annotations

import quopri
import re

from hypothesis import given
from hypothesis import strategies as some

from commsplan.delivery.qp import Paper, encoded

TEXTS = some.one_of(
    some.text(some.characters(exclude_categories=["Cs"]), max_size=300),
    some.text("a. =\t\r\nFrom ä", max_size=300),
)


def _check(raw: bytes) -> None:
    """No line is too long, begins with a dot or with From, or holds what DKIM would change."""
    for line in raw.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert not re.search(rb"[\x00-\x1f\x7f-\xff]|  | $", line)


@given(text=TEXTS)
def test_a_constant_is_read_as_it_was_written(text: str) -> None:
    paper = Paper()
    paper.write(text + "\n")
    [raw] = paper.constants()
    _check(raw)
    assert quopri.decodestring(raw) == re.sub(r"\r\n|\r|\n", "\r\n", text + "\n").encode()


@given(text=TEXTS)
def test_a_value_is_read_as_it_was_written(text: str) -> None:
    raw = encoded(text)
    _check(raw + b"=")
    assert quopri.decodestring(raw + b"=\r\n") == text.encode()


@given(parts=some.lists(some.tuples(TEXTS, TEXTS, some.booleans()), max_size=6))
def test_gaps_are_filled_without_a_trace(parts: list[tuple[str, str, bool]]) -> None:
    paper, meant = Paper(), b""
    for at, (constant, value, is_token) in enumerate(parts):
        paper.write(constant)
        paper.gap((at, is_token), width=32 if is_token else None)
        meant += re.sub(r"\r\n|\r|\n", "\r\n", constant).encode()
        meant += b"T" * 32 if is_token else value.encode()
    paper.write("\n")
    constants = paper.constants()
    raw = constants[0]
    for (at, is_token), constant in zip(paper.gaps(), constants[1:], strict=True):  # type: ignore[misc]  # as left above
        raw += (b"T" * 32 if is_token else encoded(parts[at][1])) + constant
    _check(raw)
    assert quopri.decodestring(raw) == meant + b"\r\n"
