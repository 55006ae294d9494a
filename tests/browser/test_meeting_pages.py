"""The pages of invitations and attendance, filled, are accessible and fit a phone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select, update

from commsplan.calendars.answering import answer, choose
from commsplan.calendars.attending import enter
from commsplan.calendars.invitation_models import Invitation, InvitationMail, InvitationReply
from commsplan.calendars.invitation_rules import Answer, Via
from commsplan.calendars.inviting import invite, who_is_invited
from commsplan.calendars.meeting_times import coming, day_of_name
from commsplan.calendars.session_actions import add_session
from commsplan.foundation.addresses import invitation_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dates import utc_to_local
from commsplan.people.models import Grant, Person
from commsplan.people.rules import Role
from commsplan.plans.actions import add_activity
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish
from tests.browser.conftest import Site
from tests.browser.test_every_page import _complaints, page, scheme  # noqa: F401  # fixtures

pytestmark = pytest.mark.browser
TITLE = "Questions and answers"


@pytest.fixture
def meetings(site: Site) -> dict[str, list[str]]:
    """Three meetings with something in every state; returns the pages of a lead and of readers."""
    with site.app.app_context():
        made = db.session.scalars(
            select(Activity).where(Activity.title == TITLE).order_by(Activity.id)
        ).all()
        now, series, choice = made[:3] if made else _made()
        pages = _pages(now, series, choice)
        db.session.remove()
    return pages


def _made() -> tuple[Activity, Activity, Activity]:
    grant = db.session.scalars(select(Grant).where(Grant.role == Role.LEAD)).first()
    assert grant is not None
    lead = db.session.get_one(Person, grant.person_id)
    plan = db.session.scalars(
        select(Plan).where(Plan.team_id == grant.team_id, Plan.status == "active")
    ).first()
    assert plan is not None
    people = db.session.scalars(select(Person.id).order_by(Person.id).limit(8)).all()
    today = utc_to_local(now_utc(), "Europe/Berlin").replace(second=0, microsecond=0)
    now = _meeting(plan, lead, today, capacity=2)
    series = _meeting(plan, lead, today + timedelta(days=3), recurrence="FREQ=WEEKLY;COUNT=6")
    choice = _meeting(plan, lead, today + timedelta(days=5))
    session = add_session(choice, today + timedelta(days=6), "Room 9", lead)
    for activity in (now, series, choice):
        invite(activity, people, lead)
    rows = who_is_invited(now)
    for row, said in zip(rows, (*[Answer.YES] * 3, Answer.NO, Answer.MAYBE), strict=False):
        answer(row, said, Via.PAGE, note="I bring my laptop, if there is a socket.")
    enter(now, "", rows[0].person)
    first = who_is_invited(series)[0]
    day = day_of_name(coming(series)[1].name)
    answer(first, Answer.YES, Via.PAGE)
    answer(first, Answer.NO, Via.PAGE, day=day)
    choose(who_is_invited(choice)[0], session.id, Via.PAGE)
    _went_wrong(now, rows[0])
    return now, series, choice


def _meeting(plan: Plan, lead: Person, starts: datetime, **fields: object) -> Activity:
    wish = ActivityWish(
        kind="meeting",
        title=TITLE,
        starts_local=starts,
        ends_local=starts + timedelta(hours=1),
        zone="Europe/Berlin",
        place="Room 4",
        key_message="Whatever you want to know about the new ticketing.",
        owner_id=lead.id,
        **fields,  # type: ignore[arg-type]  # by name
    )
    return add_activity(plan, wish, lead)


def _went_wrong(activity: Activity, row: Invitation) -> None:
    with transaction() as database:
        mail = database.scalars(
            select(InvitationMail).where(InvitationMail.invitation_id == row.id)
        ).first()
        assert mail is not None
        database.execute(
            update(InvitationMail)
            .where(InvitationMail.id == mail.id)
            .values(state="uncertain", note="The line broke.")
        )
        words = {"verdict": "in words", "words": "Can I bring Carla?"}
        reply = InvitationReply(at=now_utc(), activity_id=activity.id, **words)
        reply.invitation_id = row.id
        database.add(reply)


def _pages(now: Activity, series: Activity, choice: Activity) -> dict[str, list[str]]:
    lead, readers = ["/attend"], []
    for activity in (now, series, choice):
        base = f"/plans/{activity.plan_id}/activities/{activity.id}"
        lead += [f"{base}/invitations", f"{base}/attendance", f"{base}/attendance/code"]
        readers += [
            "/r" + invitation_address(row.id).partition("/r")[2]
            for row in who_is_invited(activity)[:3]
        ]
    day = day_of_name(coming(series)[1].name)
    base = f"/plans/{series.plan_id}/activities/{series.id}"
    lead += [f"{base}/invitations?day={day}&show=no", f"/effectiveness/plans/{now.plan_id}", "/"]
    return {"lead": lead, "readers": readers}


def test_pages_of_a_lead(
    page: Page,  # noqa: F811
    site: Site,
    meetings: dict[str, list[str]],
    scheme: str,  # noqa: F811
) -> None:
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    complaints = _complaints(page, site, meetings["lead"], scheme)
    assert not complaints, "\n".join(complaints)


def test_pages_of_the_invited(
    page: Page,  # noqa: F811
    site: Site,
    meetings: dict[str, list[str]],
    scheme: str,  # noqa: F811
) -> None:
    complaints = _complaints(page, site, meetings["readers"], scheme)
    assert not complaints, "\n".join(complaints)


def test_an_answer_takes_two_presses(
    page: Page,  # noqa: F811
    site: Site,
    meetings: dict[str, list[str]],
) -> None:
    page.goto(f"{site.address}{meetings['readers'][1]}?say=declined")
    page.get_by_role("button", name="No, I cannot").click()
    assert page.get_by_role("status").filter(has_text="You are not coming").count()
