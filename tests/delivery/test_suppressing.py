"""Nothing is sent to an address on the list, mandatory or not, until somebody vouches for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from commsplan.delivery.bounce_models import Bounce, SuppressedAddress
from commsplan.delivery.copies import message_id
from commsplan.delivery.incoming import take_in
from commsplan.delivery.models import Delivery
from commsplan.delivery.queries import counts
from commsplan.delivery.suppressing import SuppressionWish, lift, lift_not, suppress
from commsplan.delivery.suppressions import BY_HAND, HARD, SOFT, suppression_of
from commsplan.delivery.verp import verp_sender
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from tests.delivery.conftest import Stage
from tests.delivery.letters import letter
from tests.delivery.sink import Sink

DAY = timedelta(days=1)


@pytest.fixture
def sent(stage: Stage, sink: Sink) -> Iterator[Stage]:
    stage.cast.app.config["BOUNCE_ADDRESS"] = "bounces@news.northwind.example"
    stage.deliver()
    yield stage
    stage.cast.app.config["BOUNCE_ADDRESS"] = ""


def _emil(stage: Stage) -> str:
    return stage.cast.employee.email


def _copy(stage: Stage) -> Delivery:
    return next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)


def _entries() -> list[SuppressedAddress]:
    db.session.expire_all()
    return list(db.session.scalars(select(SuppressedAddress).order_by(SuppressedAddress.id)))


def _soft(stage: Stage, number: int, days_ago: float) -> None:
    """Let a full mailbox bounce, so many days ago."""
    copy = _copy(stage)
    raw = letter(
        "postfix_mailbox_full",
        recipient=copy.address,
        message_id=message_id(copy.id),
        own_id=f"soft-{number}@mx1.northwind.example",
    )
    take_in(raw, verp_sender(copy.id))
    with transaction() as database:
        newest = select(Bounce.id).order_by(Bounce.id.desc()).limit(1).scalar_subquery()
        database.execute(
            update(Bounce)
            .where(Bounce.id == newest)
            .values(at=now_utc() - timedelta(days=days_ago))
            .execution_options(synchronize_session=False)
        )


def test_a_frozen_audience_leaves_the_address_out_and_says_why(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), HARD))
    send = stage.start()
    assert (_copy(stage).state, counts(send)["suppressed"]) == ("suppressed", 1)
    assert "suppression list" in _copy(stage).note


def test_a_mandatory_message_does_not_go_there_either(stage: Stage) -> None:
    stage.message.mandatory, stage.message.mandated_by_id = True, stage.cast.lead.id
    db.session.commit()
    suppress(SuppressionWish(_emil(stage), HARD))
    stage.start()
    assert _copy(stage).state == "suppressed"


def test_what_is_waiting_is_withheld(stage: Stage) -> None:
    send = stage.start()
    suppress(SuppressionWish(f" {_emil(stage).upper()} ", HARD))
    assert _copy(stage).state == "suppressed"
    assert counts(send)["planned"] == 5


def test_what_is_on_the_wire_or_done_stays(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    suppress(SuppressionWish(_emil(stage), HARD))
    assert _copy(stage).state == "accepted"


def test_one_that_has_ended_holds_nobody_back(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), SOFT, lasts=DAY))
    with transaction() as database:
        database.execute(update(SuppressedAddress).values(expires_at=now_utc() - DAY))
    stage.start()
    assert _copy(stage).state == "planned"


def test_a_new_address_of_the_person_is_not_concerned(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), HARD))
    stage.cast.employee.email = "emil.new@northwind.example"
    db.session.commit()
    stage.start()
    assert _copy(stage).state == "planned"


def test_twice_is_once(stage: Stage) -> None:
    assert suppress(SuppressionWish(_emil(stage), HARD)) is not None
    assert suppress(SuppressionWish(_emil(stage), HARD)) is None
    assert len(_entries()) == 1


def test_a_lasting_one_takes_the_place_of_a_short_one(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), SOFT, lasts=DAY))
    suppress(SuppressionWish(_emil(stage), HARD))
    assert [(one.reason, one.lifted_at is None) for one in _entries()] == [
        (SOFT, False),
        (HARD, True),
    ]


def test_a_short_one_does_not_shorten_a_lasting_one(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), HARD))
    assert suppress(SuppressionWish(_emil(stage), SOFT, lasts=DAY)) is None
    assert suppression_of(_emil(stage)).reason == HARD  # type: ignore[union-attr]  # it is there


def test_lifting_lets_mail_go_again_and_can_be_undone(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), BY_HAND), by=stage.cast.lead)
    entry = _entries()[0]
    lift(entry, stage.cast.lead)
    assert suppression_of(_emil(stage)) is None
    lift_not(entry, stage.cast.lead)
    assert suppression_of(_emil(stage)) is not None


def test_lifting_twice_is_refused(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), HARD))
    lift(_entries()[0], stage.cast.lead)
    with pytest.raises(NotNow):
        lift(_entries()[0], stage.cast.lead)


def test_undoing_is_refused_where_a_newer_one_holds(stage: Stage) -> None:
    suppress(SuppressionWish(_emil(stage), HARD))
    lift(_entries()[0], stage.cast.lead)
    suppress(SuppressionWish(_emil(stage), BY_HAND))
    with pytest.raises(NotNow):
        lift_not(_entries()[0], stage.cast.lead)


def test_three_soft_bounces_on_three_days_give_the_address_a_rest(sent: Stage) -> None:
    _soft(sent, 1, days_ago=9)
    _soft(sent, 2, days_ago=4)
    assert _entries() == []
    _soft(sent, 3, days_ago=0)
    (entry,) = _entries()
    assert entry.reason == SOFT
    assert entry.expires_at is not None
    assert timedelta(days=29) < entry.expires_at - now_utc() < timedelta(days=31)


def test_three_soft_bounces_on_one_day_do_not(sent: Stage) -> None:
    for number in range(3):
        _soft(sent, number, days_ago=0)
    assert _entries() == []


def test_a_delivery_between_makes_them_count_anew(sent: Stage) -> None:
    _soft(sent, 1, days_ago=9)
    with transaction() as database:
        week = now_utc() - timedelta(days=7)
        database.execute(
            update(Delivery)
            .where(Delivery.id == _copy(sent).id)
            .values(accepted_at=week, state="delivered")
        )
    _soft(sent, 2, days_ago=4)
    _soft(sent, 3, days_ago=0)
    assert _entries() == []


def test_soft_bounces_from_before_somebody_vouched_do_not_count(sent: Stage) -> None:
    _soft(sent, 1, days_ago=2)
    _soft(sent, 2, days_ago=1)
    suppress(SuppressionWish(_emil(sent), SOFT, lasts=DAY))
    lift(_entries()[0], sent.cast.lead)
    _soft(sent, 3, days_ago=0)
    assert suppression_of(_emil(sent)) is None


def test_a_late_hard_bounce_does_not_overrule_who_vouched_since(sent: Stage) -> None:
    with transaction() as database:
        database.execute(update(Delivery).values(accepted_at=now_utc() - DAY))
    suppress(SuppressionWish(_emil(sent), HARD))
    lift(_entries()[0], sent.cast.lead)
    take_in(letter("qmail", recipient=_emil(sent)), verp_sender(_copy(sent).id))
    assert suppression_of(_emil(sent)) is None
    assert _copy(sent).state == "bounced"
