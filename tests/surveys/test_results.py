"""Results are totals of whole batches; nothing on page or file shows what one person said."""

from __future__ import annotations

import csv
import io

import pytest

from commsplan.delivery.models import Delivery
from commsplan.surveys.results import Results, results_of
from tests.cast import Cast, make_person
from tests.receipts.scene import send_out
from tests.surveys.scene import CLEAR, OPEN, ask, close, say, say_all


def crowd(cast: Cast, **departments: int) -> list[Delivery]:
    """Send to so many people of each department."""
    people = [
        make_person(f"{department} {number}", department=department)
        for department, size in departments.items()
        for number in range(size)
    ]
    return send_out(cast, people)


def shown(cast: Cast, copies: list[Delivery], **said: object) -> Results:
    survey = ask(cast, copies[0].message)
    say_all(survey, copies, **said)
    close(survey)
    return results_of(survey)


def test_four_answers_show_nothing(cast: Cast) -> None:
    results = shown(cast, crowd(cast, Crew=4))
    assert (results.answered, results.counted) == (4, 0)
    assert all(not outcome.bars for outcome in results.outcomes)


def test_five_answers_show_totals(cast: Cast) -> None:
    clear, what, helped, _open = shown(cast, crowd(cast, Crew=5), rating=4, choice=2).outcomes
    assert clear.mean == 4
    assert [bar.count for bar in clear.bars] == [0, 0, 0, 5, 0]
    assert what.understood is not None
    assert what.understood.count == 5
    assert [bar.count for bar in helped.bars] == [0, 5]


def test_the_sixth_waits_for_its_batch(cast: Cast) -> None:
    copies = crowd(cast, Crew=6)
    survey = ask(cast, copies[0].message, CLEAR)
    say_all(survey, copies[:5], rating=5)
    say(survey, copies[5], rating=1)
    assert results_of(survey).outcomes[0].mean == 5


@pytest.mark.parametrize(("people", "comments"), [(9, 0), (10, 10)])
def test_comments_wait_for_ten(cast: Cast, people: int, comments: int) -> None:
    results = shown(cast, crowd(cast, Crew=people), text="Who answers at night?")
    assert sum(times for _, times in results.outcomes[3].comments) == comments


def test_comments_come_in_no_order_of_time(cast: Cast) -> None:
    copies = crowd(cast, Crew=10)
    survey = ask(cast, copies[0].message, OPEN)
    for copy, text in zip(copies, "jihgfedcba", strict=True):
        say(survey, copy, text=text)
    assert [text for text, _ in results_of(survey).outcomes[0].comments] == list("abcdefghij")


def test_departments_wait_until_it_has_closed(cast: Cast) -> None:
    copies = crowd(cast, Crew=5, Desk=5)
    survey = ask(cast, copies[0].message, CLEAR)
    say_all(survey, copies)
    assert results_of(survey).groups == []


def test_small_departments_stand_together(cast: Cast) -> None:
    results = shown(cast, crowd(cast, Crew=7, Desk=3, Yard=5), rating=4)
    assert [(line.name, line.answers) for line in results.groups] == [("Crew", 7), (None, 8)]
    assert results.groups[1].figures[:3] == [4, 1, 0]


def test_the_page_shows_neither_names_nor_hidden_figures(cast: Cast) -> None:
    copies = crowd(cast, Crew=4)
    say_all(ask(cast, copies[0].message), copies, text="Only four of us")
    text = cast.as_(cast.lead).get(f"/messages/{copies[0].message_id}/survey/results").text
    assert "4 people have answered" in text
    assert "Only four of us" not in text
    assert "Crew 1" not in text


def test_the_page_shows_figures_with_their_uncertainty(cast: Cast) -> None:
    copies = crowd(cast, Crew=20, Desk=5)
    survey = ask(cast, copies[0].message)
    say_all(survey, copies, text="Who answers at night?")
    close(survey)
    text = cast.as_(cast.sponsor).get(f"/messages/{copies[0].message_id}/survey/results").text
    for words in ("25 people have answered", "On average 4.0 of 5", "87%", "Who answers at night?"):
        assert words in text


def test_the_file_holds_the_same_and_no_formula(cast: Cast) -> None:
    copies = crowd(cast, Crew=10)
    say_all(ask(cast, copies[0].message, CLEAR, OPEN), copies, text="=HYPERLINK(1)")
    answer = cast.as_(cast.lead).get(f"/messages/{copies[0].message_id}/survey/results.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert ["How clear is it?", "", "4", "10", "10", "1.0000", "0.7225", "1.0000"] in rows
    assert not any(cell.startswith("=") for row in rows for cell in row)
