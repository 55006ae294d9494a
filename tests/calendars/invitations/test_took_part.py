"""Attendance becomes a figure with its uncertainty; what nobody wrote down is not nobody."""

from datetime import timedelta

import pytest

from commsplan.calendars.attending import enter, tick
from commsplan.calendars.invitation_rules import Answer
from commsplan.effectiveness.meetings import TookPart, meetings_of
from commsplan.effectiveness.rules import wilson
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import utc_to_local
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from tests.calendars.invitations.conftest import Meet


@pytest.fixture
def held(meet: Meet, anna: Person, bela: Person) -> Meet:
    """Three were invited, two said yes, and the meeting has begun."""
    meet.invite(anna, bela, meet.cast.employee)
    starts = utc_to_local(now_utc(), "Europe/Berlin").replace(microsecond=0)
    begun = starts - timedelta(minutes=5)
    meet.change(starts_local=begun, ends_local=starts + timedelta(hours=1))
    meet.say(anna, Answer.YES)
    meet.say(bela, Answer.YES)
    return meet


def figure(meet: Meet) -> TookPart:
    db.session.rollback()
    (one,) = meetings_of(db.session.get_one(Plan, meet.plan.id))
    return one


def test_without_a_record_there_is_no_figure(held: Meet) -> None:
    assert figure(held).share is None
    assert not figure(held).is_recorded


def test_a_list_that_was_gone_through_is_certain(held: Meet, anna: Person, bela: Person) -> None:
    tick(held.activity, "", {anna.id, bela.id}, {anna.id}, held.cast.lead)
    one = figure(held)
    assert (one.invited, one.said_yes, one.there, one.perhaps) == (3, 2, 1, 0)
    assert one.share == wilson(1, 3)


def test_with_codes_alone_who_said_yes_may_have_come(held: Meet, anna: Person) -> None:
    enter(held.activity, "", anna)
    one = figure(held)
    assert (one.there, one.perhaps, one.at_most) == (1, 1, 2)
    assert one.share is not None
    assert one.share.high == wilson(2, 3).high


def test_who_came_uninvited_is_counted_beside(held: Meet) -> None:
    enter(held.activity, "", held.cast.outsider)
    one = figure(held)
    assert (one.there, one.uninvited) == (0, 1)


def test_the_page_of_the_plans_effect_shows_it(held: Meet, anna: Person) -> None:
    enter(held.activity, "", anna)
    page = held.cast.as_(held.cast.lead).get(f"/effectiveness/plans/{held.plan.id}")
    assert "Took part" in page.text
    assert "1 of 3" in page.text
    assert "Took part" in held.cast.as_(held.cast.lead).get("/effectiveness/definitions").text


def test_a_meeting_to_come_is_not_counted(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    assert meetings_of(meet.plan) == []
