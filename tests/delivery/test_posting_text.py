"""A room reads the message without anybody's name, and without addresses that are one reader's."""

from collections.abc import Callable

import pytest
from flask import Flask

from commsplan.delivery.posting_text import Words, shortened, words_of
from commsplan.messages.models import Message
from tests.cast import Cast
from tests.messages.stage import make_message, make_plan

Write = Callable[..., Words]


@pytest.fixture
def write(cast: Cast) -> Write:
    plan = make_plan(cast)

    def words(body: str, **more: object) -> Words:
        message: Message = make_message(cast, plan, body=body, **more)
        return words_of(message.latest, message)

    return words


def test_a_personal_field_shows_its_fallback(write: Write) -> None:
    words = write("Hello {{ first_name | friends }}.", subject="For {{ name | you }}")
    assert words.title == "For you"
    assert words.text.endswith("Hello friends.")
    assert words.markdown.endswith("Hello friends.")
    assert words.html == "<p>Hello friends.</p>\n"


def test_without_a_fallback_it_shows_a_neutral_word(write: Write) -> None:
    words = write("Hello {{ first_name }}, at {{location}} ask {{ manager_name| }}.")
    assert words.text.endswith("Hello everyone, at your site ask your manager.")


def test_a_title_begins_with_a_capital_where_a_name_stood(write: Write) -> None:
    assert write("x", subject="{{ first_name }}, see a risk?").title == "Everyone, see a risk?"
    assert write("x", subject="iPhones are here").title == "iPhones are here"


def test_what_is_the_same_for_everybody_is_filled_in(write: Write) -> None:
    words = write("{{ organisation }} and {{ plan_title }}")
    assert "Northwind Rail and " in words.text
    assert "{{" not in words.text + words.markdown + words.html


def test_a_link_leads_straight_to_where_it_points(write: Write) -> None:
    words = write("See [the list](https://northwind.example/l?a=1&b=2).")
    assert "https://northwind.example/l?a=1&b=2" in words.text
    assert "](https://northwind.example/l?a=1&b=2)" in words.markdown
    assert 'href="https://northwind.example/l?a=1&amp;b=2"' in words.html
    assert "slot.invalid" not in words.text + words.markdown + words.html


@pytest.mark.parametrize("field", ["page_link", "survey_link", "calendar_link"])
def test_a_link_of_one_reader_keeps_its_words_alone(write: Write, field: str) -> None:
    words = write(f"Please [answer **here**]({{{{ {field} }}}}) today.")
    assert words.text.endswith("Please answer here today.") or "answer" in words.text
    for form in (words.text, words.markdown, words.html):
        assert "](" not in form
        assert "href" not in form
        assert "127.0.0.1" not in form


def test_what_is_to_be_done_comes_first_with_its_plain_address(write: Write) -> None:
    words = write(
        "Body.", action_what="Book a slot", action_address="https://northwind.example/book"
    )
    assert words.text.startswith("What to do: Book a slot\n")
    assert "How: https://northwind.example/book" in words.text
    assert words.url == "https://northwind.example/book"


def test_html_in_the_text_stays_text(write: Write) -> None:
    assert "<script" not in write("<script>alert(1)</script>").html


def test_a_name_cannot_become_markdown(app: Flask, cast: Cast, write: Write) -> None:
    app.config["ORGANISATION"], before = "North*wind* [Rail]", app.config["ORGANISATION"]
    words = write("{{ organisation }}")
    app.config["ORGANISATION"] = before
    assert words.markdown.endswith(r"North\*wind\* \[Rail\]")


@pytest.mark.parametrize("limit", [40, 41, 42, 43, 100])
def test_a_long_text_is_cut_between_words_within_its_bytes(limit: int) -> None:
    cut = shortened("größer wörter überall " * 30, limit)
    assert len(cut.encode()) <= limit
    assert cut.endswith((" …", "…"))
    assert "\ufffd" not in cut


def test_a_short_text_stays_whole() -> None:
    assert shortened("größer", 8) == "größer"


def test_no_link_is_cut_in_the_middle() -> None:
    text = "word " * 20 + "[the list](https://northwind.example/a-long-address) and more " * 3
    for limit in range(60, 240):
        cut = shortened(text, limit)
        assert cut.count("[") == cut.count("](") == cut.count(")"), cut
