"""A send in parts: everybody is in exactly one, by a fair lot, and each opens in its turn."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select

from commsplan.delivery.actions import schedule
from commsplan.delivery.freezing import freeze
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.timing import Timing
from commsplan.delivery.waves import Wave, bounds
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from tests.delivery.conftest import Stage
from tests.delivery.test_wave_rules import waves
from tests.messages.stage import make_message

HOUR = timedelta(hours=1)


def _start(stage: Stage, timing: Timing) -> Send:
    send = schedule(stage.message, now_utc() - timedelta(seconds=1), stage.cast.lead, timing)
    assert start_due_sends() == [send.id]
    return send


def _sizes(stage: Stage) -> dict[int, int]:
    return dict(Counter(row.wave for row in stage.rows()))


def test_parts_have_their_sizes_and_the_rest_comes_last(stage: Stage) -> None:
    stage.more_people(94)
    _start(stage, Timing(waves=(Wave(10, None, 60), Wave(None, 25, 30))))
    assert _sizes(stage) == {0: 10, 1: 25, 2: 65}


def test_each_part_opens_after_its_pause(stage: Stage) -> None:
    send = _start(stage, Timing(waves=(Wave(None, 2, 60), Wave(None, 2, 30))))
    assert send.started_at
    opens = {row.wave: row.not_before - send.started_at for row in stage.rows()}
    assert opens == {0: timedelta(), 1: HOUR, 2: HOUR * 1.5}


def test_in_local_time_each_readers_part_is_later_on_their_own_clock(stage: Stage) -> None:
    stage.cast.employee.zone = "Asia/Tokyo"
    nine = datetime.combine((now_utc() + timedelta(days=2)).date(), datetime.min.time())
    _start(stage, Timing(local_time=nine, waves=(Wave(50, None, 60),)))
    moments = {(row.person.zone, row.wave): row.not_before for row in stage.rows()}
    assert moments["Europe/Berlin", 1] - moments["Europe/Berlin", 0] == HOUR


def test_who_cannot_get_it_takes_nobodys_place(stage: Stage) -> None:
    stage.cast.employee.email = "nothing"
    _start(stage, Timing(waves=(Wave(None, 3, 60),)))
    assert Counter(row.wave for row in stage.rows() if row.state == "planned") == {0: 3, 1: 2}


def test_the_lot_is_the_same_every_time_and_another_for_another_message(stage: Stage) -> None:
    stage.more_people(60)
    send = _start(stage, Timing(waves=(Wave(20, None, 60),)))
    first = _first_part(send)
    _freeze_again(send)
    assert _first_part(send) == first
    with transaction():
        send.message_id = _another_message(stage)
    _freeze_again(send)
    assert _first_part(send) != first


def test_the_lot_is_not_by_the_directory(stage: Stage) -> None:
    """Of 200 people the first tenth has some of each fifth, as a lot would, not 20 neighbours."""
    stage.more_people(194)
    send = _start(stage, Timing(waves=(Wave(10, None, 60),)))
    people = sorted(row.person_id for row in stage.rows())
    fifths = {people.index(person) // 40 for person in _first_part(send)}
    assert fifths == {0, 1, 2, 3, 4}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(parts=waves, people=some.integers(0, 40))
def test_everybody_is_in_exactly_one_part_of_the_right_size(
    stage: Stage, parts: list[Wave], people: int
) -> None:
    hired = [person.id for person in stage.more_people(people)] if people else []
    with transaction() as database:
        database.execute(delete(Chunk))
        database.execute(delete(Delivery))
        database.execute(delete(Send))
        stage.message.state = "draft"
    send = _start(stage, Timing(waves=tuple(parts)))
    rows = stage.rows()
    assert len({row.person_id for row in rows}) == len(rows) == send.addressed == people + 6
    reaches = [0, *bounds(parts, people + 6), people + 6]
    sizes = [last - first for first, last in pairwise(reaches)]
    assert [_sizes(stage).get(number, 0) for number in range(len(parts) + 1)] == sizes
    with transaction() as database:
        database.execute(delete(Chunk))
        database.execute(delete(Delivery))
        database.execute(delete(Person).where(Person.id.in_(hired)))


@pytest.mark.parametrize("people", [0, 700])
def test_chunks_hold_neighbours_of_one_moment(stage: Stage, people: int) -> None:
    stage.more_people(people)
    _start(stage, Timing(waves=(Wave(30, None, 60),)))
    chunks = db.session.scalars(select(Chunk).order_by(Chunk.first_id)).all()
    assert all(one.last_id - one.first_id == one.copies - 1 for one in chunks)
    assert sum(one.copies for one in chunks) == people + 6
    for one in chunks:
        held = [row for row in stage.rows() if one.first_id <= row.id <= one.last_id]
        assert {row.not_before for row in held} == {one.not_before}


def _first_part(send: Send) -> set[int]:
    return set(
        db.session.scalars(
            select(Delivery.person_id).where(Delivery.send_id == send.id, Delivery.wave == 0)
        )
    )


def _freeze_again(send: Send) -> None:
    with transaction() as database:
        database.execute(delete(Chunk))
        database.execute(delete(Delivery))
        freeze(send)


def _another_message(stage: Stage) -> int:
    other = make_message(stage.cast, stage.plan)
    other.audience_id = stage.audience.id
    db.session.flush()
    return other.id
