"""What changes is told to those whom it concerns, once, and nothing else is."""

from datetime import timedelta

from sqlalchemy import select

from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_rules import Answer
from commsplan.calendars.inviting import invite, remind, send_newest, withdraw
from commsplan.calendars.meeting_changes import keep_quiet, notice_changes
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.actions import remove_activity, set_activity_status, undo
from commsplan.plans.models import Activity
from commsplan.plans.queries import latest_changes
from tests.calendars.invitations.conftest import Meet, body_of, calendar_of, events_of


def test_another_room_is_an_update_that_keeps_the_answer(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.say(anna, Answer.YES)
    meet.change(place="Room 5")
    (event,) = events_of(meet.last(anna))
    assert (event["SEQUENCE"], event["LOCATION"]) == (1, "Room 5")
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert meet.last(anna)["Subject"] == "Changed: Questions; and answers"
    assert meet.row(anna).answer == Answer.YES


def test_another_time_asks_again(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.say(anna, Answer.YES)
    starts = meet.activity.starts_local + timedelta(hours=2)
    meet.change(starts_local=starts, ends_local=starts + timedelta(hours=1))
    (event,) = events_of(meet.last(anna))
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    row = meet.row(anna)
    assert row.answer == Answer.NONE
    assert row.seated_at is not None


def test_notes_of_the_team_are_nobodys_business(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.change(comments="Order cake.")
    meet.change(key_message="There will be cake.")
    assert len(meet.mails(anna)) == 1


def test_a_change_waits_until_it_has_been_left_alone(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    notice_changes()
    meet.post()
    assert len(meet.mails(anna)) == 1


def test_what_is_undone_in_time_is_never_told(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    undo(latest_changes("activity", meet.activity.id, 1)[0], meet.cast.lead)
    meet.let_time_pass()
    assert len(meet.mails(anna)) == 1


def test_a_cancelled_meeting_is_called_off(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    meet.let_time_pass()
    mail = meet.last(anna)
    assert calendar_of(mail)["METHOD"] == "CANCEL"
    (event,) = events_of(mail)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert "does not take place" in body_of(mail)


def test_a_removed_meeting_is_called_off_too(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    remove_activity(meet.activity, meet.cast.lead)
    meet.let_time_pass()
    assert calendar_of(meet.last(anna))["METHOD"] == "CANCEL"


def test_a_meeting_that_takes_place_after_all_is_a_new_question(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.say(anna, Answer.YES)
    meet.change(status="cancelled")
    meet.change(status="confirmed")
    (event,) = events_of(meet.last(anna))
    assert (event["SEQUENCE"], event["STATUS"]) == (2, "CONFIRMED")
    assert meet.row(anna).answer == Answer.NONE


def test_who_is_let_go_alone_gets_a_cancellation_without_a_status(
    meet: Meet, anna: Person, bela: Person
) -> None:
    meet.invite(anna, bela)
    withdraw(meet.row(anna), meet.cast.lead)
    meet.post()
    mail = meet.last(anna)
    assert calendar_of(mail)["METHOD"] == "CANCEL"
    (event,) = events_of(mail)
    assert "STATUS" not in event
    assert event["SEQUENCE"] == 1
    assert len(meet.mails(bela)) == 1


def test_who_is_invited_again_gets_a_higher_sequence(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    withdraw(meet.row(anna), meet.cast.lead)
    meet.post()
    meet.invite(anna)
    assert events_of(meet.last(anna))[0]["SEQUENCE"] == 2


def test_an_invitation_that_has_not_left_is_simply_sent_as_it_is_now(
    meet: Meet, anna: Person
) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    meet.change(place="Room 5")
    assert [one["Subject"] for one in meet.mails(anna)] == ["Invitation: Questions; and answers"]
    assert meet.states() == [("invitation", "cancelled"), ("invitation", "accepted")]


def test_a_meeting_called_off_before_anybody_heard_of_it_is_never_mentioned(
    meet: Meet, anna: Person
) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    meet.change(status="cancelled")
    assert meet.mails(anna) == []


def test_a_change_can_be_left_unmailed(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    keep_quiet(meet.activity, meet.cast.lead)
    meet.let_time_pass()
    assert len(meet.mails(anna)) == 1


def test_the_newest_version_can_be_sent_to_everybody(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.change(key_message="Bring your badge.")
    send_newest(meet.activity, meet.cast.lead)
    meet.post()
    assert "Bring your badge." in body_of(meet.last(anna))
    assert events_of(meet.last(anna))[0]["SEQUENCE"] == 1


def test_a_reminder_goes_to_those_who_are_silent_and_once_a_day(
    meet: Meet, anna: Person, bela: Person
) -> None:
    meet.invite(anna, bela)
    meet.say(bela, Answer.NO)
    assert remind(meet.activity, meet.cast.lead) == 1
    assert remind(meet.activity, meet.cast.lead) == 0
    meet.post()
    assert meet.last(anna)["Subject"].startswith("Please answer")
    assert events_of(meet.last(anna))[0]["SEQUENCE"] == 0
    assert len(meet.mails(bela)) == 1


def test_nothing_is_told_of_a_meeting_that_is_over(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    past = meet.activity.starts_local - timedelta(days=20)
    meet.change(starts_local=past, ends_local=past + timedelta(hours=1))
    assert len(meet.mails(anna)) == 1


def test_who_has_left_hears_nothing(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    anna.left_on = now_utc().date()
    db.session.commit()
    meet.change(place="Room 5")
    assert len(meet.mails(anna)) == 1


def test_every_word_has_the_stamp_of_its_decision(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    (event,) = events_of(meet.last(anna))
    decided = db.session.scalars(select(InvitationMail.created_at)).one()
    assert event["DTSTAMP"].dt == decided.replace(microsecond=0)
    assert db.session.get_one(Activity, meet.activity.id).sequence == 0
