"""Ask, and answer."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from commsplan.delivery.models import Delivery
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.surveys.models import Answer, Choice, Question, Response, Survey
from commsplan.surveys.queries import count_responses, response_of, survey_of
from commsplan.surveys.rules import Given, Kind, QuestionWish, SurveyWish


def save_survey(message: Message, wish: SurveyWish, by: Person) -> Survey:
    """Ask these questions after a message, or ask them differently while nobody has answered.

    Once somebody has, the questions and the smallest group stay; only the dates and who answers
    for it may change.

    Raises:
        NotNow: somebody has answered, and the questions differ.
    """
    with transaction() as database:
        database.execute(select(Message.id).where(Message.id == message.id).with_for_update())
        survey = survey_of(message)
        if survey is None:
            survey = Survey(message_id=message.id, created_at=now_utc())
            database.add(survey)
        else:
            database.refresh(survey, with_for_update=True)
        survey.intro, survey.closes_at = wish.intro, wish.closes_at
        survey.owner_id, survey.reply_by = wish.owner_id, wish.reply_by
        database.flush()
        if wish.questions != questions_of(survey):
            _ask(survey, wish.questions)
        database.flush()
        record(
            f"person {by.id}",
            "survey.saved",
            f"survey {survey.id}",
            after={"message": message.id, "closes": wish.closes_at.isoformat()},
        )
    return survey


def _ask(survey: Survey, wishes: Sequence[QuestionWish]) -> None:
    if count_responses(survey):
        raise NotNow(_("Somebody has answered: the questions can no longer change."))
    survey.questions.clear()
    db.session.flush()  # positions are unique: the old ones go before the new ones come
    survey.questions = [
        Question(
            position=position,
            kind=wish.kind,
            words=wish.words,
            checks_understanding=wish.right is not None,
            choices=[
                Choice(position=at, words=words, right=at == wish.right)
                for at, words in enumerate(wish.choices, 1)
            ],
        )
        for position, wish in enumerate(wishes, 1)
    ]


def questions_of(survey: Survey) -> tuple[QuestionWish, ...]:
    """Return a survey's questions as values."""
    return tuple(
        QuestionWish(
            kind=Kind(question.kind),
            words=question.words,
            choices=tuple(choice.words for choice in question.choices),
            right=next((choice.position for choice in question.choices if choice.right), None),
        )
        for question in survey.questions
    )


def remove_survey(survey: Survey, by: Person) -> None:
    """Take the questions away again, while nobody has answered."""
    with transaction() as database:
        database.refresh(survey, with_for_update=True)
        if count_responses(survey):
            raise NotNow(_("Somebody has answered: the survey can be closed, but not removed."))
        record(f"person {by.id}", "survey.removed", f"survey {survey.id}")
        database.delete(survey)


def answer(survey: Survey, delivery: Delivery, given: Sequence[Given]) -> Response:
    """Keep one person's answers; answering again replaces them.

    Raises:
        NotNow: the survey has closed, or its questions have changed since the page was shown.
    """
    with transaction() as database:
        database.refresh(survey, with_for_update={"read": True})
        _take_turns(delivery.person_id)
        now = now_utc()
        if survey.closes_at <= now:
            raise NotNow(_("This survey has closed."))
        if {question.id for question in survey.questions} != {one.question_id for one in given}:
            raise NotNow(_("The questions have changed in the meantime. Please look again."))
        response = response_of(survey, delivery.person_id)
        if response is None:
            response = Response(survey_id=survey.id, person_id=delivery.person_id, at=now)
            database.add(response)
        response.delivery_id, response.changed_at = delivery.id, now
        response.answers.clear()
        database.flush()
        response.answers = [
            Answer(
                question_id=one.question_id,
                rating=one.rating,
                choice_id=one.choice_id,
                text=one.text,
            )
            for one in given
        ]
    return response


def _take_turns(person_id: int) -> None:
    """Let two requests of one person follow each other (SQLite has one writer anyway)."""
    db.session.execute(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )
