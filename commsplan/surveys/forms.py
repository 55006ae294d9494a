"""What people answer, and what a lead asks, read from their forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time

from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import local_to_utc, utc_to_local
from commsplan.foundation.errors import Unusable
from commsplan.surveys.models import Answer, Question, Response, Survey
from commsplan.surveys.rules import (
    CHOICE_LIMIT,
    COMMENT_LIMIT,
    INTRO_LIMIT,
    MOST_CHOICES,
    MOST_QUESTIONS,
    WORDS_LIMIT,
    Given,
    Kind,
    QuestionWish,
    SurveyWish,
)

Form = Mapping[str, str]


def read_answers(form: Form, survey: Survey) -> list[Given] | Unusable:
    """Return one answer to each question; free text alone may be left empty."""
    problems: dict[str, str] = {}
    given: list[Given] = []
    for question in survey.questions:
        name = f"q{question.id}"
        one = _one_answer(question, form.get(name, "").strip())
        if isinstance(one, str):
            problems[name] = one
        else:
            given.append(one)
    return Unusable(problems, dict(form)) if problems else given


def _one_answer(question: Question, said: str) -> Given | str:
    """Return the answer, or what is wrong with it."""
    match question.kind:
        case Kind.TEXT:
            if len(said) > COMMENT_LIMIT:
                return str(_("Please keep it under %(limit)s characters.", limit=COMMENT_LIMIT))
            return Given(question.id, text=said)
        case Kind.RATING:
            if said not in ("1", "2", "3", "4", "5"):
                return str(_("Please choose a number from 1 to 5."))
            return Given(question.id, rating=int(said))
        case _:
            chosen = [choice.id for choice in question.choices if str(choice.id) == said]
            if not chosen:
                return str(_("Please choose one of the answers."))
            return Given(question.id, choice_id=chosen[0])


def typed_answers(response: Response | None) -> dict[str, object]:
    """Return what somebody has answered, as the form's fields."""
    if response is None:
        return {}
    return {f"q{answer.question_id}": _as_typed(answer) for answer in response.answers}


def _as_typed(answer: Answer) -> object:
    if answer.rating is not None:
        return answer.rating
    return answer.choice_id if answer.choice_id is not None else answer.text


def read_survey(form: Form, zone: str, owners: Collection[int]) -> SurveyWish | Unusable:
    """Return what a lead wants to ask; empty questions are left out."""
    problems: dict[str, str] = {}
    questions = [
        wish
        for number in range(1, MOST_QUESTIONS + 1)
        if (wish := _question(form, number, problems)) is not None
    ]
    if not questions and not problems:
        problems["q1_words"] = _("Ask at least one question.")
    closes_at = _closing(form, zone, problems)
    reply_by = _reply_day(form, zone, closes_at, problems)
    owner = form.get("owner", "")
    if owner not in {str(person_id) for person_id in owners}:
        problems["owner"] = _("Choose who tells people what came of it.")
    intro = form.get("intro", "").strip()
    if len(intro) > INTRO_LIMIT:
        problems["intro"] = _("Please keep it under %(limit)s characters.", limit=INTRO_LIMIT)
    if problems or closes_at is None or reply_by is None:
        return Unusable(problems, dict(form))
    return SurveyWish(tuple(questions), closes_at, reply_by, int(owner), intro)


def _question(form: Form, number: int, problems: dict[str, str]) -> QuestionWish | None:
    words = form.get(f"q{number}_words", "").strip()
    lines = [line.strip() for line in form.get(f"q{number}_choices", "").splitlines()]
    choices = tuple(line for line in lines if line)
    if not words:
        if choices:
            problems[f"q{number}_words"] = _("Write the question that these answers belong to.")
        return None
    if len(words) > WORDS_LIMIT:
        problems[f"q{number}_words"] = _(
            "Please keep it under %(limit)s characters.", limit=WORDS_LIMIT
        )
    kind = form.get(f"q{number}_kind", "")
    if kind not in set(Kind):
        problems[f"q{number}_kind"] = _("Choose how people answer.")
        return None
    if kind == Kind.YES_NO:
        choices = (_("Yes"), _("No"))
    elif kind == Kind.CHOICE:
        _check_choices(choices, number, problems)
    else:
        choices = ()
    right = _right(form.get(f"q{number}_right", ""), number, choices, problems)
    return QuestionWish(Kind(kind), words, choices, right)


def _check_choices(choices: tuple[str, ...], number: int, problems: dict[str, str]) -> None:
    name = f"q{number}_choices"
    if not 2 <= len(choices) <= MOST_CHOICES:
        problems[name] = _("Write 2 to %(most)s answers, one on each line.", most=MOST_CHOICES)
    elif len({choice.casefold() for choice in choices}) < len(choices):
        problems[name] = _("Two of these answers are the same.")
    elif max(map(len, choices)) > CHOICE_LIMIT:
        problems[name] = _("An answer may have %(limit)s characters.", limit=CHOICE_LIMIT)


def _right(
    said: str, number: int, choices: tuple[str, ...], problems: dict[str, str]
) -> int | None:
    if not said or not choices:
        return None
    if said not in {str(position) for position in range(1, len(choices) + 1)}:
        problems[f"q{number}_right"] = _("There are not that many answers.")
        return None
    return int(said)


def _closing(form: Form, zone: str, problems: dict[str, str]) -> datetime | None:
    try:
        day = date.fromisoformat(form.get("closes_date", ""))
        hour = time.fromisoformat(form.get("closes_time", ""))
    except ValueError:
        problems["closes"] = _("Give the day and the time until which people can answer.")
        return None
    closes_at = local_to_utc(datetime.combine(day, hour.replace(tzinfo=None)), zone)
    if closes_at <= now_utc():
        problems["closes"] = _("This moment has passed: choose one to come.")
        return None
    return closes_at


def _reply_day(
    form: Form, zone: str, closes_at: datetime | None, problems: dict[str, str]
) -> date | None:
    try:
        day = date.fromisoformat(form.get("reply_by", ""))
    except ValueError:
        problems["reply_by"] = _("Give the day by which people hear back.")
        return None
    if closes_at and day < utc_to_local(closes_at, zone).date():
        problems["reply_by"] = _("People cannot hear back before the survey has closed.")
        return None
    return day


def typed_survey(survey: Survey, zone: str) -> dict[str, object]:
    """Return a survey as the form's fields."""
    closes = utc_to_local(survey.closes_at, zone)
    typed: dict[str, object] = {
        "intro": survey.intro,
        "closes_date": closes.date().isoformat(),
        "closes_time": closes.strftime("%H:%M"),
        "reply_by": survey.reply_by.isoformat(),
        "owner": survey.owner_id,
    }
    for question in survey.questions:
        name = f"q{question.position}"
        typed[f"{name}_kind"], typed[f"{name}_words"] = question.kind, question.words
        if question.kind == Kind.CHOICE:
            typed[f"{name}_choices"] = "\n".join(choice.words for choice in question.choices)
        right = [choice.position for choice in question.choices if choice.right]
        typed[f"{name}_right"] = right[0] if right else ""
    return typed
