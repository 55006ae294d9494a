"""Dates and times are read in the many ways people write them."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commsplan.plans.grid import Trouble
from commsplan.plans.grid_columns import field_of
from commsplan.plans.grid_dates import Calendar, Day, order_of, read_day
from commsplan.plans.grid_times import Hours, read_hours, zone_named
from commsplan.plans.grid_words import status_of

TUESDAY = date(2026, 10, 6)
WEEK = (date(2026, 10, 5), date(2026, 10, 9))


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-06",
        "06.10.2026",
        "6 Oct 2026",
        "Oct 6",
        "Tue 6 October",
        "6/10/26",
        "Di, 06.10.",
        "6. Oktober 2026",
        "le 6 octobre",
        "6 de octubre de 2026",
        "October 6th, 2026",
        "6-Oct-26",
        "20261006",
        "by 6 Oct",
        "Tuesday, 6th of October",
    ],
)
def test_one_day(text: str) -> None:
    day = read_day(text, Calendar(2026))
    assert isinstance(day, Day)
    assert (day.first, day.last) == (TUESDAY, None)


@pytest.mark.parametrize(
    "text",
    [
        "w/c 5 Oct",
        "5–9 Oct",
        "5.-9.10.2026",
        "05.10.–09.10.2026",
        "5 Oct - 9 Oct",
        "Oct 5-9",
        "2026-10-05 to 2026-10-09",
        "5. bis 9. Oktober",
        "KW 41",
        "CW41",
        "week 41",
        "2026-W41",
        "Mon 5 Oct – Fri 9 Oct",
    ],
)
def test_several_days(text: str) -> None:
    day = read_day(text, Calendar(2026))
    assert isinstance(day, Day)
    assert (day.first, day.last) == WEEK


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("6 Oct 2026, 09:00", time(9)),
        ("06.10.2026 9.30 Uhr", time(9, 30)),
        ("2026-10-06T14:15", time(14, 15)),
        ("Oct 6 9am", time(9)),
    ],
)
def test_a_time_beside_the_date(text: str, clock: time) -> None:
    day = read_day(text, Calendar(2026))
    assert isinstance(day, Day)
    assert (day.first, read_hours(day.clock)) == (TUESDAY, Hours(start=clock))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("09:00", time(9), None),
        ("9am", time(9), None),
        ("2 p.m.", time(14), None),
        ("9.30 Uhr", time(9, 30), None),
        ("14h30", time(14, 30), None),
        ("0930 hrs", time(9, 30), None),
        ("9-10am", time(9), time(10)),
        ("11-1pm", time(11), time(13)),
        ("10.00 – 11.30 Uhr", time(10), time(11, 30)),
        ("9h à 10h", time(9), time(10)),
        ("noon", time(12), None),
        ("EOD", time(17), None),
    ],
)
def test_hours(text: str, start: time, end: time | None) -> None:
    hours = read_hours(text)
    assert isinstance(hours, Hours)
    assert (hours.start, hours.end, hours.all_day) == (start, end, False)


def test_all_day_in_four_languages() -> None:
    for text in ("all day", "Ganztägig", "toute la journée", "todo el día"):
        assert read_hours(text) == Hours(all_day=True)


def test_a_zone_behind_the_time_counts() -> None:
    assert read_hours("9am (London)") == Hours(start=time(9), zone="Europe/London")
    assert read_hours("09:00 local time") == Hours(start=time(9), zone="recipient")
    assert zone_named("Asia/Tokyo") == "Asia/Tokyo"
    assert zone_named("Middle-earth") == ""


def test_dates_that_are_close_together_decide_where_no_number_does() -> None:
    assert order_of(["10/6/26", "10/8/26", "11/3/26"]) == "mdy"
    assert order_of(["6/10/26", "8/10/26", "3/11/26"]) == "dmy"


PIECES = ["6", "31", "10", "2026", "Oct", "mar", "Tue", "KW", "w/c", "–", "-", "/", ".", ":", "h"]
MESS = st.lists(st.sampled_from([*PIECES, " ", "am", "Uhr", "(London)", "bis"]), max_size=8)
CELLS = (
    MESS.map("".join)
    | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.dates()
    | st.times()
)


@settings(max_examples=300, deadline=None)
@given(cell=CELLS)
def test_whatever_stands_there_is_read_or_refused(cell: object) -> None:
    for calendar in (Calendar(2026), Calendar(2026, "mdy", 10)):
        assert isinstance(read_day(cell, calendar), Day | Trouble)
    assert isinstance(read_hours(cell), Hours | Trouble)


def test_a_year_out_of_reach_is_a_slip() -> None:
    for cell in ("6 Oct 2206", date(1900, 1, 1), "6.10.9999"):
        assert read_day(cell, Calendar(2026)) == Trouble("date_far", str(cell))


def test_a_very_long_text_is_no_date_and_costs_no_time() -> None:
    for text in ("1 - " * 20_000, "6 oct" + " " * 30_000 + "x", "9 " * 20_000):
        assert isinstance(read_day(text, Calendar(2026)), Trouble)
        assert isinstance(read_hours(text), Trouble)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Prevista", "planned"),
        ("Confirmée", "confirmed"),
        ("enviada", "done"),
        ("Annulée", "cancelled"),
    ],
)
def test_states_agree_with_a_feminine_activity(word: str, state: str) -> None:
    assert status_of(word) == state


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *((text, "audience") for text in ("Who for", "Who for?", "Who is it for?", "For whom")),
        *((text, "audience") for text in ("Für wen", "Pour qui ?", "¿Para quién?", "À qui")),
        *((text, "title") for text in ("What", "Was", "Quoi", "Qué")),
        *((text, "key_message") for text in ("Why", "Warum", "Pourquoi", "Por qué")),
        *((text, "mechanism") for text in ("How", "Wie", "Cómo")),
        *((text, "date") for text in ("When", "Wann", "Quand", "Cuándo")),
        *((text, "owner") for text in ("Who", "Wer", "Qui", "Quién")),
    ],
)
def test_a_question_as_a_header_names_its_field(header: str, field: str) -> None:
    assert field_of(header) == field


def test_a_date_that_fits_the_other_order_alone_asks_for_it() -> None:
    assert read_day("1/14/27", Calendar(2027)) == Trouble("date_month_first", "1/14/27")
    assert read_day("14/1/27", Calendar(2027, "mdy")) == Trouble("date_day_first", "14/1/27")
    assert read_day("31/11/27", Calendar(2027)) == Trouble("date_impossible", "31/11/27")
    assert order_of(["1/2/27", "1/14/27"]) == "mdy"
