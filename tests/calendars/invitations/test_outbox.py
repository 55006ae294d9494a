"""The outbox loses no mail, repeats none silently, and shows what is in doubt."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from commsplan.calendars import outbox
from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_rules import MailState
from commsplan.calendars.inviting import invite
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.invitation_clockwork import look_after_invitations
from commsplan.delivery.invitation_round import invitation_journals, recover_invitations
from commsplan.delivery.journal import Journal
from commsplan.delivery.limit_actions import set_limit
from commsplan.delivery.rates import Limit, Scope
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from tests.calendars.invitations.conftest import Meet, events_of
from tests.delivery.processes import settings_of


def make_due() -> None:
    """Let the waiting time of a second try pass."""
    with transaction() as database:
        database.execute(update(InvitationMail).values(due_at=now_utc() - timedelta(minutes=1)))


def message_ids(meet: Meet) -> set[str]:
    return {mail["Message-ID"] for mail in meet.sink.mails}


def test_a_mail_refused_for_now_is_tried_again_under_the_same_identity(
    meet: Meet, anna: Person
) -> None:
    answers = iter(["451 Later", "250 Fine"])
    meet.sink.at_end = lambda _server, _number: _said(next(answers))
    meet.invite(anna)
    assert meet.states() == [("invitation", "planned")]
    make_due()
    meet.post()
    assert meet.states() == [("invitation", "accepted")]
    assert len(meet.sink.mails) == 1


def test_a_refused_mail_has_failed_and_can_be_sent_again(meet: Meet, anna: Person) -> None:
    meet.sink.at_rcpt = lambda _server, _address, number: "550 No" if number == 1 else None
    meet.invite(anna)
    assert meet.states() == [("invitation", "failed")]
    outbox.resolve([meet.activity.id], again=True, by=meet.cast.lead)
    meet.post()
    assert meet.states() == [("invitation", "accepted")]


def test_a_line_cut_after_the_final_dot_leaves_a_doubt_that_is_not_repeated(
    meet: Meet, anna: Person
) -> None:
    meet.sink.at_end = lambda _server, number: "taken, line cut" if number == 1 else None
    meet.invite(anna)
    assert meet.states() == [("invitation", "uncertain")]
    meet.post()
    assert len(meet.sink.mails) == 1
    outbox.resolve([meet.activity.id], again=True, by=meet.cast.lead)
    meet.post()
    assert len(meet.sink.mails) == 2
    assert len(message_ids(meet)) == 1
    first, second = (events_of(mail)[0].to_ical() for mail in meet.sink.mails)
    assert first == second


def test_doubtful_mails_can_be_taken_as_arrived(meet: Meet, anna: Person) -> None:
    meet.sink.at_end = lambda _server, _number: "taken, line cut"
    meet.invite(anna)
    outbox.resolve([meet.activity.id], again=False, by=meet.cast.lead)
    assert meet.states() == [("invitation", "accepted")]
    with pytest.raises(NotNow):
        outbox.resolve([meet.activity.id], again=False, by=meet.cast.lead)


@pytest.mark.parametrize(
    ("written", "state"),
    [("", "planned"), ("body", "uncertain"), ("body 250", "accepted"), ("body 550", "failed")],
)
def test_a_dead_worker_is_judged_by_its_journal(
    meet: Meet, anna: Person, written: str, state: str
) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    journal = Journal(invitation_journals())
    (claimed,) = outbox.claim(journal.worker, 5)
    if "body" in written:
        journal.body(claimed.mail_id, claimed.fence)
    if " " in written:
        journal.reply(claimed.mail_id, claimed.fence, int(written.split()[1]))
    recover_invitations()
    assert meet.states() == [("invitation", "sending")]  # its worker lives
    journal.close(settled=False)
    recover_invitations()
    assert meet.states() == [("invitation", state)]


def test_a_worker_of_another_machine_is_given_up_with_its_lease(meet: Meet, anna: Person) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    outbox.claim("elsewhere-1", 5)
    recover_invitations()
    assert meet.states() == [("invitation", "sending")]
    with transaction() as database:
        database.execute(update(InvitationMail).values(lease_until=now_utc() - timedelta(1)))
    recover_invitations()
    assert meet.states() == [("invitation", "uncertain")]


@pytest.mark.parametrize(
    ("moment", "state", "copies"), [("write", "planned", 0), ("reply", "uncertain", 1)]
)
def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(
    meet: Meet, anna: Person, app: Flask, moment: str, state: str, copies: int
) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    db.session.remove()
    worker = subprocess.run(
        [sys.executable, "-m", "tests.calendars.invitations.killed_worker", moment],
        env={**os.environ, **settings_of(app)},
        timeout=60,
        capture_output=True,
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
    recover_invitations()
    assert meet.states() == [("invitation", state)]
    assert len(meet.sink.mails) == copies
    meet.post()
    assert len(meet.sink.mails) == 1
    assert len(message_ids(meet)) == 1


def test_what_comes_back_under_an_old_fence_changes_nothing(meet: Meet, anna: Person) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    (claimed,) = outbox.claim("slow", 5)
    outbox.settle(claimed.mail_id, claimed.fence, MailState.PLANNED)
    (again,) = outbox.claim("quick", 5)
    assert not outbox.settle(claimed.mail_id, claimed.fence, MailState.FAILED)
    assert outbox.settle(again.mail_id, again.fence, MailState.ACCEPTED)


def test_two_workers_never_take_the_same_mail(meet: Meet, anna: Person, bela: Person) -> None:
    invite(meet.activity, [anna.id, bela.id], meet.cast.lead)
    first, second = outbox.claim("one", 1), outbox.claim("two", 5)
    assert {one.mail_id for one in first}.isdisjoint(one.mail_id for one in second)
    assert outbox.claim("three", 5) == []


def test_the_row_is_written_with_the_invitation_or_not_at_all(meet: Meet, anna: Person) -> None:
    def invite_and_crash() -> None:
        with transaction():
            invite(meet.activity, [anna.id], meet.cast.lead)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        invite_and_crash()
    assert db.session.scalars(select(InvitationMail)).all() == []


def test_nothing_goes_to_a_suppressed_address(meet: Meet, anna: Person) -> None:
    db.session.add(SuppressedAddress(address=anna.email, reason="by hand", since=now_utc()))
    db.session.commit()
    meet.invite(anna)
    assert meet.states() == [("invitation", "suppressed")]
    assert meet.sink.mails == []


def test_a_speed_limit_holds_invitations_back_too(meet: Meet, anna: Person, bela: Person) -> None:
    set_limit((Scope.CHANNEL, "email"), Limit(1, 1), meet.cast.admin)
    meet.invite(anna, bela)
    assert sorted(state for _kind, state in meet.states()) == ["accepted", "planned"]


def test_a_mail_server_that_is_away_costs_nothing(meet: Meet, anna: Person, app: Flask) -> None:
    before = app.config["SMTP_URL"]
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    meet.invite(anna)
    app.config["SMTP_URL"] = before
    assert meet.states() == [("invitation", "planned")]
    assert db.session.scalars(select(InvitationMail.attempts)).one() == 0


def test_the_timetable_looks_after_them(meet: Meet, anna: Person) -> None:
    invite(meet.activity, [anna.id], meet.cast.lead)
    look_after_invitations()
    assert meet.states() == [("invitation", "planned")]  # nobody hears the bell; nothing is lost
    meet.post()
    assert meet.states() == [("invitation", "accepted")]


def _said(answer: str) -> str | None:
    return None if answer.startswith("250") else answer
