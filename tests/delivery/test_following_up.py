"""What follows a send reaches exactly whom it concerns, once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import select, update

from commsplan.delivery.actions import schedule
from commsplan.delivery.copies import message_id
from commsplan.delivery.followups import begin_letter, offers, send_again
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.rules import SendKind, State
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import cancel_send
from commsplan.delivery.tallies import lock_chunks_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.receipts.models import Confirmation
from tests.cast import make_person
from tests.delivery.conftest import Stage
from tests.delivery.endings import ended, settle

TOP_UP, RESEND = SendKind.TOP_UP, SendKind.RESEND
CORRECTION, RECALL, REMINDER = SendKind.CORRECTION, SendKind.RECALL, SendKind.REMINDER


@pytest.fixture
def sent(stage: Stage) -> Send:
    """A send that ended in every way."""
    return ended(stage)


def _people(send: Send) -> set[int]:
    found = select(Delivery.person_id).where(Delivery.send_id == send.id)
    return set(db.session.scalars(found))


def _ids(*people: Person) -> set[int]:
    return {person.id for person in people}


def _start(send: Send) -> Send:
    assert start_due_sends() == [send.id]
    db.session.refresh(send)
    return send


def _send_letter(message: Message, stage: Stage) -> Send:
    message.contact_id = stage.cast.lead.id
    db.session.commit()
    return _start(schedule(message, now_utc(), stage.cast.lead))


# To those who joined later


def test_a_top_up_reaches_those_who_joined_later_with_the_same_text(
    stage: Stage, sent: Send
) -> None:
    joined = _ids(*stage.more_people(3))
    again = _start(send_again(sent, TOP_UP, stage.cast.lead))
    assert _people(again) == joined
    assert (again.version_id, again.kind, again.of_send_id) == (sent.version_id, "top-up", sent.id)


def test_a_second_top_up_has_nobody_left(stage: Stage, sent: Send) -> None:
    stage.more_people(3)
    settle(_start(send_again(sent, TOP_UP, stage.cast.lead)))
    with pytest.raises(NotNow):
        send_again(sent, TOP_UP, stage.cast.lead)
    assert len(stage.rows()) == 9


def test_two_top_ups_at_once_are_one(stage: Stage, sent: Send) -> None:
    stage.more_people(3)
    send_again(sent, TOP_UP, stage.cast.lead)
    with pytest.raises(NotNow):
        send_again(sent, TOP_UP, stage.cast.teammate)


def test_a_top_up_that_is_taken_back_leaves_the_message_sent(stage: Stage, sent: Send) -> None:
    stage.more_people(3)
    cancel_send(send_again(sent, TOP_UP, stage.cast.lead), stage.cast.lead)
    db.session.refresh(stage.message)
    assert stage.message.state == "sent"


def test_a_top_up_that_is_stopped_leaves_the_message_sent(stage: Stage, sent: Send) -> None:
    stage.more_people(3)
    cancel_send(_start(send_again(sent, TOP_UP, stage.cast.lead)), stage.cast.lead)
    db.session.refresh(stage.message)
    assert stage.message.state == "sent"


def test_a_top_up_of_a_top_up_follows_the_first(stage: Stage, sent: Send) -> None:
    stage.more_people(1)
    again = _start(send_again(sent, TOP_UP, stage.cast.lead))
    settle(again)
    make_person("Nele New")
    db.session.commit()
    third = send_again(again, TOP_UP, stage.cast.lead)
    assert third.of_send_id == sent.id


def test_a_running_send_has_no_top_up(stage: Stage) -> None:
    send = stage.start()
    stage.more_people(1)
    assert offers(send) == {}
    with pytest.raises(NotNow):
        send_again(send, TOP_UP, stage.cast.lead)


# Again to those it failed for


def test_a_resend_reaches_those_it_failed_for_in_a_new_round(stage: Stage, sent: Send) -> None:
    again = _start(send_again(sent, RESEND, stage.cast.lead))
    assert _people(again) == _ids(stage.cast.employee, stage.cast.sponsor)
    rounds = {row.round for row in stage.rows() if row.send_id == again.id}
    assert rounds == {2}


def test_a_resent_copy_has_a_message_id_of_its_own(stage: Stage, sent: Send) -> None:
    _start(send_again(sent, RESEND, stage.cast.lead))
    copies = [row for row in stage.rows() if row.person_id == stage.cast.employee.id]
    assert len({message_id(row.id) for row in copies}) == 2


def test_who_has_it_since_gets_no_other(stage: Stage, sent: Send) -> None:
    settle(_start(send_again(sent, RESEND, stage.cast.lead)))
    assert RESEND not in offers(sent)
    with pytest.raises(NotNow):
        send_again(sent, RESEND, stage.cast.lead)


def test_who_left_the_plans_mails_or_the_company_is_left_out(stage: Stage, sent: Send) -> None:
    left = Suppression(
        person_id=stage.cast.employee.id, plan_id=stage.plan.id, reason="page", at=now_utc()
    )
    db.session.add(left)
    stage.cast.sponsor.left_on = now_utc().date()
    db.session.commit()
    assert RESEND not in offers(sent)


def test_who_has_no_address_still_is_left_out(stage: Stage, sent: Send) -> None:
    stage.cast.employee.email = "nothing"
    db.session.commit()
    assert offers(sent)[RESEND] == 1


def test_those_a_cancel_kept_it_from_can_have_it_again(stage: Stage) -> None:
    send = stage.start()
    _settle_some(send, [stage.cast.lead])
    cancel_send(send, stage.cast.lead)
    again = _start(send_again(send, RESEND, stage.cast.lead))
    assert len(_people(again)) == 5
    assert stage.cast.lead.id not in _people(again)


# Correction and recall


@pytest.mark.parametrize("kind", [CORRECTION, RECALL])
def test_a_letter_reaches_exactly_those_who_had_it(
    stage: Stage, sent: Send, kind: SendKind
) -> None:
    cast = stage.cast
    make_person("Nele New")
    letter = _send_letter(begin_letter(sent, kind, cast.lead), stage)
    assert _people(letter) == _ids(cast.lead, cast.teammate, cast.outsider, cast.admin)
    assert (letter.kind, letter.of_send_id) == (kind.value, sent.id)


def test_who_had_it_by_a_top_up_gets_the_correction_too(stage: Stage, sent: Send) -> None:
    joined = _ids(*stage.more_people(2))
    settle(_start(send_again(sent, TOP_UP, stage.cast.lead)))
    letter = _send_letter(begin_letter(sent, CORRECTION, stage.cast.lead), stage)
    assert joined < _people(letter)


def test_who_has_left_gets_no_correction(stage: Stage, sent: Send) -> None:
    stage.cast.admin.left_on = now_utc().date()
    db.session.commit()
    letter = _send_letter(begin_letter(sent, CORRECTION, stage.cast.lead), stage)
    assert stage.cast.admin.id not in _people(letter)


def test_a_changed_audience_changes_nothing(stage: Stage, sent: Send) -> None:
    message = begin_letter(sent, CORRECTION, stage.cast.lead)
    message.audience_id = None
    letter = _send_letter(message, stage)
    assert len(_people(letter)) == 4


def test_the_words_to_start_from_hold_the_letter_back_until_they_are_completed(
    stage: Stage, sent: Send
) -> None:
    message = begin_letter(sent, CORRECTION, stage.cast.lead)
    assert message.latest.subject.startswith("Correction: ")
    answer = stage.cast.as_(stage.cast.lead).post(
        f"/messages/{message.id}/schedule", data={"when": "now"}
    )
    assert answer.status_code == 422
    assert "write here what is right" in answer.text


def test_the_schedule_page_says_who_gets_it(stage: Stage, sent: Send) -> None:
    message = begin_letter(sent, CORRECTION, stage.cast.lead)
    page = stage.cast.as_(stage.cast.lead).get(f"/messages/{message.id}/schedule").text
    assert "4 people get it by e-mail" in page
    assert "exactly those who had that message" in page


# Reminder


def test_a_reminder_reaches_those_who_had_it_and_have_not_answered(
    stage: Stage, sent: Send
) -> None:
    cast = stage.cast
    _confirm(stage, [cast.teammate])
    letter = _send_letter(begin_letter(sent, REMINDER, cast.lead), stage)
    assert _people(letter) == _ids(cast.lead, cast.outsider)


def _settle_some(send: Send, people: Iterable[Person]) -> None:
    with transaction() as database:
        lock_chunks_of([send.id])
        mine = Delivery.person_id.in_([person.id for person in people])
        database.execute(update(Delivery).where(mine).values(state=State.ACCEPTED))


def _confirm(stage: Stage, people: Iterable[Person]) -> None:
    with transaction() as database:
        for row in stage.rows():
            if row.person_id in {person.id for person in people}:
                database.add(Confirmation(delivery_id=row.id, kind="done", at=now_utc()))
