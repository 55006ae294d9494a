"""Answers that come as mail count when the rules of iTIP hold, and are written down either way."""

import time
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from flask import Flask
from sqlalchemy import select

from commsplan.calendars.invitation_models import InvitationReply
from commsplan.calendars.invitation_rules import Answer, Via
from commsplan.calendars.inviting import withdraw
from commsplan.delivery.bounce_rules import Kind
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.actions import set_activity_status
from tests.calendars.invitations.conftest import Meet, body_of, calendar_of, events_of
from tests.calendars.invitations.replying import reply, reply_ics, reply_mail


@pytest.mark.parametrize(
    ("partstat", "answer"),
    [("ACCEPTED", Answer.YES), ("DECLINED", Answer.NO), ("TENTATIVE", Answer.MAYBE)],
)
def test_what_they_say_is_written_down(
    meet: Meet, anna: Person, partstat: str, answer: Answer
) -> None:
    meet.invite(anna)
    meet.receive(reply(meet.last(anna), partstat, comment="See you\\, or not"))
    row = meet.row(anna)
    assert (row.answer, row.answered_via, row.note) == (answer, Via.MAIL, "See you, or not")
    assert meet.verdicts() == ["taken"]


def test_the_newest_answer_counts(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    now = now_utc()
    late = reply_ics(meet.last(anna), "DECLINED", stamp=now + timedelta(minutes=5))
    early = reply_ics(meet.last(anna), "ACCEPTED", stamp=now)
    meet.receive(reply_mail(meet.last(anna), late))
    meet.receive(reply_mail(meet.last(anna), early))
    assert meet.row(anna).answer == Answer.NO
    assert meet.verdicts() == ["taken", "not newer"]


def test_a_click_after_a_mail_counts_more_than_the_mail(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    delayed = reply_ics(meet.last(anna), "ACCEPTED", stamp=now_utc() - timedelta(minutes=1))
    meet.say(anna, Answer.NO)
    meet.receive(reply_mail(meet.last(anna), delayed))
    assert meet.row(anna).answer == Answer.NO


def test_the_same_mail_twice_is_one(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = reply(meet.last(anna), "ACCEPTED")
    assert meet.receive(mail).new
    assert not meet.receive(mail).new
    assert meet.verdicts() == ["taken"]


def test_an_answer_to_an_older_version_does_not_count(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    first = meet.last(anna)
    meet.change(place="Room 5")
    meet.receive(reply(first, "ACCEPTED"))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["older version"]
    meet.receive(reply(meet.last(anna), "ACCEPTED"))
    assert meet.row(anna).answer == Answer.YES


def test_whoever_sends_for_somebody_else_is_not_heard(
    meet: Meet, anna: Person, bela: Person
) -> None:
    meet.invite(anna, bela)
    theirs = reply_ics(meet.last(anna), "DECLINED")
    meet.receive(reply_mail(meet.last(anna), theirs, sender=bela.email))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.row(bela).answer == Answer.NONE
    assert meet.verdicts() == ["wrong sender"]


def test_an_attendee_who_is_not_the_sender_is_not_heard(
    meet: Meet, anna: Person, bela: Person
) -> None:
    meet.invite(anna, bela)
    meet.receive(reply(meet.last(anna), "DECLINED", attendee=bela.email))
    assert {meet.row(anna).answer, meet.row(bela).answer} == {Answer.NONE}


def test_a_forged_sender_without_the_address_of_the_invitation_is_not_heard(
    meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    mail = reply_mail(
        meet.last(anna), reply_ics(meet.last(anna), "DECLINED"), to="meetings@northwind.example"
    )
    meet.receive(mail)
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["unproven"]


def test_a_tampered_address_is_no_proof(meet: Meet, anna: Person, bela: Person) -> None:
    meet.invite(anna, bela)
    mine, other = (meet.row(one).id for one in (bela, anna))
    forged = parseaddr(meet.last(bela)["From"])[1].replace(f"+i{mine}.", f"+i{other}.")
    meet.receive(reply_mail(meet.last(anna), reply_ics(meet.last(anna), "DECLINED"), to=forged))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["unproven"]


def test_the_envelope_tells_whose_address_it_came_to(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    address = parseaddr(meet.last(anna)["From"])[1]
    mail = reply_mail(
        meet.last(anna), reply_ics(meet.last(anna), "ACCEPTED"), to="undisclosed@northwind.example"
    )
    meet.receive(mail, address)
    assert meet.row(anna).answer == Answer.YES


def test_an_unknown_event_is_recorded_and_changes_nothing(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.receive(reply(meet.last(anna), "ACCEPTED", uid="nobody@knows.example"))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["unknown event"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", "REFRESH", ""])
def test_a_calendar_that_answers_nothing_changes_nothing(
    meet: Meet, anna: Person, method: str
) -> None:
    meet.invite(anna)
    invitation = meet.last(anna)
    meet.receive(reply_mail(invitation, reply_ics(invitation, "ACCEPTED", method=method)))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["no answer"]


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "DELEGATED", "X-PERHAPS", ""])
def test_a_status_that_says_nothing_changes_nothing(
    meet: Meet, anna: Person, partstat: str
) -> None:
    meet.invite(anna)
    meet.receive(reply(meet.last(anna), partstat))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["no answer"]


def test_who_is_no_longer_invited_is_not_heard(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    invitation = meet.last(anna)
    withdraw(meet.row(anna), meet.cast.lead)
    meet.receive(reply(invitation, "ACCEPTED", sequence="9"))
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["no longer invited"]


def test_a_cancelled_meeting_takes_no_answer(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    meet.receive(reply(meet.last(anna), "ACCEPTED", sequence="9"))
    assert meet.verdicts() == ["no longer invited"]


def test_a_stamp_from_the_future_locks_nobody_out(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    far = reply_ics(meet.last(anna), "DECLINED", stamp=now_utc() + timedelta(days=3650))
    meet.receive(reply_mail(meet.last(anna), far))
    meet.receive(reply(meet.last(anna), "ACCEPTED"))
    assert meet.row(anna).answer == Answer.YES


def test_another_time_is_declined_politely_and_the_organiser_hears_of_it(
    meet: Meet, anna: Person
) -> None:
    meet.invite(anna)
    counter = reply_ics(
        meet.last(anna),
        "TENTATIVE",
        method="COUNTER",
        comment="Later?",
        extra="DTSTART:20301006T140000Z",
    )
    meet.receive(reply_mail(meet.last(anna), counter))
    meet.post()
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() == ["proposal declined"]
    declined = meet.last(anna)
    assert calendar_of(declined)["METHOD"] == "DECLINECOUNTER"
    (event,) = events_of(declined)
    assert set(event) == {"UID", "DTSTAMP", "ORGANIZER", "ATTENDEE", "SEQUENCE", "COMMENT"}
    note = meet.last(meet.cast.lead)
    assert note["Subject"] == "Another time proposed: Questions; and answers"
    assert "Anna Arnold proposes another time" in body_of(note)


def test_an_out_of_office_note_is_no_answer(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = EmailMessage()
    mail["From"], mail["To"] = anna.email, parseaddr(meet.last(anna)["From"])[1]
    mail["Subject"], mail["Auto-Submitted"] = "Out of office", "auto-replied"
    mail.set_content("Back on Monday.")
    assert meet.receive(mail).kind is Kind.AUTO_REPLY
    assert meet.verdicts() == ["automatic answer"]
    assert meet.row(anna).answer == Answer.NONE


def test_a_room_that_answers_by_itself_has_answered(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    automatic = [("Auto-Submitted", "auto-replied")]
    invitation = meet.last(anna)
    calendar = reply_ics(invitation, "ACCEPTED")
    meet.receive(reply_mail(invitation, calendar, headers=automatic))
    assert meet.row(anna).answer == Answer.YES


def test_a_bounce_marks_the_mail(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    address = parseaddr(meet.last(anna)["From"])[1]
    bounce = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: " + address.encode() + b"\r\n"
        b"Subject: Undelivered\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nNo.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
        b"\r\nFinal-Recipient: rfc822; " + anna.email.encode() + b"\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
        b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + bytes(meet.last(anna)) + b"\r\n--b--"
    )
    meet.receive(bounce)
    assert meet.states() == [("invitation", "bounced")]
    assert meet.verdicts() == ["came back"]


def test_a_persons_own_words_are_kept_for_the_team(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = EmailMessage()
    mail["From"], mail["To"] = anna.email, parseaddr(meet.last(anna)["From"])[1]
    mail["Subject"] = "Re: Invitation"
    mail.set_content("Can I bring Carla?\n\nOn Tuesday the organiser wrote:\n> you are invited\n")
    meet.receive(mail)
    words = db.session.scalars(select(InvitationReply.words)).one()
    assert words == "Can I bring Carla?"


def test_without_an_address_of_its_own_event_and_sender_decide(
    meet: Meet, anna: Person, bela: Person, app: Flask
) -> None:
    app.config["INVITATION_ADDRESS"] = ""
    meet.invite(anna)
    assert parseaddr(meet.last(anna)["From"])[1] == parseaddr(app.config["MAIL_FROM"])[1]
    calendar = reply_ics(meet.last(anna), "ACCEPTED")
    meet.receive(reply_mail(meet.last(anna), calendar, sender=bela.email))
    assert meet.verdicts() == ["wrong sender"]
    meet.receive(reply(meet.last(anna), "ACCEPTED"))
    assert meet.row(anna).answer == Answer.YES


NASTY = {
    "no calendar": b"METHOD: what is this?",
    "nested": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"BEGIN:VEVENT\r\n" * 2000,
    "lines": b"METHOD:REPLY\r\n" * 6000,
    "long": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nX:" + b"a" * 300_000,
    "nothing in it": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
    "bytes": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + bytes(range(256)) * 20,
    "dates": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:99999999T999999Z"
    b"\r\nSEQUENCE:-1e999\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "no stamp": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n",
    "huge sequence": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\n"
    b"DTSTAMP:20260101T000000Z\r\nSEQUENCE:" + b"9" * 400 + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
}


@pytest.mark.parametrize("what", NASTY)
def test_hostile_calendars_are_recorded_and_harm_nothing(
    meet: Meet, anna: Person, what: str
) -> None:
    meet.invite(anna)
    began = time.monotonic()
    meet.receive(reply_mail(meet.last(anna), NASTY[what]))
    assert time.monotonic() - began < 5
    assert meet.row(anna).answer == Answer.NONE
    assert meet.verdicts() in (["unreadable"], ["unknown event"])


def test_ten_megabytes_of_rubbish_are_recorded_and_harm_nothing(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    began = time.monotonic()
    rubbish = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"X-A:" + b"b" * 10 * 1024 * 1024
    arrival = meet.receive(reply_mail(meet.last(anna), rubbish))
    assert arrival.new
    assert time.monotonic() - began < 10
    assert meet.row(anna).answer == Answer.NONE


@pytest.mark.parametrize(
    "line",
    ["RECURRENCE-ID:00010101T000000Z", "DTSTART:99991231T235959Z", "DTSTART:00010101T000000Z"],
)
@pytest.mark.parametrize("method", ["REPLY", "COUNTER"])
def test_a_year_without_wall_clocks_is_recorded_and_does_no_harm(
    meet: Meet, anna: Person, line: str, method: str
) -> None:
    meet.change(recurrence="FREQ=WEEKLY")
    meet.invite(anna)
    raw = reply_ics(meet.last(anna), "ACCEPTED")
    raw = raw.replace(b"METHOD:REPLY", f"METHOD:{method}".encode())
    raw = raw.replace(b"END:VEVENT", line.encode() + b"\r\nEND:VEVENT")
    meet.receive(reply_mail(meet.last(anna), raw))
    assert meet.verdicts() == ["unreadable"]
