"""A worker that dies, sleeps or comes second does a staff list no harm."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people import imports
from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check, check_claimed
from commsplan.people.imports import (
    FORGOTTEN_AFTER,
    SILENT_AFTER,
    agree,
    beat,
    call_off,
    claim,
    receive,
    ring_waiting_imports,
    staff_import,
    stored,
    waiting_imports,
)
from commsplan.people.jobs import read_lists_without_bell
from commsplan.people.models import Person, StaffImport, StaffImportRow
from tests.cast import make_person
from tests.people.lists import bring, checked, person

ROW = "a@northwind.example,Ann,Ops"


def fall_silent(import_id: int) -> None:
    with transaction() as database:
        database.execute(
            update(StaffImport)
            .where(StaffImport.id == import_id)
            .values(beat_at=now_utc() - SILENT_AFTER - timedelta(seconds=1))
        )


def staged() -> int:
    return db.session.scalar(select(func.count()).select_from(StaffImportRow)) or 0


def test_a_list_that_is_being_checked_is_left_alone(app: Flask) -> None:
    brought = bring(ROW)
    assert claim(brought.id, "waiting", "checking")
    assert not check(brought.id)


def test_a_list_of_a_dead_worker_is_taken_over_from_the_start(app: Flask) -> None:
    brought = bring(ROW)
    claim(brought.id, "waiting", "checking")
    with transaction() as database:
        values = {
            column.name: "" for column in StaffImportRow.__table__.c if not column.nullable
        } | {"id": 1, "import_id": brought.id, "line": 2, "attributes": {}}
        database.add(StaffImportRow(**values))
    fall_silent(brought.id)
    assert [waiting.id for waiting in waiting_imports()] == [brought.id]
    assert check(brought.id)
    assert staged() == 1


def test_a_worker_that_wakes_up_late_notices(app: Flask) -> None:
    brought = bring(ROW)
    sleeper = claim(brought.id, "waiting", "checking")
    fall_silent(brought.id)
    assert check(brought.id)
    assert sleeper is not None
    assert beat(sleeper) is None
    assert not check_claimed(sleeper)
    assert staged() == 1


def test_calling_off_stops_the_check_between_batches(app: Flask) -> None:
    brought = bring(ROW, "b@northwind.example,Ben,Ops")
    mine = claim(brought.id, "waiting", "checking")
    assert mine is not None
    assert not check_claimed(mine, lambda _done, _rows: _call_off(brought))
    assert staff_import(brought.id).state == "cancelled"
    assert staged() == 0


def _call_off(brought: StaffImport) -> None:
    call_off(brought, by=None)


def test_a_worker_told_to_stop_gives_the_list_back(app: Flask) -> None:
    brought = bring(ROW)
    closing.set()
    try:
        assert not check(brought.id)
    finally:
        closing.clear()
    assert staff_import(brought.id).state == "waiting"


def test_a_list_is_applied_once_by_two_workers(app: Flask) -> None:
    brought = checked(ROW)
    agree(brought, leaving_confirmed=False, by=None)
    assert apply(brought.id)
    fall_silent(brought.id)
    assert not apply(brought.id)


def test_a_worker_killed_while_applying_left_nothing_and_is_followed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = checked(ROW)
    agree(brought, leaving_confirmed=False, by=None)
    with monkeypatch.context() as patch:
        patch.setattr("commsplan.people.import_applying.forget_rows", _die)
        with pytest.raises(KeyboardInterrupt):
            apply(brought.id)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    fall_silent(brought.id)
    assert apply(brought.id)
    assert person("a@northwind.example").name == "Ann"


def _die(_import_id: int) -> None:
    raise KeyboardInterrupt


def test_a_directory_that_changed_meanwhile_is_compared_and_shown_again(app: Flask) -> None:
    brought = checked(ROW)
    agree(brought, leaving_confirmed=False, by=None)
    with transaction():
        make_person("Zoe Late")
    assert not apply(brought.id)
    assert staff_import(brought.id).state == "waiting"
    assert check(brought.id)
    assert staff_import(brought.id).counts["leaving"] == 1
    assert person("zoe.late@northwind.example").left_on is None


def test_the_timetable_rings_for_what_waits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr(imports, "ring", lambda *what: rung.append(what))
    brought = bring(ROW)
    ring_waiting_imports()
    assert rung == [("chores", "commsplan.people.jobs.check_staff_list", brought.id)]


def test_without_a_queue_workers_find_the_list_themselves(app: Flask) -> None:
    brought = bring(ROW)
    read_lists_without_bell()
    assert staff_import(brought.id).state == "ready"
    agree(staff_import(brought.id), leaving_confirmed=False, by=None)
    read_lists_without_bell()
    assert staff_import(brought.id).state == "done"


def test_a_list_nobody_decides_about_is_called_off(app: Flask) -> None:
    brought = checked(ROW)
    with transaction() as database:
        database.execute(
            update(StaffImport).values(created_at=now_utc() - FORGOTTEN_AFTER - timedelta(hours=1))
        )
    ring_waiting_imports()
    assert staff_import(brought.id).state == "cancelled"
    assert not stored(brought).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty."),
        (b"Name,Team\nAnn,Ops\n", "The columns seen are: Name, Team."),
        (b"E-mail,Team\na@b.example,Ops\n", "No column is called name."),
        (b"\x00\x01\x02\x03\x00\x00", "This is not a text file."),
        (b"PK\x03\x04 broken", "neither a CSV file nor a workbook"),
        (b"\xd0\xcf\x11\xe0", "old .xls workbook"),
    ],
)
def test_an_unusable_file_is_refused_in_words(app: Flask, content: bytes, why: str) -> None:
    brought = receive(BytesIO(content), "staff.csv", None)
    assert check(brought.id)
    brought = staff_import(brought.id)
    assert brought.state == "refused"
    assert why in brought.why


def test_a_header_alone_would_mark_everybody_as_left_and_needs_a_yes(app: Flask) -> None:
    make_person("Ann Berg")
    brought = checked()
    assert (brought.counts["rows"], brought.counts["leaving"]) == (0, 1)
    with pytest.raises(imports.NotNow):
        agree(brought, leaving_confirmed=False, by=None)
