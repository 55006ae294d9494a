"""A person answers once, may change it until the survey closes, and loses nothing they typed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.foundation.tokens import sign
from commsplan.surveys.models import Answer, Response, Survey
from tests.cast import Cast
from tests.receipts.scene import send_out
from tests.surveys.scene import ask, close, say


@pytest.fixture
def copy(cast: Cast) -> Delivery:
    return send_out(cast)[0]


@pytest.fixture
def survey(cast: Cast, copy: Delivery) -> Survey:
    return ask(cast, copy.message)


@pytest.fixture
def letter(copy: Delivery, survey: Survey) -> str:
    return f"/s/{sign('survey', copy.id)}"


def filled(survey: Survey, **changes: str) -> dict[str, str]:
    clear, what, helped, still = survey.questions
    form = {
        f"q{clear.id}": "4",
        f"q{what.id}": str(what.choices[1].id),
        f"q{helped.id}": str(helped.choices[0].id),
        f"q{still.id}": "Who answers at night?",
    }
    names = dict(zip(("clear", "what", "helped", "still"), form, strict=True))
    return form | {names[name]: value for name, value in changes.items()}


def answers() -> list[tuple[int | None, str]]:
    return [(row.rating, row.text) for row in db.session.query(Answer).order_by(Answer.question_id)]


def test_says_how_many_and_what_happens_with_the_answers(client: FlaskClient, letter: str) -> None:
    text = client.get(letter).text
    for words in ("4 short questions", "stored with your name", "from 5 answers on"):
        assert words in text


def test_looking_answers_nothing(client: FlaskClient, letter: str) -> None:
    client.get(letter)
    client.head(letter)
    assert db.session.query(Response).count() == 0


def test_answers_are_kept_and_thanked_for(client: FlaskClient, letter: str, survey: Survey) -> None:
    answer = client.post(letter, data=filled(survey), follow_redirects=True)
    assert "Lena Lead tells everybody" in answer.text
    assert answers()[0] == (4, "")
    assert answers()[3] == (None, "Who answers at night?")


def test_answering_again_changes_the_answers(
    client: FlaskClient, letter: str, survey: Survey
) -> None:
    client.post(letter, data=filled(survey))
    client.post(letter, data=filled(survey, clear="1"))
    assert db.session.query(Response).count() == 1
    assert answers()[0] == (1, "")
    assert len(answers()) == 4


def test_earlier_answers_are_filled_in(client: FlaskClient, letter: str, survey: Survey) -> None:
    client.post(letter, data=filled(survey))
    assert "Who answers at night?" in client.get(letter).text


def test_two_copies_of_one_person_are_one_voice(cast: Cast, survey: Survey, copy: Delivery) -> None:
    again = Delivery(
        send_id=copy.send_id,
        message_id=copy.message_id,
        person_id=copy.person_id,
        address=copy.address,
        round=2,
        not_before=copy.not_before,
    )
    db.session.add(again)
    db.session.commit()
    say(survey, copy)
    say(survey, again)
    assert db.session.query(Response).count() == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"clear": ""}, "choose a number"),
        ({"clear": "6"}, "choose a number"),
        ({"what": "0"}, "choose one of the answers"),
        ({"still": "x" * 2001}, "under 2000"),
    ],
)
def test_a_problem_keeps_what_was_typed(
    client: FlaskClient, letter: str, survey: Survey, changes: dict[str, str], problem: str
) -> None:
    answer = client.post(letter, data=filled(survey, **({"still": "Keep this"} | changes)))
    assert answer.status_code == 422
    assert problem in answer.text
    assert "Keep this" in answer.text or "xxx" in answer.text
    assert db.session.query(Response).count() == 0


def test_a_choice_of_another_question_is_no_answer(
    client: FlaskClient, letter: str, survey: Survey
) -> None:
    foreign = str(survey.questions[2].choices[0].id)
    assert client.post(letter, data=filled(survey, what=foreign)).status_code == 422


def test_free_text_may_be_empty(client: FlaskClient, letter: str, survey: Survey) -> None:
    assert client.post(letter, data=filled(survey, still="")).status_code == 303


def test_a_closed_survey_takes_nothing(client: FlaskClient, letter: str, survey: Survey) -> None:
    form = filled(survey)
    close(survey)
    assert client.post(letter, data=form).status_code == 409
    assert "has closed" in client.get(letter).text
    assert db.session.query(Response).count() == 0


def test_a_survey_that_closes_while_one_writes_takes_nothing(
    copy: Delivery, survey: Survey
) -> None:
    close(survey)
    db.session.commit()
    with pytest.raises(NotNow):
        say(survey, copy)


def test_thanks_are_for_those_who_answered(client: FlaskClient, letter: str) -> None:
    assert client.get(f"{letter}/thanks").status_code == 303


@pytest.mark.parametrize("purpose", ["message", "open", "link", "unsubscribe", "calendar", "feed"])
def test_a_token_for_something_else_is_absent(
    client: FlaskClient, copy: Delivery, survey: Survey, purpose: str
) -> None:
    token = sign(purpose, copy.id)
    assert client.get(f"/s/{token}").status_code == 404
    assert client.post(f"/s/{token}").status_code == 404


def test_a_message_without_questions_has_no_survey(client: FlaskClient, copy: Delivery) -> None:
    assert client.get(f"/s/{sign('survey', copy.id)}").status_code == 404


def test_refuses_a_forged_form(
    client: FlaskClient, cast: Cast, letter: str, survey: Survey
) -> None:
    form = filled(survey)
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(letter, data=form).status_code == 400


def test_the_messages_page_leads_to_the_questions(
    client: FlaskClient, copy: Delivery, survey: Survey
) -> None:
    text = client.get(f"/m/{sign('message', copy.id)}").text
    assert "4 short questions" in text
    assert f"/s/{sign('survey', copy.id)}" in text
