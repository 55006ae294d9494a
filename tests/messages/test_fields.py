"""Placeholders are a fixed list with fallbacks, and nothing else."""

import pytest

from commsplan.messages.rules import (
    Unknown,
    clean,
    fields_in,
    one_line,
    plain,
    unknown_fields,
    with_slots,
)
from commsplan.messages.showing import subject_words


def test_known_fields_are_found_with_their_fallbacks() -> None:
    assert fields_in("{{ first_name | there }} {{name}}") == {"first_name": "there", "name": ""}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{{ fristname }}", "first_name"),
        ("{{ Manager }}", "manager_name"),
        ("{{ departement }}", "department"),
    ],
)
def test_a_misspelt_field_suggests_the_right_one(text: str, meant: str | None) -> None:
    assert [one.meant for one in unknown_fields(text)] == [meant]


def test_an_expression_is_no_field() -> None:
    assert unknown_fields("{{ 7*7 }}") == [Unknown("7*7", None)]


def test_a_slot_cannot_be_typed() -> None:
    assert "\ue000" not in with_slots("\ue000page\ue001")


def test_a_list_shows_a_subject_without_braces() -> None:
    assert plain("{{ first_name | Dear all }}: {{ plan_title }}") == "Dear all: plan title"


def test_text_has_one_kind_of_line_end_and_no_controls() -> None:
    assert clean("a\r\nb\rc\x00\x1b") == "a\nb\nc"


def test_a_value_stays_on_one_line() -> None:
    assert one_line(" a\r\n b\u2028c ") == "a b c"


@pytest.mark.usefixtures("app")
def test_a_title_marks_fields_by_name_and_keeps_fallbacks() -> None:
    assert subject_words("{{ first_name }}, see a risk?") == "[First name], see a risk?"
    assert subject_words("{{ first_name|Hello }}, see a risk?") == "Hello, see a risk?"
