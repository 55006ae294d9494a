"""What a survey is made of, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MOST_QUESTIONS = 5
MOST_CHOICES = 8
WORDS_LIMIT = 300  # characters, as the column
CHOICE_LIMIT = 200
INTRO_LIMIT = 1_000
COMMENT_LIMIT = 2_000
RATINGS = (1, 2, 3, 4, 5)


class Kind(StrEnum):
    """How a question is answered."""

    RATING = "rating"
    CHOICE = "choice"
    YES_NO = "yes_no"
    TEXT = "text"


@dataclass(frozen=True)
class QuestionWish:
    """One question as somebody wants it."""

    kind: Kind
    words: str
    choices: tuple[str, ...] = ()
    right: int | None = None
    """Position (from 1) of the right choice, where the question checks understanding."""


@dataclass(frozen=True)
class SurveyWish:
    """A survey as somebody wants it."""

    questions: tuple[QuestionWish, ...]
    closes_at: datetime
    reply_by: date
    owner_id: int
    intro: str = ""


@dataclass(frozen=True)
class Given:
    """One person's answer to one question; only the field of its kind is filled."""

    question_id: int
    rating: int | None = None
    choice_id: int | None = None
    text: str = ""
