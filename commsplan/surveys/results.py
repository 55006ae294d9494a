"""What people answered, in totals that single nobody out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Float, Subquery, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.shares import Share, share
from commsplan.people.models import Person
from commsplan.surveys.anonymity import COMMENTS_FROM, Folded, fold, published
from commsplan.surveys.models import Answer, Choice, Question, Response, Survey
from commsplan.surveys.queries import count_responses
from commsplan.surveys.rules import RATINGS, Kind


@dataclass(frozen=True)
class Bar:
    """How many chose one answer."""

    label: str
    count: int
    total: int
    is_right: bool = False

    @property
    def share(self) -> Share | None:
        """Its share of all who are in the figures."""
        return share(self.count, self.total)


@dataclass(frozen=True)
class Outcome:
    """What came of one question."""

    question: Question
    bars: list[Bar]
    mean: float | None = None
    comments: list[tuple[str, int]] = field(default_factory=list)
    """What was written, and by how many in the same words."""

    @property
    def understood(self) -> Bar | None:
        """The right answer's bar, where the question checks understanding."""
        return next((bar for bar in self.bars if bar.is_right), None)


@dataclass(frozen=True)
class GroupLine:
    """One department's line: a headline figure for each question, in words' order."""

    name: str | None
    """None for the smaller ones together."""
    answers: int
    figures: list[float | None]


@dataclass(frozen=True)
class Results:
    """A survey's figures, hidden where they would show a person."""

    answered: int
    counted: int
    """How many of them are in the figures: whole batches of the smallest group."""
    smallest: int
    is_closed: bool
    outcomes: list[Outcome]
    groups: list[GroupLine]

    @property
    def comments_shown(self) -> bool:
        """Tell whether there are answers enough for comments."""
        return self.counted >= COMMENTS_FROM


def results_of(survey: Survey) -> Results:
    """Return the figures of the answers that are in full batches, oldest first.

    Departments appear only after the survey has closed, because a group's figure that moved
    between two readings would show who answered in between.
    """
    answered = count_responses(survey)
    counted = published(answered, survey.smallest_group)
    is_closed = survey.closes_at <= now_utc()
    included = (
        select(Response.id, Response.person_id)
        .where(Response.survey_id == survey.id)
        .order_by(Response.at, Response.id)
        .limit(counted)
        .subquery()
    )
    return Results(
        answered=answered,
        counted=counted,
        smallest=survey.smallest_group,
        is_closed=is_closed,
        outcomes=[_outcome(question, included, counted) for question in survey.questions],
        groups=_groups(survey, included) if counted and is_closed else [],
    )


def _outcome(question: Question, included: Subquery, counted: int) -> Outcome:
    if not counted:
        return Outcome(question, [])
    if question.kind == Kind.TEXT:
        return Outcome(question, [], comments=_comments(question, included, counted))
    if question.kind == Kind.RATING:
        counts = _counts(question, included, Answer.rating)
        bars = [Bar(str(rating), counts.get(rating, 0), counted) for rating in RATINGS]
        mean = sum(int(bar.label) * bar.count for bar in bars) / counted
        return Outcome(question, bars, mean)
    counts = _counts(question, included, Answer.choice_id)
    return Outcome(
        question,
        [
            Bar(choice.words, counts.get(choice.id, 0), counted, choice.right)
            for choice in question.choices
        ],
    )


def _counts(
    question: Question, included: Subquery, column: InstrumentedAttribute[int | None]
) -> dict[int, int]:
    rows = db.session.execute(
        select(column, func.count())
        .join(included, included.c.id == Answer.response_id)
        .where(Answer.question_id == question.id)
        .group_by(column)
    )
    return {value: count for value, count in rows if value is not None}


def _comments(question: Question, included: Subquery, counted: int) -> list[tuple[str, int]]:
    """Return free text in the alphabet's order: nothing of who wrote it or when."""
    if counted < COMMENTS_FROM:
        return []
    rows = db.session.scalars(
        select(Answer.text)
        .join(included, included.c.id == Answer.response_id)
        .where(Answer.question_id == question.id, Answer.text != "")
    )
    return sorted(Counter(rows).items(), key=lambda comment: comment[0].casefold())


def _groups(survey: Survey, included: Subquery) -> list[GroupLine]:
    """Return each department's figures, small ones together."""
    sizes = _sizes(included)
    folded = fold(sizes, survey.smallest_group)
    if not folded.shown:
        return []
    columns = [_figures(question, included, folded) for question in survey.questions]
    lines = [
        GroupLine(name, sizes[name], [column.get(name) for column in columns])
        for name in sorted(folded.shown, key=str.casefold)
    ]
    if folded.rest:
        lines.append(GroupLine(None, folded.rest, [column.get(None) for column in columns]))
    return lines


def _sizes(included: Subquery) -> dict[str, int]:
    rows = db.session.execute(
        select(Person.department, func.count())
        .join(included, included.c.person_id == Person.id)
        .group_by(Person.department)
    )
    return dict(rows.all())


def _figures(
    question: Question, included: Subquery, folded: Folded[str]
) -> dict[str | None, float]:
    """Return a headline for each line: the mean rating, or the share of one answer."""
    value: ColumnElement[float]
    if question.kind == Kind.RATING:
        value = cast(Answer.rating, Float)
    elif (chosen := headline_choice(question)) is not None:
        value = case((Answer.choice_id == chosen.id, 1.0), else_=0.0)
    else:
        return {}
    rows = db.session.execute(
        select(Person.department, func.sum(value), func.count())
        .join(included, included.c.person_id == Person.id)
        .join(Answer, Answer.response_id == included.c.id)
        .where(Answer.question_id == question.id)
        .group_by(Person.department)
    )
    sums: dict[str | None, tuple[float, int]] = {}
    for department, total, count in rows:
        name = department if department in folded.shown else None
        before = sums.get(name, (0.0, 0))
        sums[name] = (before[0] + total, before[1] + count)
    return {name: total / count for name, (total, count) in sums.items()}


def headline_choice(question: Question) -> Choice | None:
    """Return the answer whose share stands for a question: the right one, or "yes"."""
    right = [choice for choice in question.choices if choice.right]
    if right:
        return right[0]
    return question.choices[0] if question.kind == Kind.YES_NO else None
