"""Places are given out in turn; who comes too late waits, and is told as soon as one is free."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from commsplan.calendars.answering import answer, choose
from commsplan.calendars.invitation_models import Invitation
from commsplan.calendars.invitation_queries import invitation_for
from commsplan.calendars.invitation_rules import Answer, Via
from commsplan.calendars.inviting import withdraw
from commsplan.calendars.meeting_changes import seat_who_waits
from commsplan.calendars.seating import count_seated, place_in_line
from commsplan.calendars.session_actions import add_session
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.actions import set_activity_status
from commsplan.plans.models import Activity
from tests.calendars.invitations.conftest import Meet, calendar_of, events_of
from tests.calendars.invitations.replying import reply
from tests.cast import make_person


@pytest.fixture
def small(meet: Meet, anna: Person, bela: Person) -> Meet:
    """The meeting has one place, and two people are invited."""
    meet.change(capacity=1)
    meet.invite(anna, bela)
    return meet


def test_who_comes_too_late_waits(small: Meet, anna: Person, bela: Person) -> None:
    small.say(anna, Answer.YES)
    row = small.say(bela, Answer.YES)
    assert row.seated_at is None
    assert place_in_line(row) == 1


def test_who_answers_by_mail_hears_that_they_wait(small: Meet, anna: Person, bela: Person) -> None:
    small.say(anna, Answer.YES)
    small.receive(reply(small.last(bela), "ACCEPTED"))
    small.post()
    assert small.last(bela)["Subject"].startswith("On the waiting list")
    assert [part.get_content_type() for part in small.last(bela).walk()].count("text/calendar") == 0


@pytest.mark.parametrize("how", ["no", "maybe", "withdrawn"])
def test_a_place_that_becomes_free_goes_to_who_waits(
    small: Meet, anna: Person, bela: Person, how: str
) -> None:
    small.say(anna, Answer.YES)
    small.say(bela, Answer.YES)
    if how == "withdrawn":
        withdraw(small.row(anna), small.cast.lead)
    else:
        small.say(anna, Answer.NO if how == "no" else Answer.MAYBE)
    small.post()
    assert small.row(bela).seated_at is not None
    assert small.last(bela)["Subject"].startswith("You have a place")
    assert events_of(small.last(bela))[0]["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_a_larger_room_and_people_who_leave_free_places_too(
    small: Meet, anna: Person, bela: Person
) -> None:
    small.say(anna, Answer.YES)
    small.say(bela, Answer.YES)
    anna.left_on = now_utc().date()
    db.session.commit()
    seat_who_waits()
    assert small.row(bela).seated_at is not None


def test_nobody_loses_a_place_in_a_smaller_room(meet: Meet, anna: Person, bela: Person) -> None:
    meet.invite(anna, bela)
    meet.say(anna, Answer.YES)
    meet.say(bela, Answer.YES)
    meet.change(capacity=1)
    assert count_seated(meet.activity.id) == 2


def test_saying_yes_twice_takes_one_place(small: Meet, anna: Person, bela: Person) -> None:
    small.say(anna, Answer.YES)
    small.say(anna, Answer.YES)
    assert count_seated(small.activity.id) == 1


def test_many_at_once_never_take_more_places_than_there_are(meet: Meet, app: Flask) -> None:
    meet.change(capacity=3)
    people = [make_person(f"Mia Many {number}") for number in range(8)]
    db.session.commit()
    meet.invite(*people)
    ids, activity_id = [one.id for one in people], meet.activity.id

    def say_yes(person_id: int) -> None:
        with app.app_context():
            row = invitation_for(activity_id, person_id)
            assert row is not None
            answer(row, Answer.YES, Via.PAGE)
            db.session.remove()

    threads = [threading.Thread(target=say_yes, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.rollback()
    assert count_seated(activity_id) == 3
    waiting = select(func.count(Invitation.id)).where(Invitation.waiting_since.is_not(None))
    assert db.session.scalar(waiting) == 5


@pytest.fixture
def session(meet: Meet) -> Activity:
    """The meeting is offered once more, three hours later."""
    starts = meet.activity.starts_local.replace(hour=12)
    return add_session(meet.activity, starts, "Room 9", meet.cast.lead)


def test_of_several_sessions_one_is_chosen_before_anything_stands_in_a_calendar(
    meet: Meet, session: Activity, anna: Person
) -> None:
    meet.invite(anna)
    mail = meet.last(anna)
    assert mail["Subject"].startswith("Please choose a session")
    assert [part.get_content_type() for part in mail.walk()].count("text/calendar") == 0
    choose(meet.row(anna), session.id, Via.PAGE)
    meet.post()
    (event,) = events_of(meet.last(anna))
    assert (event["UID"], event["LOCATION"]) == (session.uid, "Room 9")
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_changing_the_session_takes_the_old_one_out_of_the_calendar(
    meet: Meet, session: Activity, anna: Person
) -> None:
    meet.invite(anna)
    choose(meet.row(anna), session.id, Via.PAGE)
    meet.post()
    choose(meet.row(anna), meet.activity.id, Via.PAGE)
    meet.post()
    cancel, request = meet.mails(anna)[-2:]
    assert calendar_of(cancel)["METHOD"] == "CANCEL"
    assert events_of(cancel)[0]["UID"] == session.uid
    assert events_of(request)[0]["UID"] == meet.activity.uid


def test_a_cancelled_session_asks_its_people_to_choose_another(
    meet: Meet, session: Activity, anna: Person
) -> None:
    meet.invite(anna)
    choose(meet.row(anna), session.id, Via.PAGE)
    meet.post()
    set_activity_status(session, "cancelled", meet.cast.lead)
    meet.let_time_pass()
    subjects = [mail["Subject"].split(":")[0] for mail in meet.mails(anna)[-2:]]
    assert sorted(subjects) == ["Cancelled", "Please choose a session"]
    assert meet.row(anna).session_id is None


def test_a_yes_without_a_session_is_not_enough(meet: Meet, session: Activity, anna: Person) -> None:
    meet.invite(anna)
    with pytest.raises(NotNow):
        meet.say(anna, Answer.YES)
    assert meet.say(anna, Answer.NO).answer == Answer.NO


def test_a_session_that_is_full_makes_them_wait_for_it(
    meet: Meet, session: Activity, anna: Person, bela: Person
) -> None:
    session.capacity = 1
    db.session.commit()
    meet.invite(anna, bela)
    choose(meet.row(anna), session.id, Via.PAGE)
    assert choose(meet.row(bela), session.id, Via.PAGE).seated_at is None
    choose(meet.row(anna), meet.activity.id, Via.PAGE)
    assert meet.row(bela).seated_at is not None


def test_a_reply_by_mail_counts_for_the_session_they_are_in(
    meet: Meet, session: Activity, anna: Person
) -> None:
    meet.invite(anna)
    choose(meet.row(anna), session.id, Via.PAGE)
    meet.post()
    meet.receive(reply(meet.last(anna), "DECLINED"))
    assert meet.row(anna).answer == Answer.NO
