"""A database whose disk is full ends the work; once there is room, nothing is lost or repeated."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from commsplan.delivery.jobs import deliver
from commsplan.delivery.models import Send
from commsplan.delivery.recovery import recover
from commsplan.foundation.database import db, is_sqlite
from commsplan.timetable import PERIODIC, run_once
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

PEOPLE = 300
ALL = PEOPLE + 6
LOOK_AFTER_SENDS = [job for job in PERIODIC if job.name == "sends"]
Full = Callable[[], AbstractContextManager[None]]

REFUSE = """
create function refuse() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
end $$;
create trigger no_space before update on delivery for each row
    when (new.state = 'accepted') execute function refuse();
"""


@contextmanager
def _full_sqlite() -> Iterator[None]:
    """Let the file grow no more: what SQLite itself says then is the real SQLITE_FULL."""
    with db.engine.connect() as connection:
        pages = connection.execute(text("pragma page_count")).scalar_one()

    def limit(connection: object, *_: object) -> None:
        connection.execute(f"pragma max_page_count = {pages}")  # type: ignore[attr-defined]  # the driver's

    event.listen(db.engine, "connect", limit)
    db.engine.dispose()
    try:
        yield
    finally:
        event.remove(db.engine, "connect", limit)
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _full_postgres() -> Iterator[None]:
    """Answer as PostgreSQL does when a page cannot be written (SQLSTATE 53100)."""
    with db.engine.begin() as connection:
        connection.execute(text(REFUSE))
    try:
        yield
    finally:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("drop trigger no_space on delivery; drop function refuse()"))


@pytest.fixture
def full(app: Flask) -> Iterator[Full]:
    """A way to fill the disk for a while."""
    yield _full_sqlite if is_sqlite() else _full_postgres
    db.session.remove()
    gc.collect()  # a broken statement's cursor keeps its file open: it hangs in what was raised


def _assert_everybody_got_one(stage: Stage, sink: Sink) -> None:
    """The line that was open when the work broke off may leave its one copy in doubt."""
    states = stage.states()
    doubtful = states.pop("uncertain", 0)
    assert doubtful <= 1
    assert states == {"accepted": ALL - doubtful}
    assert set(sink.copies.values()) == {1}
    assert len(sink.copies) >= ALL - doubtful


def test_copies_that_could_not_be_written_down_are_settled_by_the_journal(
    stage: Stage, sink: Sink, full: Full, finish: Callable[[], list[int]]
) -> None:
    stage.more_people(PEOPLE)
    send_id = stage.start().id
    with full(), pytest.raises(OperationalError, match=r"full|No space"):
        deliver(send_id)
    assert 0 < sink.bodies < ALL, "it broke while copies were on their way"
    recover()
    stage.let_time_pass()
    deliver(send_id)
    _assert_everybody_got_one(stage, sink)
    assert finish() == [send_id]


def test_the_timetable_goes_on_although_it_cannot_write(
    app: Flask, stage: Stage, sink: Sink, full: Full
) -> None:
    stage.more_people(PEOPLE)
    send_id = stage.start().id
    with full():
        with pytest.raises(OperationalError):
            deliver(send_id)
        for _ in range(2):
            run_once(app, LOOK_AFTER_SENDS)  # it cannot settle what the journal tells
    run_once(app, LOOK_AFTER_SENDS)
    stage.let_time_pass()
    deliver(send_id)
    run_once(app, LOOK_AFTER_SENDS)
    _assert_everybody_got_one(stage, sink)
    assert db.session.scalars(select(Send.state)).one() == "finished"
