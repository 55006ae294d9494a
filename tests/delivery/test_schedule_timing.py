"""The schedule page takes local time, parts and limits, and says what will happen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from commsplan.delivery.forms import ScheduleWish, read_schedule
from commsplan.delivery.hours import QuietHours
from commsplan.delivery.models import Send
from commsplan.delivery.schedules import timing_of
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.delivery.timing_form import written
from commsplan.delivery.waves import Wave
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable
from tests.delivery.conftest import Stage

NEXT_YEAR = now_utc().year + 1
DAY = date(NEXT_YEAR, 7, 13).isoformat()
LATER = {"when": "later", "due_date": DAY, "due_time": "09:00", "due_zone": "Europe/Berlin"}
PARTS = {
    "wave_size_1": "10",
    "wave_unit_1": "percent",
    "wave_pause_1": "60",
    "wave_size_2": "500",
    "wave_unit_2": "people",
    "wave_pause_2": "90",
    "stop_percent": "5",
}
LIMITS = {
    "quiet_from": "20:00",
    "quiet_until": "07:00",
    "valid_date": DAY,
    "valid_time": "17:00",
    "late": "skip",
}
ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/Lima")


def _read(*forms: dict[str, str], usual: QuietHours | None = None) -> ScheduleWish:
    form = {key: value for one in forms for key, value in one.items()}
    wish = read_schedule(form, now_utc(), ZONES, usual)
    assert isinstance(wish, ScheduleWish), wish
    return wish


def _problems(*forms: dict[str, str]) -> dict[str, str]:
    form = {key: value for one in forms for key, value in one.items()}
    wish = read_schedule(form, now_utc(), ZONES)
    assert isinstance(wish, Unusable)
    return wish.problems


def test_local_time_starts_where_the_hour_comes_first() -> None:
    wish = _read(LATER, {"local": "1"})
    assert wish.timing.local_time == datetime(NEXT_YEAR, 7, 13, 9)
    assert wish.due_at == datetime(NEXT_YEAR, 7, 13, 0, tzinfo=UTC)


def test_an_hour_that_has_passed_in_some_zones_starts_now() -> None:
    now = datetime(2027, 7, 13, 3, tzinfo=UTC)  # noon in Tokyo, 22:00 the day before in Lima
    form = {**LATER, "due_date": "2027-07-13", "local": "1"}
    wish = read_schedule(form, now, ZONES)
    assert isinstance(wish, ScheduleWish)
    assert wish.due_at == now


def test_an_hour_that_has_passed_everywhere_is_refused() -> None:
    now = datetime(2027, 7, 14, 3, tzinfo=UTC)
    wish = read_schedule({**LATER, "due_date": "2027-07-13", "local": "1"}, now, ZONES)
    assert isinstance(wish, Unusable)
    assert "passed" in wish.problems["due"]


def test_parts_and_the_stop_rule_are_read() -> None:
    timing = _read(LATER, PARTS).timing
    assert timing.waves == (Wave(10, None, 60), Wave(None, 500, 90))
    assert timing.stop_percent == 5


def test_limits_are_read() -> None:
    timing = _read(LATER, LIMITS).timing
    assert timing.quiet == QuietHours(20 * 60, 7 * 60)
    assert timing.valid_until == datetime(NEXT_YEAR, 7, 13, 15, tzinfo=UTC)
    assert timing.late_policy is LatePolicy.SKIP


def test_quiet_hours_are_the_organisations_until_somebody_empties_them() -> None:
    usual = QuietHours(20 * 60, 7 * 60)
    assert _read({"when": "now"}, usual=usual).timing.quiet == usual
    emptied = {"when": "now", "quiet_from": "", "quiet_until": ""}
    assert _read(emptied, usual=usual).timing.quiet is None


def test_what_is_read_can_be_written_into_the_form_again() -> None:
    timing = _read(LATER, PARTS, LIMITS).timing
    again = _read(LATER, written(timing, "Europe/Berlin")).timing
    assert again == timing


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"wave_size_1": "0"}, "wave_size_1"),
        ({"wave_size_1": "100"}, "wave_size_1"),
        ({"wave_size_1": "ten"}, "wave_size_1"),
        ({"wave_size_1": "²"}, "wave_size_1"),
        ({"wave_pause_1": ""}, "wave_size_1"),
        ({"wave_pause_2": "99999"}, "wave_size_2"),
        ({"wave_size_1": "60", "wave_size_2": "60", "wave_unit_2": "percent"}, "wave_size_1"),
        ({"stop_percent": "101"}, "stop_percent"),
        ({"stop_percent": "-1"}, "stop_percent"),
        ({"quiet_from": "20:00", "quiet_until": ""}, "quiet_from"),
        ({"quiet_from": "07:00", "quiet_until": "06:59"}, "quiet_from"),
        ({"valid_date": "soon"}, "valid"),
        ({"valid_date": "0001-01-01", "valid_time": "00:00"}, "valid"),
        ({"valid_date": DAY, "valid_time": "08:00"}, "valid"),
        ({"late": "never"}, "late"),
        ({"when": "now", "local": "1"}, "local"),
        ({"due_date": "0001-01-01"}, "due"),
        ({"due_date": "9999-12-31"}, "due"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_field(change: dict[str, str], field: str) -> None:
    assert set(_problems(LATER, PARTS, change)) == {field}


def _post(stage: Stage, *forms: dict[str, str]):  # type: ignore[no-untyped-def]  # werkzeug's own
    stage.message.latest.action_due_on = date(NEXT_YEAR, 8, 15)
    db.session.commit()
    form = {key: value for one in forms for key, value in one.items()}
    browser = stage.cast.as_(stage.cast.lead)
    return browser.post(f"/messages/{stage.message.id}/schedule", data=form)


def test_everything_is_kept_with_the_send(stage: Stage) -> None:
    assert _post(stage, LATER, {"local": "1"}, PARTS, LIMITS).status_code == 303
    timing = timing_of(db.session.scalars(select(Send)).one())
    assert timing == Timing(
        local_time=datetime(NEXT_YEAR, 7, 13, 9),
        waves=(Wave(10, None, 60), Wave(None, 500, 90)),
        stop_percent=5,
        quiet=QuietHours(20 * 60, 7 * 60),
        valid_until=datetime(NEXT_YEAR, 7, 13, 15, tzinfo=UTC),
        late_policy=LatePolicy.SKIP,
    )


def test_it_says_what_will_happen_before_it_does(stage: Stage) -> None:
    stage.cast.employee.zone = "Asia/Tokyo"
    answer = _post(stage, LATER, {"local": "1", "do": "look"}, PARTS, LIMITS)
    assert answer.status_code == 200
    assert "by each reader&#39;s own clock" in answer.text
    assert "first in Tokyo" in answer.text
    assert "First to 10 % (1 person), drawn by lot" in answer.text
    assert "1 hour later to 5 people" in answer.text
    assert "1 hour 30 minutes later to everybody else" in answer.text
    assert "more than 5 %" in answer.text
    assert "20:00 to 07:00" in answer.text
    assert db.session.scalars(select(Send)).all() == []


def test_what_was_typed_is_kept_and_shown_open(stage: Stage) -> None:
    answer = _post(stage, LATER, PARTS, {"wave_size_2": "many"})
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert '<details class="more" open' in answer.text
    assert "Part 2 needs a number" in answer.text


def test_most_people_see_none_of_it(stage: Stage) -> None:
    page = stage.cast.as_(stage.cast.lead).get(f"/messages/{stage.message.id}/schedule").text
    assert '<details class="more">' in page


def test_the_organisations_quiet_hours_are_proposed(
    stage: Stage, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "QUIET_HOURS", "21:30-06:15")
    page = stage.cast.as_(stage.cast.lead).get(f"/messages/{stage.message.id}/schedule").text
    assert 'value="21:30"' in page
    assert 'value="06:15"' in page
    assert '<details class="more">' in page


def test_for_whom_the_hour_has_passed_is_pointed_out(stage: Stage) -> None:
    stage.cast.employee.zone = "Pacific/Niue"
    wall = now_utc() - timedelta(hours=6)  # passed in Berlin, ahead in Niue
    form = {
        **LATER,
        "local": "1",
        "due_date": f"{wall:%Y-%m-%d}",
        "due_time": f"{wall:%H:%M}",
        "do": "look",
    }
    assert "For 5 people this hour has passed when it starts" in _post(stage, form).text


def test_the_page_of_the_send_says_it_too(stage: Stage) -> None:
    answer = _post(stage, LATER, PARTS, LIMITS)
    page = stage.cast.as_(stage.cast.lead).get(answer.location).text
    assert "First to 10 %, drawn by lot" in page
    assert "does not get it" in page
