"""Read what teams write for a date: "06.10.2026", "Tue 6 October", "5–9 Oct", "w/c 5 Oct", "KW 41".

A date that cannot be used says why: a quarter, a month without a day, a day nobody fixed yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from commsplan.plans.grid import Cell, Trouble
from commsplan.plans.grid_date_words import (
    BETWEEN,
    DAY_MONTH,
    ISO,
    LEADING,
    MONTH,
    MONTH_DAY,
    MONTH_NUMBERS,
    MONTH_YEAR,
    NUMERIC,
    QUARTER,
    VAGUE,
    WEEK_NUMBER,
    WEEK_OF,
    WEEKDAY,
    WEEKDAY_NUMBERS,
)
from commsplan.plans.grid_times import LONGEST, OPEN
from commsplan.plans.grid_words import plain

_CLOCK = re.compile(
    r"[,;]?\s*(?:\b(?:at|um|ab|a las|a)\s+|@\s*|t(?=\d))?"
    r"(\d{1,2}(?:[:h]\d{2})(?::\d{2})?(?:\s*[ap]\.?m\.?|\s*uhr)?"
    r"|\d{1,2}(?:[.:]\d{2})?\s*(?:[ap]\.?m\.?|uhr)(?![a-z])"
    r"|\d{1,2}(?=\s*[-–—]\s*\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?|uhr)))"
    r"(\s*(?:[-–—]|to|bis|a)\s*\d{1,2}(?:[:.h]\d{2})?(?:\s*[ap]\.?m\.?|\s*uhr)?)?$"
)
YEARS = frozenset(range(1990, 2101))
"""No plan reaches further; such a date is a slip of the keyboard or an empty cell's 1900."""
EXCEL_EPOCH = date(1899, 12, 30)  # serial 1 is 1 Jan 1900, and 1900 counts as a leap year there
SERIALS = range(20_000, 80_000)  # the years 1954 to 2119; other numbers are no dates


@dataclass(frozen=True)
class Day:
    """A date as read."""

    first: date
    last: date | None = None
    """Last day, where a range or a week is written."""
    clock: str | time | None = None
    """The time of day written beside it, for `grid_times.read_hours`."""
    guessed_year: bool = False
    """The text names no year."""
    wrong_weekday: bool = False
    """The text names another weekday than this date has."""


@dataclass(frozen=True)
class Calendar:
    """What a date without its missing parts means here."""

    year: int
    order: str = "dmy"
    month: int | None = None
    """For a sheet or a section of one month, where rows give the day alone."""


def order_of(texts: Iterable[str]) -> str:
    """Decide from a whole column whether 10/6/26 is "dmy" or "mdy".

    A number above 12 settles it. Where nothing does, the order that keeps the dates closer
    together wins, and on a tie the day comes first.
    """
    pairs = []
    for text in texts:
        if len(text) > LONGEST:
            continue
        found = NUMERIC.search(plain(text))
        if found and found[2] != "." and not ISO.search(text):
            pairs.append((int(found[1]), int(found[3])))
    day_first = sum(first > 12 for first, _second in pairs)
    month_first = sum(second > 12 for _first, second in pairs)
    if day_first != month_first:
        return "dmy" if day_first > month_first else "mdy"
    if len(pairs) < 2 or day_first:
        return "dmy"
    spread_dmy = _spread([second * 31 + first for first, second in pairs])
    spread_mdy = _spread([first * 31 + second for first, second in pairs])
    return "mdy" if spread_mdy < spread_dmy else "dmy"


def _spread(places: list[int]) -> int:
    return max(places) - min(places)


def read_day(cell: Cell, calendar: Calendar) -> Day | Trouble:
    """Read a cell of a date column, or say why it cannot be used."""
    day = _read(cell, calendar)
    if isinstance(day, Day) and not {day.first.year, (day.last or day.first).year} <= YEARS:
        return Trouble("date_far", str(cell))
    return day


def _read(cell: Cell, calendar: Calendar) -> Day | Trouble:
    if isinstance(cell, str) and len(cell) > LONGEST:
        return Trouble("date_unreadable", cell[:LONGEST])
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return Trouble("no_date")
    if isinstance(cell, datetime):
        return Day(cell.date(), clock=cell.time() if cell.time() != time() else None)
    if isinstance(cell, date):
        return Day(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _read_number(float(cell), calendar)
    return _read_text(str(cell), calendar)


def _read_number(value: float, calendar: Calendar) -> Day | Trouble:
    if int(value) in SERIALS:
        minutes = round((value - int(value)) * 24 * 60)
        clock = time(*divmod(min(minutes, 1439), 60)) if minutes else None
        return Day(EXCEL_EPOCH + timedelta(days=int(value)), clock=clock)
    if 1 <= value <= 31 and value == int(value) and calendar.month:
        return _day(calendar.year, calendar.month, int(value), str(cell_text(value)), guessed=True)
    if 19_000_101 <= value <= 29_991_231 and value == int(value):
        return _read_text(str(int(value)), calendar)
    return Trouble("date_unreadable", cell_text(value))


def cell_text(value: float) -> str:
    """Return a number as a person would have typed it."""
    return str(int(value)) if value == int(value) else str(value)


def _read_text(text: str, calendar: Calendar) -> Day | Trouble:
    words = plain(text).strip(" ;,")
    if words.rstrip(".!") in OPEN or words in OPEN:
        return Trouble("date_open", text)
    if week := WEEK_NUMBER.match(words):
        return _week_number(week, calendar, text)
    words, clock = _without_clock(words)
    day = _range_or_day(words, calendar)
    if isinstance(day, Day):
        return replace(day, clock=clock)
    return Trouble(day.code if day else _why_not(words), text)


def _why_not(words: str) -> str:
    """Say what is written instead of a day."""
    if QUARTER.match(words):
        return "date_quarter"
    if MONTH_YEAR.fullmatch(words):
        return "date_month"
    if VAGUE.search(words) and MONTH_YEAR.search(words):
        return "date_vague"
    return "date_unreadable"


def _without_clock(words: str) -> tuple[str, str | None]:
    found = _CLOCK.search(words)
    if not found or not found.start():
        return words, None
    return words[: found.start()].strip(" ,;"), found[1] + (found[2] or "")


def _week_number(found: re.Match[str], calendar: Calendar, text: str) -> Day | Trouble:
    year = int(found[2] or found[3] or calendar.year)
    try:
        monday = date.fromisocalendar(year, int(found[1] or found[4]), 1)
    except ValueError:
        return Trouble("date_impossible", text)
    return Day(monday, monday + timedelta(days=4), guessed_year=not (found[2] or found[3]))


def _range_or_day(words: str, calendar: Calendar) -> Day | Trouble | None:
    week = WEEK_OF.match(words)
    day = _single(words[week.end() :] if week else words, calendar)
    if week and isinstance(day, Day):
        return Day(day.first, day.first + timedelta(days=4), guessed_year=day.guessed_year)
    if day is not None:
        return day
    for split in BETWEEN.finditer(words):
        day = _range(words[: split.start()], words[split.end() :], calendar)
        if day is not None:
            return day
    return None


def _range(left: str, right: str, calendar: Calendar) -> Day | Trouble | None:
    """Read "5" and "9 Oct", "28 Oct" and "3 Nov 2026", "Oct 5" and "9"."""
    last = _single(right, calendar)
    if isinstance(last, Trouble):
        return last
    if last is None:
        first = _single(left, calendar)
        number = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?", right.strip())
        if not isinstance(first, Day) or not number:
            return first if isinstance(first, Trouble) else None
        last = _day(first.first.year, first.first.month, int(number[1]), right, first.guessed_year)
    else:
        inside = Calendar(last.first.year, calendar.order, last.first.month)
        first = _single(left, inside)
    if not isinstance(first, Day) or not isinstance(last, Day):
        return first if isinstance(first, Trouble) else last if isinstance(last, Trouble) else None
    return _from_to(first, last)


def _from_to(first: Day, last: Day) -> Day | Trouble:
    begins, ends = first.first, last.first
    if begins > ends and last.guessed_year:  # 28 Dec – 3 Jan
        ends += timedelta(days=365)
    elif begins > ends and first.guessed_year:  # 28 Dec – 3 Jan 2027
        begins -= timedelta(days=365)
    if begins > ends:
        return Trouble("date_backwards")
    wrong = first.wrong_weekday or last.wrong_weekday
    return Day(begins, ends, guessed_year=last.guessed_year, wrong_weekday=wrong)


def _single(text: str, calendar: Calendar) -> Day | Trouble | None:
    """Read one date as written, else without its weekday: "mar" is March before it is mardi."""
    day = _one_date(text.strip(" ,"), calendar)
    if day is not None:
        return day
    weekday = WEEKDAY.search(text)
    bare = LEADING.sub("", WEEKDAY.sub("", text, count=1).strip(" ,()")).strip(" ,")
    day = _one_date(bare, calendar)
    if isinstance(day, Day) and weekday:
        return replace(day, wrong_weekday=day.first.weekday() != WEEKDAY_NUMBERS[weekday[1]])
    return day


def _one_date(words: str, calendar: Calendar) -> Day | Trouble | None:
    if found := ISO.fullmatch(words) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", words):
        return _day(int(found[1]), int(found[2]), int(found[3]), words)
    if found := NUMERIC.fullmatch(words):
        return _in_numbers(found, words, calendar)
    if found := DAY_MONTH.fullmatch(words):
        return _dated(found[3], MONTH_NUMBERS[found[2]], int(found[1]), words, calendar)
    if found := MONTH_DAY.fullmatch(words):
        return _dated(found[3], MONTH_NUMBERS[found[1]], int(found[2]), words, calendar)
    alone = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?", words)
    if alone and calendar.month:
        return _day(calendar.year, calendar.month, int(alone[1]), words, guessed=True)
    return None


def _in_numbers(found: re.Match[str], words: str, calendar: Calendar) -> Day | Trouble:
    """Read 10/6/26 in the calendar's order; where only the other one fits, ask about it."""
    day, month = int(found[1]), int(found[3])
    if found[2] == ".":
        return _dated(found[4], month, day, words, calendar)
    question = "date_month_first"
    if calendar.order == "mdy":
        day, month, question = month, day, "date_day_first"
    meant = _dated(found[4], month, day, words, calendar)
    other = _dated(found[4], day, month, words, calendar)
    if isinstance(meant, Trouble) and isinstance(other, Day):
        return Trouble(question, words)
    return meant


def _dated(year: str | None, month: int, day: int, said: str, calendar: Calendar) -> Day | Trouble:
    number = int(year.lstrip("'")) if year else calendar.year
    return _day(number + 2000 if number < 100 else number, month, day, said, guessed=not year)


def _day(year: int, month: int, day: int, said: str, guessed: bool = False) -> Day | Trouble:
    try:
        return Day(date(year, month, day), guessed_year=guessed)
    except ValueError:
        return Trouble("date_impossible", said)


def month_and_year(text: str) -> tuple[int | None, int | None]:
    """Return the month and the year that a sheet's name or a title speaks of."""
    words = plain(text[:200])
    month = re.search(rf"\b({MONTH})\b", words)
    year = re.search(r"\b(20\d\d)\b", words)
    return (MONTH_NUMBERS[month[1]] if month else None), (int(year[1]) if year else None)


def is_month_title(text: str) -> bool:
    """Tell whether a text is nothing but a month, perhaps with a year."""
    return len(text) <= LONGEST and bool(MONTH_YEAR.fullmatch(plain(text).strip(" .:")))
