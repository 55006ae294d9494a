"""A lead asks one to five questions; once somebody has answered they stay as they are."""

from __future__ import annotations

import pytest

from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.surveys.models import Survey
from tests.cast import Cast
from tests.messages.stage import make_message
from tests.receipts.scene import send_out
from tests.surveys.scene import ask, say


@pytest.fixture
def message(cast: Cast) -> Message:
    return make_message(cast)


@pytest.fixture
def desk(message: Message) -> str:
    return f"/messages/{message.id}/survey"


def form(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "intro": "Help us.",
        "closes_date": "2030-01-10",
        "closes_time": "18:00",
        "reply_by": "2030-01-31",
        "owner": str(cast.lead.id),
        "q1_kind": "choice",
        "q1_words": "What do you do first?",
        "q1_choices": "Ask a friend\nPress the button\n",
        "q1_right": "2",
        "q3_kind": "yes_no",
        "q3_words": "Did it help?",
        **changes,
    }


def saved() -> Survey:
    return db.session.query(Survey).one()


def test_questions_are_kept_in_order(cast: Cast, desk: str) -> None:
    assert cast.as_(cast.lead).post(desk, data=form(cast)).status_code == 303
    first, second = saved().questions
    assert [(choice.words, choice.right) for choice in first.choices] == [
        ("Ask a friend", False),
        ("Press the button", True),
    ]
    assert first.checks_understanding
    assert [choice.words for choice in second.choices] == ["Yes", "No"]


def test_the_closing_hour_is_the_leads_own(cast: Cast, desk: str) -> None:
    cast.as_(cast.lead).post(desk, data=form(cast))
    assert saved().closes_at.isoformat() == "2030-01-10T17:00:00+00:00"


def test_a_new_form_proposes_questions(cast: Cast, desk: str) -> None:
    assert "How clear is it to you" in cast.as_(cast.lead).get(desk).text


def test_what_was_saved_is_shown_again(cast: Cast, desk: str) -> None:
    browser = cast.as_(cast.lead)
    browser.post(desk, data=form(cast))
    assert "Press the button" in browser.get(desk).text


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"q1_words": "", "q1_choices": "", "q3_words": ""}, "at least one question"),
        ({"q1_words": ""}, "question that these answers"),
        ({"q1_choices": "Only one"}, "2 to 8 answers"),
        ({"q1_choices": "Same\nsame"}, "are the same"),
        ({"q1_right": "3"}, "not that many"),
        ({"q1_kind": "essay"}, "how people answer"),
        ({"q1_words": "x" * 301}, "under 300"),
        ({"closes_date": "2020-01-01"}, "has passed"),
        ({"closes_date": "soon"}, "day and the time"),
        ({"reply_by": "2030-01-09"}, "before the survey has closed"),
        ({"owner": "0"}, "who tells people"),
    ],
)
def test_a_problem_keeps_what_was_typed(
    cast: Cast, desk: str, changes: dict[str, str], problem: str
) -> None:
    answer = cast.as_(cast.lead).post(desk, data=form(cast, **changes))
    assert answer.status_code == 422
    assert problem in answer.text
    assert "Help us." in answer.text
    assert db.session.query(Survey).count() == 0


def test_questions_may_change_while_nobody_has_answered(cast: Cast, desk: str) -> None:
    browser = cast.as_(cast.lead)
    browser.post(desk, data=form(cast))
    assert browser.post(desk, data=form(cast, q3_words="Did it help you?")).status_code == 303
    assert [question.words for question in saved().questions][1] == "Did it help you?"


def test_answered_questions_stay(cast: Cast) -> None:
    (copy,) = send_out(cast)
    survey = ask(cast, copy.message)
    say(survey, copy)
    answer = cast.as_(cast.lead).post(f"/messages/{copy.message_id}/survey", data=form(cast))
    assert answer.status_code == 409
    assert "can no longer change" in answer.text
    assert len(saved().questions) == 4


def test_dates_may_change_after_the_first_answer(cast: Cast, message: Message, desk: str) -> None:
    browser = cast.as_(cast.lead)
    browser.post(desk, data=form(cast))
    (copy,) = send_out(cast, message=message)
    say(saved(), copy)
    assert browser.post(desk, data=form(cast, closes_date="2030-01-12")).status_code == 303
    assert saved().closes_at.day == 12


def test_an_unanswered_survey_can_be_removed(cast: Cast, desk: str) -> None:
    browser = cast.as_(cast.lead)
    browser.post(desk, data=form(cast))
    assert browser.post(f"{desk}/remove").status_code == 303
    assert db.session.query(Survey).count() == 0


def test_an_answered_one_cannot(cast: Cast) -> None:
    (copy,) = send_out(cast)
    say(ask(cast, copy.message), copy)
    answer = cast.as_(cast.lead).post(f"/messages/{copy.message_id}/survey/remove")
    assert answer.status_code == 409


def test_a_preview_sends_nothing(cast: Cast, message: Message, desk: str) -> None:
    ask(cast, message)
    text = cast.as_(cast.lead).get(f"{desk}/preview").text
    assert "nothing you choose here is kept" in text
    assert "disabled" in text


@pytest.mark.parametrize("path", ["", "/preview", "/results", "/results.csv"])
def test_refuses_an_outsider(cast: Cast, message: Message, desk: str, path: str) -> None:
    ask(cast, message)
    assert cast.as_(cast.outsider).get(desk + path).status_code == 404


@pytest.mark.parametrize("path", ["", "/preview", "/results"])
def test_refuses_an_employee(cast: Cast, message: Message, desk: str, path: str) -> None:
    ask(cast, message)
    assert cast.as_(cast.employee).get(desk + path).status_code == 403


def test_refuses_a_sponsor_who_would_write(cast: Cast, message: Message, desk: str) -> None:
    ask(cast, message)
    assert cast.as_(cast.sponsor).post(desk, data=form(cast)).status_code == 403
    assert cast.as_(cast.sponsor).get(f"{desk}/results").status_code == 200


def test_refuses_a_forged_form(cast: Cast, desk: str) -> None:
    browser = cast.as_(cast.lead)
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(desk, data=form(cast)).status_code == 400
