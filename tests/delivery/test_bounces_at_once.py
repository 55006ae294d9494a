"""Reports that come at once, and the timetable beside them, do not get in each other's way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select, update

from commsplan.delivery.bounce_models import Bounce, SuppressedAddress
from commsplan.delivery.bouncing import settle_early
from commsplan.delivery.copies import message_id
from commsplan.delivery.histories import history_of
from commsplan.delivery.incoming import take_in
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery
from commsplan.delivery.tallies import recount, standings
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import Stage
from tests.delivery.letters import letter
from tests.delivery.sink import Sink


def _at_once(app: Flask, *tasks: Callable[[], object]) -> list[object]:
    """Run tasks in threads of their own, each with its own session."""
    db.session.commit()

    def run(task: Callable[[], object]) -> object:
        with app.app_context():
            return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        found = list(pool.map(run, tasks))
    db.session.expire_all()
    return found


def _report(copy_id: int, address: str) -> bytes:
    return letter("postfix_unknown_user", recipient=address, message_id=message_id(copy_id))


def _count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_one_report_by_four_ways_counts_once(app: Flask, stage: Stage, sink: Sink) -> None:
    stage.deliver()
    copy = stage.rows()[0]
    before = len(history_of(copy.id))
    raw = _report(copy.id, copy.address)
    found = _at_once(app, *[lambda: take_in(raw).new] * 4)
    assert sorted(map(str, found)) == ["False", "False", "False", "True"]
    assert (_count(Bounce), _count(SuppressedAddress)) == (1, 1)
    assert len(history_of(copy.id)) == before + 1


def test_reports_on_many_copies_at_once_are_all_taken(app: Flask, stage: Stage, sink: Sink) -> None:
    stage.more_people(20)
    send = stage.deliver()
    raws = [_report(row.id, row.address) for row in stage.rows()]
    _at_once(app, *[lambda part=part: [take_in(raw) for raw in part] for part in _dealt(raws, 4)])
    assert stage.states() == {"bounced": 26}
    recount()
    assert [(one.state.value, one.copies) for one in standings(send.id)] == [("bounced", 26)]


def _dealt(raws: list[bytes], hands: int) -> list[list[bytes]]:
    return [raws[start::hands] for start in range(hands)]


def test_two_timetables_apply_an_early_report_once(app: Flask, stage: Stage, sink: Sink) -> None:
    stage.deliver()
    copy = stage.rows()[0]
    with transaction() as database:
        database.execute(update(Delivery).values(state="sending"))
    take_in(_report(copy.id, copy.address))
    with transaction() as database:
        database.execute(update(Delivery).values(state="accepted"))
        database.execute(update(Chunk).values(tally=None))
    before = len(history_of(copy.id))
    assert sum(map(int, _at_once(app, settle_early, settle_early))) == 1  # type: ignore[call-overload]  # counts
    assert len(history_of(copy.id)) == before + 1
    assert stage.states() == {"accepted": 5, "bounced": 1}
