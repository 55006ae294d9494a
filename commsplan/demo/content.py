"""What the demo organisation has on its mind: audiences, three plans, their goals and messages.

Dates are days from the Monday of the plan's first week, so that the demo looks alive whenever it
is started.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commsplan.audiences.rules import EVERYONE, Condition, Match, Operator, Rule

TEXTS = Path(__file__).parent / "texts"
SHEETS = Path(__file__).parent / "plans"


@dataclass(frozen=True)
class GoalText:
    """A goal and how it has been going: (day, value, source) for each measurement."""

    what: str
    unit: str
    baseline: float
    target: float
    due_day: int
    how: str
    measured: Sequence[tuple[int, float, str]] = ()


@dataclass(frozen=True)
class QuestionText:
    """A question of a survey; the right choice, if there is one, comes with an asterisk."""

    kind: str
    words: str
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class MessageText:
    """A message for an activity: a draft, scheduled for its moment, or sent at it."""

    subject: str
    preview: str
    text: str
    audience: str
    purpose: str
    activity: str
    state: str
    action_what: str = ""
    action_due_day: int | None = None
    action_address: str = ""
    action_otherwise: str = ""
    questions: tuple[QuestionText, ...] = ()
    intro: str = ""

    @property
    def body(self) -> str:
        """The Markdown text."""
        return (TEXTS / self.text).read_text()


@dataclass(frozen=True)
class SeriesText:
    """A meeting that repeats; `off` and `later` count its occurrences from 0."""

    title: str
    day: int
    hour: int
    minutes: int
    rule: str
    place: str
    conference: str
    key_message: str
    audience: str
    off: int
    later: int


@dataclass(frozen=True)
class PlanText:
    """A plan; its activities come from the spreadsheet. It began `began_weeks` weeks ago."""

    title: str
    why: str
    sheet: str
    began_weeks: int
    weeks: int
    colour: str
    status: str
    goals: tuple[GoalText, ...]
    messages: tuple[MessageText, ...]
    privacy: str = "aggregate"
    series: tuple[SeriesText, ...] = ()


def _is(field: str, *values: str) -> Condition:
    operator = Operator.IS if len(values) == 1 else Operator.IS_ONE_OF
    return Condition(field, operator, values)


def _all(*parts: Condition | Rule) -> Rule:
    return Rule(Match.ALL, parts)


AUDIENCES: dict[str, tuple[Rule, str]] = {
    "All staff": (EVERYONE, "Everybody who works at Northwind Rail."),
    "Operations": (_all(_is("department", "Operations")), "Control rooms and dispatch, all sites."),
    "Station staff": (_all(_is("department", "Station services")), "Ticket desks and platforms."),
    "Train crew": (_all(_is("department", "Train crew")), "Drivers and conductors."),
    "IT and support": (_all(_is("department", "IT and support")), "Service desk and platforms."),
    "Executive team": (_all(_is("department", "Executive office")), "The executive office."),
    "Managers": (
        Rule(
            Match.ANY,
            (
                Condition("title", Operator.STARTS_WITH, ("Head of",)),
                Condition("title", Operator.CONTAINS, ("planner",)),
                Condition("title", Operator.CONTAINS, ("coordinator",)),
            ),
        ),
        "Everybody who decides on a shift: heads, planners and coordinators.",
    ),
    "Team leads": (
        _all(
            Condition("title", Operator.CONTAINS, ("coordinator",)),
            Rule(Match.NONE, (_is("country", "SG"),)),
        ),
        "Shift coordinators; Singapore has its own rota.",
    ),
    "Crew and operations in Europe": (
        _all(
            _is("department", "Train crew", "Operations"),
            _is("country", "GB", "DE", "FR", "ES"),
        ),
        "Whoever works by the winter roster.",
    ),
}


def read_plans() -> tuple[PlanText, ...]:
    """Read the plans from the file beside their spreadsheets."""
    data = tomllib.loads((SHEETS / "plans.toml").read_text())
    return tuple(_plan(plan) for plan in data["plan"])


def _plan(raw: dict[str, Any]) -> PlanText:
    goals = tuple(GoalText(**goal) for goal in raw.pop("goal", []))
    messages = tuple(_message(message) for message in raw.pop("message", []))
    series = tuple(SeriesText(**one) for one in raw.pop("series", []))
    return PlanText(**raw, goals=goals, messages=messages, series=series)


def _message(raw: dict[str, Any]) -> MessageText:
    questions = tuple(QuestionText(**question) for question in raw.pop("question", []))
    return MessageText(**raw, questions=questions)
