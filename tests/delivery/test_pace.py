"""Two workers keep a speed limit together, and a limit changed while they send takes effect."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import update

from commsplan.delivery import freezing
from commsplan.delivery.jobs import deliver
from commsplan.delivery.limit_actions import remove_limit, set_limit
from commsplan.delivery.pace import EMAIL, Pace
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.rates import Limit
from commsplan.delivery.relay_models import Relay
from commsplan.delivery.relays import found
from commsplan.delivery.windows import Row
from commsplan.foundation.bell import closing
from commsplan.foundation.database import db, transaction
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

PER_SECOND, BURST = 20, 20


class Workers:
    """Two workers that serve a send until told to stop."""

    def __init__(self, app: Flask, send_id: int) -> None:
        self.app, self.send_id, self.stop = app, send_id, Event()
        self.began = time.monotonic()
        self.threads = [Thread(target=self._work) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        while not self.stop.is_set():
            with self.app.app_context():
                if self.send_id in sends_with_work():
                    deliver(self.send_id)
                db.session.remove()
            self.stop.wait(0.05)

    def end(self) -> None:
        """Tell them to stop, and wait until they are gone."""
        self.stop.set()
        closing.set()
        for thread in self.threads:
            thread.join()
        closing.clear()


@pytest.fixture
def workers(
    app: Flask, stage: Stage, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workers]:
    """Two of them, at a send with chunks for both, limited to 20 copies a second."""
    monkeypatch.setattr(freezing, "CHUNK", 50)
    stage.more_people(600)
    send_id = stage.start().id
    set_limit(EMAIL, Limit(60 * PER_SECOND, BURST), None)
    db.session.rollback()
    two = Workers(app, send_id)
    yield two
    two.end()


def _in(sink: Sink, seconds: float) -> int:
    """Count what arrives in so many seconds from now."""
    before = sink.bodies
    time.sleep(seconds)
    return sink.bodies - before


def test_they_keep_the_limit_and_use_nine_tenths_of_it(workers: Workers, sink: Sink) -> None:
    time.sleep(5)
    seconds = time.monotonic() - workers.began
    assert 0.9 * PER_SECOND * 5 <= sink.bodies <= BURST + PER_SECOND * seconds


def test_a_change_takes_effect_while_they_send(workers: Workers, sink: Sink) -> None:
    time.sleep(1)
    set_limit(EMAIL, Limit(60 * 4, 2), None)
    time.sleep(3)
    assert 4 <= _in(sink, 2) <= 12
    remove_limit(EMAIL, None)
    time.sleep(3)
    assert sink.bodies > 250


def test_a_limit_that_lets_nothing_go_for_long_frees_the_worker(
    app: Flask, stage: Stage, sink: Sink
) -> None:
    send = stage.start()
    set_limit(EMAIL, Limit(6, 2), None)
    began = time.monotonic()
    deliver(send.id)
    assert time.monotonic() - began < 3
    assert stage.states() == {"accepted": 2, "planned": 4}
    assert {row.attempts for row in stage.rows() if row.state == "planned"} == {0}
    assert sends_with_work() == []
    stage.let_time_pass()
    assert sends_with_work() == [send.id]


def test_a_limited_domain_holds_no_other_up(app: Flask, stage: Stage, sink: Sink) -> None:
    stage.cast.employee.email = "emil@Other.example"
    db.session.commit()
    send = stage.start()
    set_limit(("domain", "northwind.example"), Limit(1, 1), None)
    deliver(send.id)
    assert stage.states() == {"accepted": 2, "planned": 4}
    assert "emil@Other.example" in sink.to


def _rows(*addresses: str) -> deque[Row]:
    nobody = ("", "", "", "", "", "", "", "", "", None)
    return deque(Row(number, one, 0, nobody) for number, one in enumerate(addresses))


def _pace_of_two() -> Pace:
    return Pace(found(read_relays("smtp://a:25 smtp://b:25")))


def test_without_a_limit_nothing_waits(app: Flask) -> None:
    waiting = _rows("a@x.example", "b@x.example", "c@x.example")
    choice = Pace([]).choose(waiting, 2)
    assert ([row.delivery_id for row in choice.going], choice.wait) == ([0, 1], 0)
    assert [row.delivery_id for row in waiting] == [2]


def test_a_mail_servers_limit_holds_for_its_part_of_the_copies(app: Flask) -> None:
    set_limit(("relay", "b:25"), Limit(1, 5), None)
    waiting = _rows(*[f"{n}@x.example" for n in range(20)])
    assert len(_pace_of_two().choose(waiting, 20).going) == 10


def test_what_went_to_another_mail_server_than_thought_is_corrected(app: Flask) -> None:
    set_limit(("relay", "b:25"), Limit(1, 5), None)
    waiting, pace = _rows(*[f"{n}@x.example" for n in range(40)]), _pace_of_two()
    for _row in pace.choose(waiting, 8).going:
        pace.went("a:25")
    assert len(pace.choose(waiting, 32).going) == 10


def test_a_mail_server_that_is_switched_off_limits_nothing(app: Flask) -> None:
    set_limit(("relay", "b:25"), Limit(1, 1), None)
    pace = _pace_of_two()
    with transaction() as database:
        gone = update(Relay).where(Relay.name == "b:25")
        database.execute(gone.values(switched_off_at=Relay.seen_at))
    assert len(pace.choose(_rows(*["a@x.example"] * 3), 3).going) == 3
