"""One copy says the same in HTML, in plain text and on the web page, and stays as it was agreed."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from commsplan.messages.rendering import compose, web_body
from tests.cast import Cast
from tests.messages.stage import PLACES, READER, make_message

GOLDEN = Path(__file__).parent / "golden"
COPIES = 5_000
COPIES_SECONDS = 5.0


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_mail_equals_its_golden_file(cast: Cast, form: str) -> None:
    """Run with GOLDEN=write to accept a change, then read the difference."""
    message = make_message(cast)
    made = getattr(compose(message.latest, message, READER, PLACES), form)
    path = GOLDEN / f"mail.{form}"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_the_subject_greets_the_reader(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, READER, PLACES)
    assert copy.subject == "Zoë, raise concerns on one page from 12 October"


def test_a_missing_value_is_replaced_by_its_fallback(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, replace(READER, manager_name=""), PLACES)
    assert "Your manager, your manager, hears of it" in copy.text


def test_every_web_address_in_a_mail_is_the_counted_one(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, READER, PLACES)
    assert "intranet.northwind.example/escalation" not in copy.text
    for position in (1, 2, 3):
        assert f'href="{PLACES.link(position)}"' in copy.html
        assert PLACES.link(position) in copy.text


def test_a_copy_that_counts_nothing_says_nothing_of_counting(cast: Cast) -> None:
    message = make_message(cast)
    places = replace(PLACES, pixel=None, unsubscribe=None, measured=False)
    copy = compose(message.latest, message, READER, places)
    assert "<img" not in copy.html
    assert "measured" not in copy.html + copy.text
    assert "unsubscribe" not in copy.html + copy.text.lower()


def test_a_line_of_text_is_at_most_72_columns_unless_an_address_stands_in_it(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, READER, PLACES)
    assert [
        line for line in copy.text.splitlines() if len(line) > 72 and "https://" not in line
    ] == []


def test_the_web_page_has_the_same_links(cast: Cast) -> None:
    message = make_message(cast)
    page = web_body(message.latest, READER, lambda position: f"/l/{position}", survey="/s/abc")
    assert 'href="/l/1"' in page
    assert 'href="/s/abc"' in page
    assert "<h1" not in page


def test_five_thousand_copies_take_less_than_five_seconds(app: Flask, cast: Cast) -> None:
    message = make_message(cast)
    version, began = message.latest, time.process_time()
    for number in range(COPIES):
        compose(version, message, replace(READER, first_name=f"Zoë {number}"), PLACES)
    assert time.process_time() - began < COPIES_SECONDS


def test_a_mail_asks_for_nothing_from_elsewhere(cast: Cast) -> None:
    message = make_message(cast)
    html = compose(message.latest, message, READER, PLACES).html
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", html))
    strangers = {one for one in addresses if "plan.northwind.example" not in one}
    assert strangers == {"http://www.w3.org/1999/xhtml"}
    assert "@import" not in html
    assert "url(" not in html


def test_a_message_without_questions_points_to_none(cast: Cast) -> None:
    message = make_message(cast)
    message.has_survey = False
    copy = compose(message.latest, message, READER, PLACES)
    assert PLACES.survey not in copy.html + copy.text  # type: ignore[operator]  # it has one
    assert "Answer three questions" in copy.text


def test_a_copy_speaks_the_reader_s_language(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, replace(READER, language="de-AT"), PLACES)
    assert '<html lang="de"' in copy.html
    assert "Freitag, 9. Oktober 2026" in copy.text


def test_a_language_we_do_not_speak_becomes_the_organisation_s(cast: Cast) -> None:
    message = make_message(cast)
    copy = compose(message.latest, message, replace(READER, language="pl"), PLACES)
    assert '<html lang="en"' in copy.html
