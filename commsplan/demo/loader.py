"""Fills an empty installation with the demo organisation and its plans, once.

Everything comes in through the doors that people use: the staff list through the staff import, the
activities through the spreadsheet import, plans and messages through their actions.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from sqlalchemy import select

from commsplan.audiences.actions import create_audience
from commsplan.audiences.queries import audience_named
from commsplan.delivery.actions import schedule
from commsplan.demo import organisation
from commsplan.demo.content import (
    AUDIENCES,
    SHEETS,
    GoalText,
    MessageText,
    PlanText,
    QuestionText,
    SeriesText,
    read_plans,
)
from commsplan.demo.history import went_out
from commsplan.demo.staff import bring_in_staff
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import write_message
from commsplan.messages.models import Message
from commsplan.messages.rules import Content, MessageWish
from commsplan.people.actions import create_team, grant, make_sign_in_link
from commsplan.people.models import Person, Team
from commsplan.people.queries import person_by_email
from commsplan.people.rules import Role
from commsplan.plans.actions import add_activity, add_goal, create_plan, measure_goal
from commsplan.plans.happenings import spread
from commsplan.plans.import_actions import import_file
from commsplan.plans.models import Plan
from commsplan.plans.rules import ActivityWish, GoalWish, OccurrenceWish, PlanWish
from commsplan.plans.series_actions import cancel_occurrence, move_occurrence
from commsplan.surveys.models import Choice, Question, Survey

PEOPLE = organisation.PEOPLE
TEAM = "Internal communications"
LOADED = "demo.loaded"
LINK_VALID = timedelta(hours=24)
CAST = {
    "lead": organisation.LEAD,
    "sponsor": organisation.SPONSOR,
    "admin": organisation.ADMIN,
    "employee": organisation.EMPLOYEE,
}
"""Who one can sign in as."""


def load_once(folder: Path, people: int) -> None:
    """Load the demo organisation unless it is there already.

    Raises:
        NotNow: the database holds something else.
    """
    if db.session.scalar(select(audit.AuditEntry.id).where(audit.AuditEntry.action == LOADED)):
        return
    if db.session.scalar(select(Person.id).limit(1)):
        raise NotNow(
            "This database holds something else than the demo. Point DATABASE_URL to an empty one,"
            " or leave it out."
        )
    say = Console(stderr=True).print
    say(f"First start: inventing {people:,} people and three plans …")
    with transaction():  # all or nothing: an interrupted first start leaves nothing behind
        bring_in_staff(folder, people)
        team = create_team(TEAM, None)
        cast = {role: _known(role) for role in CAST}
        grant(cast["lead"], Role.LEAD, team, None)
        grant(cast["sponsor"], Role.SPONSOR, team, None)
        grant(cast["admin"], Role.ADMIN, None, None)
        for name, (rule, note) in AUDIENCES.items():
            create_audience(team, name, rule, note, cast["lead"])
        for text in read_plans():
            say(f"  {text.title}")
            _plan(text, team, cast)
        audit.record("demo", LOADED, f"team {team.id}")


def sign_in_links() -> dict[str, str]:
    """Return a one-time sign-in address for each role."""
    return {role: make_sign_in_link(_known(role), valid=LINK_VALID) for role in CAST}


def _known(role: str) -> Person:
    first, last = CAST[role][:2]
    person = person_by_email(organisation.address_of(first, last))
    assert person is not None  # noqa: S101 – the organisation always has them
    return person


def _plan(text: PlanText, team: Team, cast: dict[str, Person]) -> None:
    today = now_utc().date()
    start = today - timedelta(days=today.weekday(), weeks=text.began_weeks)
    wish = PlanWish(
        title=text.title,
        why=text.why,
        sponsor_id=cast["sponsor"].id,
        owner_id=cast["lead"].id,
        starts_on=start,
        ends_on=start + timedelta(weeks=text.weeks, days=-3),
        zone="Europe/Berlin",
        colour=text.colour,
        privacy=text.privacy,
        may_unsubscribe=text.status == "done",
        status=text.status,
    )
    plan = create_plan(team, wish, cast["lead"])
    import_file(plan, SHEETS / text.sheet, cast["lead"], to_start=start)
    for series in text.series:
        _series(plan, series, start, cast["lead"])
    for goal in text.goals:
        _goal(plan, goal, start, cast["lead"])
    for message in text.messages:
        _message(plan, message, start, cast["lead"])


def _series(plan: Plan, text: SeriesText, start: date, by: Person) -> None:
    audience = audience_named(plan.team, text.audience)
    assert audience is not None  # noqa: S101 – the content names its own audiences
    starts = datetime.combine(start + timedelta(days=text.day), time(text.hour))
    wish = ActivityWish(
        kind="meeting",
        title=text.title,
        starts_local=starts,
        ends_local=starts + timedelta(minutes=text.minutes),
        audience_id=audience.id,
        owner_id=by.id,
        key_message=text.key_message,
        recurrence=text.rule,
        place=text.place,
        conference=text.conference,
        status="confirmed",
    )
    activity = add_activity(plan, wish, by)
    every = spread([activity], activity.ends_at)
    later = every[text.later].starts_local + timedelta(days=1, hours=4)
    cancel_occurrence(activity, every[text.off].name, by)
    move_occurrence(activity, every[text.later].name, OccurrenceWish(later), by)


def _goal(plan: Plan, text: GoalText, start: date, by: Person) -> None:
    due = start + timedelta(days=text.due_day)
    wish = GoalWish(text.what, text.unit, text.baseline, text.target, due, text.how)
    goal = add_goal(plan, wish, by)
    for day, value, source in text.measured:
        if start + timedelta(days=day) <= now_utc().date():
            measure_goal(goal, value, start + timedelta(days=day), source, by)


def _message(plan: Plan, text: MessageText, start: date, by: Person) -> None:
    audience = audience_named(plan.team, text.audience)
    assert audience is not None  # noqa: S101 – the content names its own audiences
    due = text.action_due_day
    content = Content(
        subject=text.subject,
        preview=text.preview,
        body=text.body,
        action_what=text.action_what,
        action_due_on=None if due is None else start + timedelta(days=due),
        action_address=text.action_address,
        action_otherwise=text.action_otherwise,
    )
    activity = next(one for one in plan.activities if one.title == text.activity)
    wish = MessageWish(content, audience.id, activity.id, purpose=text.purpose, contact_id=by.id)
    message = write_message(plan, wish, by)
    if text.questions:
        _survey(message, text, by)
    if text.state == "sent":
        went_out(message, audience, activity.starts_at, now_utc(), by)
    elif text.state == "scheduled":
        schedule(message, max(activity.starts_at, now_utc() + timedelta(hours=12)), by)


def _survey(message: Message, text: MessageText, by: Person) -> None:
    now = now_utc()
    survey = Survey(
        message_id=message.id,
        intro=text.intro,
        closes_at=now + timedelta(days=14),
        owner_id=by.id,
        reply_by=now.date() + timedelta(days=21),
        created_at=now,
    )
    survey.questions = [
        _question(position, question) for position, question in enumerate(text.questions, 1)
    ]
    with transaction() as database:
        database.add(survey)


def _question(position: int, text: QuestionText) -> Question:
    choices = text.choices or (("Yes", "No") if text.kind == "yes_no" else ())
    return Question(
        position=position,
        kind=text.kind,
        words=text.words,
        checks_understanding=any(choice.startswith("*") for choice in choices),
        choices=[
            Choice(position=number, words=choice.lstrip("*"), right=choice.startswith("*"))
            for number, choice in enumerate(choices, 1)
        ],
    )
