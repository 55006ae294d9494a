"""A clock that was ahead and is set right does not hold mail up for as long as it was ahead."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from commsplan.delivery.buckets import take
from commsplan.delivery.jobs import deliver
from commsplan.delivery.relay_models import RateLimit
from commsplan.delivery.relays import found, note_away, usable
from commsplan.delivery.watching import note_seen
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

AHEAD = timedelta(hours=23)


def test_a_mail_server_is_tried_again(stage: Stage, sink: Sink) -> None:
    send = stage.start()
    (relay,) = found(read_relays(stage.cast.app.config["SMTP_URL"]))
    with time_machine.travel(now_utc() + AHEAD):
        note_away(relay.name, "nothing listens")
    assert usable([relay.name]) == {relay.name}
    deliver(send.id)
    assert stage.states() == {"accepted": 6}


def test_tokens_come_back(stage: Stage) -> None:
    key = ("channel", "email")
    with transaction() as database:
        database.add(
            RateLimit(
                scope=key[0], name=key[1], per_minute=60_000, burst=5, tokens=5,
                refilled_at=now_utc(),
            )
        )  # fmt: skip
    with time_machine.travel(now_utc() + AHEAD):
        assert take({key: 9})[key] == 5
    take({key: 1})
    with time_machine.travel(now_utc() + timedelta(seconds=1)):
        assert take({key: 5})[key] == 5


def test_a_running_send_is_looked_after(stage: Stage) -> None:
    send = stage.start()
    with time_machine.travel(now_utc() + AHEAD):
        note_seen()
    assert note_seen() == [send.id]
