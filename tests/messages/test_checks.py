"""The checks tell clear, actionable and timely from the rest, in words."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from commsplan.messages.checks import BAD, GOOD, WARN, Draft, check, working_days
from tests.messages.stage import CONTENT

READY = Draft(
    content=CONTENT,
    today=date(2026, 10, 1),
    audience_name="Everybody",
    audience_count=4812,
    contact_name="Lena Lead",
)


def found(draft: Draft, name: str) -> tuple[str, str]:
    one = next(one for one in check(draft) if one.name == name)
    return one.kind, one.text


def changed(**content: object) -> Draft:
    return replace(READY, content=replace(CONTENT, **content))  # type: ignore[arg-type]


def test_a_good_message_has_nothing_to_settle(app: Flask) -> None:
    assert {one.kind for one in check(READY)} == {GOOD}


@pytest.mark.parametrize(
    ("draft", "name", "kind", "words"),
    [
        (changed(subject=""), "subject", BAD, "no subject"),
        (changed(subject="x" * 61), "subject", WARN, "61 characters"),
        (changed(preview=""), "preview", WARN, "no preview text"),
        (changed(body=" "), "text", BAD, "no text yet"),
        (replace(READY, audience_count=None), "audience", BAD, "Nobody is addressed"),
        (replace(READY, audience_count=0), "audience", BAD, "no members"),
        (changed(action_what=""), "action", WARN, "Nothing is asked"),
        (changed(action_due_on=None), "action", BAD, "no date"),
        (changed(action_otherwise=""), "action", WARN, "do nothing"),
        (changed(action_due_on=date(2026, 9, 30)), "due date", BAD, "past"),
        (changed(action_due_on=date(2026, 10, 5)), "due date", WARN, "2 working days"),
        (replace(READY, contact_name=""), "contact", WARN, "Nobody is named"),
        (replace(READY, contact_has_left=True), "contact", BAD, "has left"),
        (changed(body="word " * 500), "length", WARN, "500 words"),
        (changed(body="word " * 40 + "."), "sentences", WARN, "40 words"),
        (changed(body="[click here](https://x.example/)"), "links", WARN, "click here"),
        (changed(body="See www.x.example"), "links", WARN, "not a link"),
        (changed(body="[The list](http://x.example/)"), "links", WARN, "not encrypted"),
        (changed(subject="PLEASE READ this"), "tone", WARN, "shouting"),
        (changed(body="Hi {{ nmae }}"), "personal fields", BAD, "nmae"),
        (replace(READY, missing=(("department", 3),)), "personal fields", WARN, "3 people"),
    ],
)
def test_what_is_found_is_said(app: Flask, draft: Draft, name: str, kind: str, words: str) -> None:
    assert found(draft, name)[0] == kind
    assert words in found(draft, name)[1]


def test_what_must_be_settled_comes_first(app: Flask) -> None:
    kinds = [one.kind for one in check(changed(subject="", preview=""))]
    assert kinds == sorted(kinds, key=[BAD, WARN, GOOD].index)


def test_a_weekend_holds_no_working_days() -> None:
    assert working_days(date(2026, 10, 2), date(2026, 10, 5)) == 1


def test_time_counts_from_when_the_message_goes_out(app: Flask) -> None:
    draft = replace(READY, goes_out_on=date(2026, 10, 8))
    assert found(draft, "due date") == (WARN, "People have 1 working day to do it.")


def test_a_date_before_the_message_goes_out_has_to_be_settled(app: Flask) -> None:
    draft = replace(READY, goes_out_on=date(2027, 3, 28))
    assert found(draft, "due date")[0] == BAD
    assert "before the day on which the message goes out" in found(draft, "due date")[1]
