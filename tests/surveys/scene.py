"""A survey after a message, and people who answer it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from commsplan.delivery.models import Delivery
from commsplan.foundation.clock import now_utc
from commsplan.messages.models import Message
from commsplan.surveys.actions import answer, save_survey
from commsplan.surveys.models import Survey
from commsplan.surveys.rules import Given, Kind, QuestionWish, SurveyWish
from tests.cast import Cast

CLEAR = QuestionWish(Kind.RATING, "How clear is it?")
WHAT = QuestionWish(Kind.CHOICE, "What do you do first?", ("Ask a friend", "Press the button"), 2)
HELPED = QuestionWish(Kind.YES_NO, "Did the training help?", ("Yes", "No"))
OPEN = QuestionWish(Kind.TEXT, "What is still open?")
ALL_KINDS = (CLEAR, WHAT, HELPED, OPEN)


def wish(cast: Cast, *questions: QuestionWish, days: int = 7) -> SurveyWish:
    return SurveyWish(
        questions=questions or ALL_KINDS,
        closes_at=now_utc() + timedelta(days=days),
        reply_by=date(2030, 1, 31),
        owner_id=cast.lead.id,
        intro="Help us say it better.",
    )


def ask(cast: Cast, message: Message, *questions: QuestionWish) -> Survey:
    """Ask these questions, or one of each kind, for a week."""
    return save_survey(message, wish(cast, *questions), cast.lead)


def close(survey: Survey) -> None:
    survey.closes_at = now_utc() - timedelta(seconds=1)


def say(survey: Survey, copy: Delivery, rating: int = 4, choice: int = 2, text: str = "") -> None:
    """Answer each question: this rating, this choice (1 or 2), this text."""
    answer(survey, copy, [_given(question, rating, choice, text) for question in survey.questions])


def _given(question, rating: int, choice: int, text: str) -> Given:  # type: ignore[no-untyped-def]
    match question.kind:
        case Kind.RATING:
            return Given(question.id, rating=rating)
        case Kind.TEXT:
            return Given(question.id, text=text)
        case _:
            return Given(question.id, choice_id=question.choices[choice - 1].id)


def say_all(survey: Survey, copies: Sequence[Delivery], **said: object) -> None:
    for copy in copies:
        say(survey, copy, **said)  # type: ignore[arg-type]
