"""What is here stays what a calendar elsewhere says: differences are written, failures wait."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine
from sqlalchemy import event, select

from commsplan.calendars import refresh_clockwork, refreshing
from commsplan.calendars.blackout_rules import CalendarWish
from commsplan.calendars.fetching import BadAddress
from commsplan.calendars.import_read import expand
from commsplan.calendars.refreshing import CLAIMED, refresh
from commsplan.calendars.shared_actions import (
    bring_back,
    bring_file,
    change_calendar,
    look_now,
    make_calendar,
    take_away,
)
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.calendars.shared_queries import due_calendars, unreadable_since
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.bell import Rung
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from tests.calendars.foreign import event_of, file_of
from tests.calendars.shared import CHRISTMAS, NOW, calendar, from_file
from tests.cast import Cast
from tests.delivery.badly import Bad, bad_server

SECRET = "https://calendar.example/private-0123456789/basic.ics"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bad() -> Iterator[Bad]:
    with bad_server() as server:
        server.body = file_of(CHRISTMAS)
        server.headers = {"ETag": '"v1"'}
        yield server


@pytest.fixture
def holidays(cast: Cast) -> SharedCalendar:
    return calendar(cast, "holiday", "address", name="Holidays", address=SECRET)


def rows() -> list[tuple[str, str]]:
    found = db.session.scalars(select(ImportedEvent).order_by(ImportedEvent.starts_at))
    return [(one.title, f"{one.starts_at:%m-%d %H:%M}") for one in found]


def test_a_new_address_is_due_at_once_and_read(holidays: SharedCalendar, bad: Bad) -> None:
    assert due_calendars(now_utc()) == [holidays.id]
    assert refresh(holidays.id, bad.opener)
    assert rows() == [("Christmas", "12-24 23:00")]
    assert holidays.read_at == NOW
    assert holidays.next_at == NOW + timedelta(hours=6)
    assert due_calendars(now_utc()) == []


def test_a_file_that_is_not_read_to_its_end_leaves_what_was_read_before(
    holidays: SharedCalendar,
    bad: Bad,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refresh(holidays.id, bad.opener)
    before = rows()
    bad.body, bad.headers = file_of(CHRISTMAS, CHRISTMAS.replace("Christmas", "Yule")), {}
    clock.shift(timedelta(hours=7))
    monkeypatch.setattr(refreshing, "expand", partial(expand, seconds=-1.0))
    assert refresh(holidays.id, bad.opener)
    assert rows() == before
    assert holidays.failure == "too large"


def test_what_is_not_due_is_left_alone(holidays: SharedCalendar, bad: Bad) -> None:
    refresh(holidays.id, bad.opener)
    assert not refresh(holidays.id, bad.opener)
    assert len(bad.came) == 1


def test_while_somebody_looks_nobody_else_does(holidays: SharedCalendar, bad: Bad) -> None:
    with transaction():
        holidays.next_at = now_utc() + CLAIMED
    assert not refresh(holidays.id, bad.opener)


def test_one_that_died_while_looking_is_due_again(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller
) -> None:
    with transaction():
        holidays.next_at = now_utc() + CLAIMED
    clock.shift(CLAIMED)
    assert refresh(holidays.id, bad.opener)


def test_an_unchanged_calendar_costs_no_body_and_no_row(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller
) -> None:
    refresh(holidays.id, bad.opener)
    changed = holidays.changed_at
    clock.shift(timedelta(hours=6))
    bad.status, bad.body = 304, b""
    assert refresh(holidays.id, bad.opener)
    assert bad.came[1].headers["If-None-Match"] == '"v1"'
    assert holidays.read_at == now_utc()
    assert holidays.changed_at == changed
    assert rows() == [("Christmas", "12-24 23:00")]


def test_only_what_differs_is_written(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller
) -> None:
    stays = [event_of(f"DTSTART;VALUE=DATE:202612{n:02}", uid=f"{n}") for n in range(1, 21)]
    bad.body = file_of(*stays, CHRISTMAS)
    refresh(holidays.id, bad.opener)
    bad.body = file_of(*stays, CHRISTMAS.replace("SUMMARY:Christmas", "SUMMARY:Yule"))
    clock.shift(timedelta(hours=6))
    written: list[str] = []
    note = lambda _c, _cursor, statement, *_: written.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    refresh(holidays.id, bad.opener)
    event.remove(db.engine, "before_cursor_execute", note)
    touching = [line for line in written if "imported_event" in line and "SELECT" not in line]
    assert len(touching) == 1
    assert rows()[-1] == ("Yule", "12-24 23:00")


def test_what_is_gone_there_is_gone_here(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller
) -> None:
    refresh(holidays.id, bad.opener)
    bad.body = file_of()
    clock.shift(timedelta(hours=6))
    refresh(holidays.id, bad.opener)
    assert rows() == []


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"status": 503}, "status 503"),
        ({"body": b"<!doctype html><title>Sign in</title>"}, "page"),
        ({"body": b""}, "empty"),
        ({"manner": "close"}, "unreachable"),
    ],
)
def test_a_failure_is_named_and_changes_nothing_that_is_here(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller, change: dict[str, object],
    failure: str,
) -> None:  # fmt: skip
    refresh(holidays.id, bad.opener)
    for name, value in change.items():
        setattr(bad, name, value)
    clock.shift(timedelta(hours=6))
    refresh(holidays.id, bad.opener)
    assert holidays.failures == 1
    assert holidays.failure in {failure, "broken"}
    assert rows() == [("Christmas", "12-24 23:00")]
    assert holidays.read_at == NOW


def test_failures_are_tried_again_later_each_time_and_daily_at_least(
    holidays: SharedCalendar, bad: Bad, clock: time_machine.Traveller
) -> None:
    bad.status = 500
    pauses = []
    for _ in range(5):
        refresh(holidays.id, bad.opener)
        assert holidays.next_at is not None
        pauses.append((holidays.next_at - now_utc()).total_seconds() / 3600)
        clock.move_to(holidays.next_at)
    assert pauses == [6, 12, 24, 24, 24]
    bad.status = 200
    refresh(holidays.id, bad.opener)
    assert (holidays.failures, holidays.failure) == (0, "")


def test_a_server_that_asks_for_rest_gets_it(holidays: SharedCalendar, bad: Bad) -> None:
    bad.status, bad.headers = 429, {"Retry-After": "72000"}
    refresh(holidays.id, bad.opener)
    assert holidays.next_at == NOW + timedelta(hours=20)


def test_a_calendar_says_how_often_to_look_within_reason(cast: Cast, bad: Bad) -> None:
    for minutes, expected in ((5, 60), (240, 240), (99_999, 1440)):
        bad.body = file_of(f"REFRESH-INTERVAL;VALUE=DURATION:PT{minutes}M", CHRISTMAS)
        made = calendar(cast, "freeze", "address", name=f"Every {minutes}", address=SECRET)
        refresh(made.id, bad.opener)
        assert made.pause_minutes == expected


def test_the_window_moves_although_nothing_changes(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    yearly = event_of("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY", title="New Year")
    made = from_file(cast, yearly, kind="holiday")
    assert [moment for _title, moment in rows()] == ["12-31 23:00"] * 3
    clock.shift(timedelta(days=400))
    last = db.session.scalars(select(ImportedEvent.starts_at)).all()[-1]
    assert refresh(made.id)
    assert max(db.session.scalars(select(ImportedEvent.starts_at))) > last


def test_a_newer_file_takes_the_place_of_the_older_one(cast: Cast) -> None:
    made = from_file(cast, CHRISTMAS)
    bring_file(made, file_of(event_of("DTSTART:20261201T090000Z")), "newer.ics", cast.lead)
    assert refresh(made.id)
    assert rows() == [("Freeze", "12-01 09:00")]
    assert made.host == "newer.ics"


def test_bad_lines_are_kept_with_the_calendar(cast: Cast) -> None:
    made = from_file(cast, CHRISTMAS, event_of("DTSTART:tomorrow", uid="two"))
    assert made.problem_count == 1
    assert made.problems == [{"line": 13, "flaw": "value", "words": "DTSTART:tomorrow"}]
    assert made.event_count == 1


def test_what_was_changed_while_somebody_looked_is_not_overwritten(
    holidays: SharedCalendar, bad: Bad, cast: Cast
) -> None:
    def opener(host: str):  # type: ignore[no-untyped-def]
        wish = CalendarWish(
            cast.team.id, "Holidays", "holiday", "address", "Europe/Berlin",
            address="https://other.example/x.ics",
        )  # fmt: skip
        change_calendar(holidays, wish, cast.lead)
        return bad.opener(host)

    assert refresh(holidays.id, opener)
    assert rows() == []
    assert due_calendars(now_utc()) == [holidays.id]


def test_taken_away_it_is_not_looked_at_and_comes_back_due(
    holidays: SharedCalendar, bad: Bad, cast: Cast
) -> None:
    take_away(holidays, cast.lead)
    assert due_calendars(now_utc()) == []
    assert not refresh(holidays.id, bad.opener)
    bring_back(holidays, cast.lead)
    assert due_calendars(now_utc()) == [holidays.id]


def test_there_is_nothing_to_look_at_where_it_is_kept_by_hand(cast: Cast) -> None:
    with pytest.raises(NotNow):
        look_now(calendar(cast))


def test_neither_page_nor_audit_trail_nor_table_holds_the_address(
    holidays: SharedCalendar, cast: Cast
) -> None:
    kept = [str(vars(one)) for one in db.session.scalars(select(AuditEntry))]
    kept.append(str(vars(holidays)))
    assert not any("0123456789" in words for words in kept)
    page = cast.as_(cast.lead).get(f"/calendars/{holidays.id}").text
    assert "calendar.example" in page
    assert "0123456789" not in page


def test_names_for_pipelines_are_never_used_again(cast: Cast) -> None:
    first = calendar(cast, name="Zürich: Payments")
    take_away(first, cast.lead)
    assert first.slug == "zurich-payments"
    assert calendar(cast, name="Zürich Payments").slug == "zurich-payments-2"
    assert calendar(cast, name="Organisation").slug == "organisation-2"
    assert calendar(cast, name="支付").slug == "calendar"


def test_an_address_that_cannot_be_used_makes_no_calendar(cast: Cast) -> None:
    wish = CalendarWish(
        cast.team.id, "X", "freeze", "address", "UTC", address="https://localhost/x.ics"
    )
    with pytest.raises(BadAddress):
        make_calendar(wish, cast.lead)
    assert db.session.scalar(select(SharedCalendar)) is None


def test_the_timetable_rings_for_what_is_due(
    holidays: SharedCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[object, ...]] = []

    def ring(*what: object, at_most: int) -> Rung:
        rung.append((*what, at_most))
        return Rung.RUNG

    monkeypatch.setattr(refresh_clockwork, "ring", ring)
    refresh_clockwork.look_after_calendars()
    assert rung == [("chores", refresh_clockwork.LOOK, holidays.id, 1)]


def test_what_it_rings_for_is_there(cast: Cast) -> None:
    made = calendar(cast, "freeze", "file")
    bring_file(made, file_of(CHRISTMAS), "some.ics", cast.lead)
    assert pkgutil.resolve_name(refresh_clockwork.LOOK)(made.id)
    assert rows() == [("Christmas", "12-24 23:00")]


def test_without_a_queue_the_timetable_reads_by_itself(cast: Cast) -> None:
    made = calendar(cast, "freeze", "file")
    bring_file(made, file_of(CHRISTMAS), "some.ics", cast.lead)
    refresh_clockwork.look_after_calendars()
    assert rows() == [("Christmas", "12-24 23:00")]


def test_whoever_keeps_it_hears_of_one_that_fails_for_long(
    holidays: SharedCalendar, bad: Bad, cast: Cast
) -> None:
    bad.status = 404
    refresh(holidays.id, bad.opener)
    assert unreadable_since(now_utc(), cast.lead) == [holidays]
    assert unreadable_since(now_utc(), cast.outsider) == []


def test_times_are_kept_to_the_second(cast: Cast) -> None:
    from_file(cast, event_of("DTSTART:20261201T090001Z", "DURATION:PT1S"))
    (one,) = db.session.scalars(select(ImportedEvent)).all()
    assert (one.starts_at.second, one.ends_at - one.starts_at) == (1, timedelta(seconds=1))
    assert isinstance(one.starts_at, datetime)
