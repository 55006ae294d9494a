"""A change is shown by the words that changed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from commsplan.messages.comparison import Piece, changed_fields, compare
from tests.messages.stage import CONTENT


def test_one_word_is_shown_as_one_word() -> None:
    assert compare("an answer in two hours", "an answer in four hours") == [
        Piece("same", "an answer in "),
        Piece("removed", "two "),
        Piece("added", "four "),
        Piece("same", "hours"),
    ]


def test_only_what_differs_is_named() -> None:
    assert list(changed_fields(CONTENT, replace(CONTENT, preview="Other"))) == ["preview"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_from_the_comparison(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new
