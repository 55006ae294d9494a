"""A series is one invitation; its single days are moved, called off and answered on their own."""

from datetime import timedelta
from email.message import Message

import pytest

from commsplan.calendars.answering import answer
from commsplan.calendars.invitation_queries import invitation_for
from commsplan.calendars.invitation_rules import Answer, Via
from commsplan.calendars.meeting_times import coming, day_of_name
from commsplan.calendars.seating import count_seated
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.models import Activity
from commsplan.plans.rules import OccurrenceWish
from commsplan.plans.series import Occurrence
from commsplan.plans.series_actions import (
    cancel_occurrence,
    move_occurrence,
    restore_occurrence,
)
from tests.calendars.invitations.conftest import Meet, calendar_of, events_of
from tests.calendars.invitations.replying import reply, reply_ics, reply_mail


@pytest.fixture
def weekly(meet: Meet) -> Meet:
    """The meeting is on ten weeks running."""
    meet.change(recurrence="FREQ=WEEKLY;COUNT=10")
    return meet


def third(meet: Meet) -> Occurrence:
    """Return the third day of the series."""
    return coming(db.session.get_one(Activity, meet.activity.id))[2]


def move_third(meet: Meet, hours: int = 2) -> str:
    """Move the third day, let it be told, and return which one it is."""
    one = third(meet)
    starts = one.starts_local + timedelta(hours=hours)
    move_occurrence(meet.activity, one.name, OccurrenceWish(starts), meet.cast.lead)
    meet.let_time_pass()
    return day_of_name(one.name)


def methods(mails: list[Message]) -> list[str]:
    return [str(calendar_of(mail)["METHOD"]) for mail in mails]


def test_the_invitation_has_the_rule_and_its_zone(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    (event,) = events_of(weekly.last(anna))
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=10"
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    zones = [part["TZID"] for part in calendar_of(weekly.last(anna)).walk("VTIMEZONE")]
    assert zones == ["Europe/Berlin"]


def test_days_that_depart_come_with_the_invitation(weekly: Meet, anna: Person) -> None:
    move_third(weekly)
    cancel_occurrence(weekly.activity, coming(weekly.activity)[4].name, weekly.cast.lead)
    weekly.invite(anna)
    master, moved = events_of(weekly.last(anna))
    assert "EXDATE" in master
    assert moved["UID"] == master["UID"]
    assert moved["RECURRENCE-ID"].dt.hour == 9
    assert moved["DTSTART"].dt.hour == 11


def test_a_moved_day_is_told_alone(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    move_third(weekly)
    (event,) = events_of(weekly.last(anna))
    assert methods(weekly.mails(anna)) == ["REQUEST", "REQUEST"]
    assert (event["RECURRENCE-ID"].dt.hour, event["DTSTART"].dt.hour) == (9, 11)
    assert event["RECURRENCE-ID"].params["TZID"] == "Europe/Berlin"
    assert "RRULE" not in event
    assert event["SEQUENCE"] == 2


def test_a_cancelled_day_is_called_off_alone(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    cancel_occurrence(weekly.activity, third(weekly).name, weekly.cast.lead)
    weekly.let_time_pass()
    (event,) = events_of(weekly.last(anna))
    assert methods(weekly.mails(anna))[-1] == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert "RECURRENCE-ID" in event


def test_a_day_that_is_put_back_is_told_again(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    name = third(weekly).name
    cancel_occurrence(weekly.activity, name, weekly.cast.lead)
    weekly.let_time_pass()
    restore_occurrence(weekly.activity, name, weekly.cast.lead)
    weekly.let_time_pass()
    assert methods(weekly.mails(anna)) == ["REQUEST", "CANCEL", "REQUEST"]
    sequences = [events_of(mail)[0]["SEQUENCE"] for mail in weekly.mails(anna)]
    assert sequences == sorted(set(sequences))


def test_a_day_answered_alone_leaves_the_series_as_it_is(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    weekly.say(anna, Answer.YES)
    one = third(weekly)
    day = day_of_name(one.name)
    wall = one.starts_local
    calendar = reply_ics(
        weekly.last(anna),
        "DECLINED",
        extra=f"RECURRENCE-ID;TZID=Europe/Berlin:{wall:%Y%m%dT%H%M%S}",
    )
    weekly.receive(reply_mail(weekly.last(anna), calendar))
    assert weekly.verdicts() == ["taken"]
    assert weekly.row(anna).answer == Answer.YES
    assert weekly.row(anna, day).answer == Answer.NO


def test_who_is_invited_to_one_day_answers_for_that_day(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    days = [day_of_name(one.name) for one in coming(weekly.activity)[:2]]
    weekly.row(anna).occurrence = days[0]
    db.session.commit()
    row = invitation_for(weekly.activity.id, anna.id, days[0])
    assert row is not None
    assert answer(row, Answer.YES, Via.PAGE, day=days[1]).id == row.id
    assert invitation_for(weekly.activity.id, anna.id, days[1]) is None


def test_a_day_may_be_named_in_utc(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    one = third(weekly)
    calendar = reply_ics(
        weekly.last(anna), "DECLINED", extra=f"RECURRENCE-ID:{one.starts_at:%Y%m%dT%H%M%SZ}"
    )
    weekly.receive(reply_mail(weekly.last(anna), calendar))
    assert weekly.row(anna, day_of_name(one.name)).answer == Answer.NO


@pytest.mark.parametrize(
    "which", ["RECURRENCE-ID:19990101T080000Z", "RECURRENCE-ID;VALUE=DATE:20991231"]
)
def test_a_day_that_there_is_not_is_recorded(weekly: Meet, anna: Person, which: str) -> None:
    weekly.invite(anna)
    calendar = reply_ics(weekly.last(anna), "DECLINED", extra=which)
    weekly.receive(reply_mail(weekly.last(anna), calendar))
    assert weekly.verdicts() == ["unknown event"]


def test_this_and_all_to_come_is_not_understood(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    at = third(weekly).starts_at
    calendar = reply_ics(
        weekly.last(anna),
        "DECLINED",
        extra=f"RECURRENCE-ID;RANGE=THISANDFUTURE:{at:%Y%m%dT%H%M%SZ}",
    )
    weekly.receive(reply_mail(weekly.last(anna), calendar))
    assert weekly.verdicts() == ["no answer"]


def test_a_moved_day_asks_again_for_that_day_alone(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    weekly.say(anna, Answer.YES)
    day = day_of_name(third(weekly).name)
    weekly.say(anna, Answer.NO, day=day)
    move_third(weekly)
    assert weekly.row(anna).answer == Answer.YES
    assert weekly.row(anna, day).answer == Answer.NONE


def test_a_place_freed_for_one_day_is_free_on_that_day_alone(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    weekly.say(anna, Answer.YES)
    day = day_of_name(third(weekly).name)
    weekly.say(anna, Answer.NO, day=day)
    assert count_seated(weekly.activity.id, day) == 0
    assert count_seated(weekly.activity.id, day_of_name(coming(weekly.activity)[3].name)) == 1


def test_who_is_invited_to_one_day_gets_that_day_alone(weekly: Meet, anna: Person) -> None:
    day = day_of_name(third(weekly).name)
    weekly.invite(anna, day=day)
    (event,) = events_of(weekly.last(anna))
    assert "RRULE" not in event
    assert f"{event['RECURRENCE-ID'].dt:%Y%m%d}" == day
    row = invitation_for(weekly.activity.id, anna.id, day)
    assert row is not None
    weekly.receive(reply(weekly.last(anna), "ACCEPTED"))
    db.session.rollback()
    assert weekly.row(anna, day).answer == Answer.YES


def test_of_other_days_they_hear_nothing(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna, day=day_of_name(coming(weekly.activity)[4].name))
    move_third(weekly)
    assert len(weekly.mails(anna)) == 1
    weekly.change(status="cancelled")
    assert methods(weekly.mails(anna)) == ["REQUEST", "CANCEL"]


def test_a_series_in_a_zone_no_rule_fits_comes_in_utc_with_its_days(
    meet: Meet, anna: Person
) -> None:
    meet.change(recurrence="FREQ=MONTHLY;COUNT=12", zone="Africa/Casablanca")
    meet.invite(anna)
    (event,) = events_of(meet.last(anna))
    assert event["DTSTART"].dt.tzinfo is not None
    assert event["DTSTART"].params.get("TZID") is None
    assert len(event["RDATE"]) == 11
    assert event["UID"] == meet.activity.uid


def test_each_readers_own_time_is_on_their_own_clock(meet: Meet, anna: Person) -> None:
    anna.zone = "America/New_York"
    db.session.commit()
    meet.change(zone="recipient", recurrence="FREQ=WEEKLY;COUNT=4")
    meet.invite(anna)
    (event,) = events_of(meet.last(anna))
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert event["DTSTART"].dt.hour == 9


def test_a_day_that_the_series_lost_can_still_be_called_off(weekly: Meet, anna: Person) -> None:
    day = day_of_name(third(weekly).name)
    weekly.invite(anna, day=day)
    weekly.change(recurrence="FREQ=WEEKLY;COUNT=2")
    (event,) = events_of(weekly.last(anna))
    assert methods(weekly.mails(anna))[-1] == "CANCEL"
    assert f"{event['RECURRENCE-ID'].dt:%Y%m%d}" == day


def test_answers_by_the_page_may_be_for_one_day(weekly: Meet, anna: Person) -> None:
    weekly.invite(anna)
    day = day_of_name(third(weekly).name)
    row = answer(weekly.row(anna), Answer.MAYBE, Via.PAGE, day=day)
    assert (row.occurrence, row.invited, row.answer) == (day, False, Answer.MAYBE)
