"""What comes back is taken in once, attributed by proof, and changes what it has to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from commsplan.delivery.bounce_models import Bounce, SuppressedAddress
from commsplan.delivery.bounce_rules import Kind
from commsplan.delivery.bouncing import forget_old_bounces, settle_early
from commsplan.delivery.copies import message_id
from commsplan.delivery.histories import history_of
from commsplan.delivery.incoming import Arrival, take_in
from commsplan.delivery.models import Delivery, Suppression
from commsplan.delivery.rules import State
from commsplan.delivery.verp import verp_sender
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import Stage
from tests.delivery.letters import letter
from tests.delivery.sink import Sink


@pytest.fixture
def sent(stage: Stage, sink: Sink) -> Iterator[Stage]:
    """Six copies that the mail server took, with return paths of their own."""
    config = stage.cast.app.config
    config["BOUNCE_ADDRESS"] = "bounces@news.northwind.example"
    stage.plan.may_unsubscribe = True
    db.session.commit()
    stage.deliver()
    yield stage
    config["BOUNCE_ADDRESS"] = ""


def _copy(stage: Stage) -> Delivery:
    return next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)


def _come(name: str, copy: Delivery, recipient: str | None = "", **values: str) -> Arrival:
    """Let a mail come in about a copy: by default to its return path."""
    path = verp_sender(copy.id)
    known = {"recipient": copy.address, "return_path": path, "message_id": message_id(copy.id)}
    return take_in(letter(name, **{**known, **values}), path if recipient == "" else recipient)


def _put(copy: Delivery, **values: object) -> None:
    with transaction() as database:
        database.execute(update(Delivery).where(Delivery.id == copy.id).values(**values))


def _suppressed() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(SuppressedAddress.reason)))


def test_a_hard_bounce_brings_the_copy_back_and_ends_the_address(sent: Stage) -> None:
    copy = _copy(sent)
    arrival = _come("postfix_unknown_user", copy)
    assert (arrival.kind, arrival.moved) == (Kind.HARD, State.BOUNCED)
    assert _copy(sent).state == "bounced"
    assert _suppressed() == ["hard bounce"]


def test_the_note_is_the_server_s_words_without_the_address(sent: Stage) -> None:
    _come("postfix_unknown_user", _copy(sent))
    note = _copy(sent).note
    assert "User unknown in virtual mailbox table" in note
    assert "@" not in note


def test_the_copy_s_history_has_a_line(sent: Stage) -> None:
    _come("postfix_unknown_user", _copy(sent))
    entry = history_of(_copy(sent).id)[-1]
    assert (entry.state, entry.worker) == ("bounced", "inbox")
    assert "User unknown" in entry.note


def test_the_same_report_again_changes_nothing(sent: Stage) -> None:
    copy = _copy(sent)
    _come("postfix_unknown_user", copy)
    lines = len(history_of(copy.id))
    again = _come("postfix_unknown_user", copy)
    assert not again.new
    assert len(history_of(copy.id)) == lines
    assert len(db.session.scalars(select(Bounce)).all()) == 1


def test_a_report_without_an_id_is_known_again_by_its_content(sent: Stage) -> None:
    assert _come("qmail", _copy(sent)).new
    assert not _come("qmail", _copy(sent)).new


def test_a_full_mailbox_ends_the_copy_but_not_the_address(sent: Stage) -> None:
    arrival = _come("postfix_mailbox_full", _copy(sent))
    assert (arrival.kind, arrival.moved) == (Kind.SOFT, State.BOUNCED)
    assert _suppressed() == []


def test_a_delay_is_only_written_down(sent: Stage) -> None:
    arrival = _come("postfix_delayed", _copy(sent))
    assert (arrival.kind, arrival.moved) == (Kind.DELAYED, None)
    assert _copy(sent).state == "accepted"
    assert "timed out" in history_of(_copy(sent).id)[-1].note


def test_a_delivery_report_makes_it_delivered(sent: Stage) -> None:
    assert _come("postfix_delivered", _copy(sent)).moved == State.DELIVERED


def test_what_was_delivered_stays_so(sent: Stage) -> None:
    _come("postfix_delivered", _copy(sent))
    assert _come("postfix_mailbox_full", _copy(sent)).moved is None
    assert _copy(sent).state == "delivered"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("postfix_unknown_user", "bounced"),
        ("postfix_mailbox_full", "bounced"),
        ("postfix_delivered", "delivered"),
        ("postfix_delayed", "accepted"),
        ("out_of_office_de", "accepted"),
        ("reply_of_a_person", "accepted"),
    ],
)
def test_whatever_comes_back_settles_a_doubt(sent: Stage, name: str, state: str) -> None:
    _put(_copy(sent), state="uncertain", accepted_at=None)
    _come(name, _copy(sent))
    assert _copy(sent).state == state
    assert _copy(sent).accepted_at is not None


@pytest.mark.parametrize("state", ["planned", "failed", "cancelled", "suppressed", "skipped_late"])
def test_other_states_stay(sent: Stage, state: str) -> None:
    _put(_copy(sent), state=state)
    assert _come("postfix_mailbox_full", _copy(sent)).moved is None
    assert _copy(sent).state == state


def test_the_message_id_attributes_without_a_return_path(sent: Stage) -> None:
    arrival = _come("gmail_no_such_account", _copy(sent), None, return_path="x@y.example")
    assert arrival.delivery_id == _copy(sent).id


def test_the_return_path_counts_before_the_message_id(sent: Stage) -> None:
    copy, other = _copy(sent), sent.rows()[0]
    assert copy.id != other.id
    arrival = _come("postfix_unknown_user", copy, message_id=message_id(other.id))
    assert arrival.delivery_id == copy.id


@pytest.mark.parametrize("forged", ["d{id}.0123456789abcdef@localhost", "d{id}@localhost", ""])
def test_a_forged_report_is_kept_but_hurts_nobody(sent: Stage, forged: str) -> None:
    copy = _copy(sent)
    forged_path = f"bounces+{copy.id}.0123456789abcdef0123@news.northwind.example"
    arrival = _come(
        "postfix_unknown_user",
        copy,
        forged_path,
        return_path=forged_path,
        message_id=forged.format(id=copy.id),
    )
    assert (arrival.delivery_id, arrival.new) == (None, True)
    assert _copy(sent).state == "accepted"
    assert _suppressed() == []


def test_a_report_about_a_copy_that_is_gone_is_kept(sent: Stage) -> None:
    path = verp_sender(10**9)
    assert take_in(letter("postfix_unknown_user"), path).delivery_id is None


def test_a_report_that_names_a_colleague_hurts_only_the_copy_it_is_proved_by(sent: Stage) -> None:
    raw = letter("postfix_unknown_user", recipient=sent.cast.lead.email)
    take_in(raw, verp_sender(_copy(sent).id))
    hit = db.session.scalars(select(SuppressedAddress)).one()
    assert hit.address == sent.cast.employee.email


def test_an_early_report_waits_for_the_worker(sent: Stage) -> None:
    _put(_copy(sent), state="sending")
    assert _come("postfix_unknown_user", _copy(sent)).moved is None
    assert settle_early() == 0
    _put(_copy(sent), state="accepted")
    assert settle_early() == 1
    assert _copy(sent).state == "bounced"
    assert settle_early() == 0


def test_an_automatic_answer_changes_nothing(sent: Stage) -> None:
    arrival = _come("out_of_office_en", _copy(sent))
    assert (arrival.kind, arrival.moved) == (Kind.AUTO_REPLY, None)
    assert _copy(sent).state == "accepted"


def test_a_complaint_leaves_the_plan_and_not_the_address(sent: Stage) -> None:
    assert _come("arf_abuse", _copy(sent), None).kind == Kind.COMPLAINT
    left = db.session.scalars(select(Suppression)).one()
    assert (left.person_id, left.reason) == (sent.cast.employee.id, "complaint")
    assert _suppressed() == []


def test_a_plan_that_cannot_be_left_is_not_left_by_a_complaint(sent: Stage) -> None:
    sent.plan.may_unsubscribe = False
    db.session.commit()
    assert _come("arf_abuse", _copy(sent), None).kind == Kind.COMPLAINT
    assert db.session.scalars(select(Suppression)).all() == []


def test_what_is_too_large_is_kept_as_not_understood(sent: Stage) -> None:
    sent.cast.app.config["INBOX_LIMIT_MB"] = 1
    arrival = take_in(b"x" * (1024 * 1024 + 1), verp_sender(_copy(sent).id))
    sent.cast.app.config["INBOX_LIMIT_MB"] = 10
    assert arrival.kind == Kind.OTHER
    assert db.session.scalars(select(Bounce.words)).one() == "Too large."


def test_nothing_of_a_mail_but_words_is_kept(sent: Stage) -> None:
    _come("postfix_unknown_user", _copy(sent))
    row = db.session.scalars(select(Bounce)).one()
    kept = [str(getattr(row, column.key)) for column in Bounce.__table__.columns]
    assert not [value for value in kept if "@" in value or "office moves" in value]


def test_single_bounces_are_forgotten_in_time(sent: Stage) -> None:
    _come("postfix_unknown_user", _copy(sent))
    assert forget_old_bounces(timedelta(days=1)) == 0
    with transaction() as database:
        database.execute(update(Bounce).values(at=now_utc() - timedelta(days=2)))
    assert forget_old_bounces(timedelta(days=1)) == 1
    assert _suppressed() == ["hard bounce"]
