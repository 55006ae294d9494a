"""Pages say whether it worked, with the numbers behind it, and point at nobody."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from commsplan.delivery.models import Delivery
from commsplan.effectiveness.pictures import effect_of
from commsplan.effectiveness.queries import cells_of_message
from commsplan.effectiveness.rules import Counts, Figure, reading, wilson
from commsplan.effectiveness.words import ends, interval, percent, sentence
from commsplan.foundation.languages import speak
from tests.cast import Cast
from tests.effectiveness.scene import crowd, said, saw
from tests.messages.stage import make_message, make_plan
from tests.surveys.scene import WHAT, ask, say_all


@pytest.fixture
def copies(cast: Cast) -> list[Delivery]:
    copies = crowd(cast, ("Crew", "DE", 12), ("=Desk", "GB", 6), ("Legal", "FR", 2))
    for copy in copies[:10]:
        saw(copy)
        said(copy)
    return copies


def page(cast: Cast, copies: list[Delivery], path: str = "") -> str:
    return (
        cast.as_(cast.sponsor)
        .get(f"/effectiveness/messages/{copies[0].message_id}{path}")
        .get_data(as_text=True)
    )


def test_one_sentence_says_whether_it_worked(app: object) -> None:
    counts = Counts(addressed=4812, accepted=4512, read=2752, waiting=1)
    assert sentence(counts, 1) == (
        "4,512 of 4,812 people addressed were reached;"
        " 61% (60% to 62%) say that they have read it. 1 copy is still on its way."
    )


def test_before_the_first_send_it_says_so(app: object) -> None:
    assert sentence(Counts(), 1) == "Nothing has been sent yet."


@pytest.mark.parametrize(
    ("part", "words"), [(0, "0%"), (0.003, "< 1%"), (0.5, "50%"), (0.998, "> 99%"), (1, "100%")]
)
def test_a_few_are_not_none(app: object, part: float, words: str) -> None:
    assert percent(part) == words


def test_a_range_reaches_from_least_to_most() -> None:
    one = reading(Figure.OPENED, Counts(accepted=100, opened=40, maybe_opened=60), True)
    assert one.share is not None
    assert one.share.value == 0.4
    assert (round(one.share.low, 2), round(one.share.high, 2)) == (0.31, 0.69)


@pytest.mark.parametrize(
    ("figure", "only_totals", "hidden"),
    [
        (Figure.OPENED, True, True),
        (Figure.CLICKED, True, True),
        (Figure.READ, True, False),
        (Figure.OPENED, False, False),
    ],
)
def test_openings_of_few_people_are_hidden(figure: Figure, only_totals: bool, hidden: bool) -> None:
    assert reading(figure, Counts(accepted=4, opened=1), only_totals).is_hidden is hidden


def test_small_groups_stand_together(copies: list[Delivery]) -> None:
    message = copies[0].message
    effect = effect_of(cells_of_message(message), message.plan)
    lines = [(one.name, one.counts.addressed) for one in effect.departments]
    assert lines == [("Crew", 12), ("Smaller groups together", 8)]


def test_where_people_know_it_small_groups_are_shown(copies: list[Delivery]) -> None:
    message = copies[0].message
    message.plan.privacy = "individual"
    effect = effect_of(cells_of_message(message), message.plan)
    assert [one.name for one in effect.departments] == ["=Desk", "Crew", "Legal"]


def test_a_messages_page_shows_funnel_and_numbers(cast: Cast, copies: list[Delivery]) -> None:
    text = page(cast, copies)
    for words in ("20 of 20 people addressed", "Say they have read it", "10 of 20", "version 1"):
        assert words in text


def test_a_page_names_nobody(cast: Cast, copies: list[Delivery]) -> None:
    assert "Crew DE 1" not in page(cast, copies)


def test_few_people_are_called_few(cast: Cast, copies: list[Delivery]) -> None:
    assert "20 people are few" in page(cast, copies)


def test_understanding_is_the_right_answer(cast: Cast, copies: list[Delivery]) -> None:
    say_all(ask(cast, copies[0].message, WHAT), copies[:10], choice=2)
    text = page(cast, copies)
    assert "Understood?" in text
    assert "10 of 10 answers were right" in text


def test_leads_see_who_cannot_and_why(cast: Cast, copies: list[Delivery]) -> None:
    said(copies[0], "cannot", "I am on leave")
    path = f"/effectiveness/messages/{copies[0].message_id}"
    assert "I am on leave" in cast.as_(cast.lead).get(path).text
    assert "I am on leave" not in cast.as_(cast.sponsor).get(path).text


def test_a_plans_page_leads_to_its_messages(cast: Cast, copies: list[Delivery]) -> None:
    message = copies[0].message
    text = cast.as_(cast.lead).get(f"/effectiveness/plans/{message.plan_id}").text
    assert f"/effectiveness/messages/{message.id}" in text
    assert "20 of 20 people addressed" in text


def test_the_list_has_a_sentence_for_each_plan(cast: Cast, copies: list[Delivery]) -> None:
    make_plan(cast, "Not yet begun")
    text = cast.as_(cast.lead).get("/effectiveness/").text
    assert "20 of 20 people addressed" in text
    assert "Not yet begun" in text


def test_empty_pages_say_what_they_are_for(cast: Cast) -> None:
    message = make_message(cast)
    browser = cast.as_(cast.lead)
    for path in ("", f"plans/{message.plan_id}", f"messages/{message.id}"):
        assert "Nothing has been sent yet" in browser.get(f"/effectiveness/{path}").text


def test_definitions_say_how_we_know(cast: Cast) -> None:
    text = cast.as_(cast.lead).get("/effectiveness/definitions").text
    for words in ("Wilson", "Mozilla/5.0", "nobody can tell"):
        assert words in text


@pytest.mark.parametrize("kind", ["messages", "plans"])
def test_a_file_holds_what_the_page_shows(cast: Cast, copies: list[Delivery], kind: str) -> None:
    message = copies[0].message
    number = message.id if kind == "messages" else message.plan_id
    answer = cast.as_(cast.lead).get(f"/effectiveness/{kind}/{number}/figures.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    everybody = next(row for row in rows if row[2] == "Say they have read it")
    assert everybody[3:9] == ["10", "10", "20", "0.5000", "0.2993", "0.7007"]
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert "Legal" not in answer.text


def test_openings_of_four_people_stay_out_of_the_file(cast: Cast) -> None:
    copies = crowd(cast, ("Crew", "DE", 4))
    for copy in copies:
        saw(copy)
    text = page(cast, copies, "/figures.csv")
    opened = next(row for row in csv.reader(io.StringIO(text)) if row[2] == "Opened")
    assert opened[3:9] == ["", "", "4", "", "", ""]
    assert "Not shown" in page(cast, copies)


@pytest.mark.parametrize("path", ["", "/figures.csv"])
@pytest.mark.parametrize("kind", ["messages", "plans"])
def test_refuses_an_outsider(cast: Cast, copies: list[Delivery], kind: str, path: str) -> None:
    message = copies[0].message
    number = message.id if kind == "messages" else message.plan_id
    for person in (cast.outsider, cast.employee):
        answer = cast.as_(person).get(f"/effectiveness/{kind}/{number}{path}")
        assert answer.status_code == 404


def test_a_stranger_signs_in_first(cast: Cast, copies: list[Delivery]) -> None:
    answer = cast.app.test_client().get("/effectiveness/")
    assert answer.status_code == 303


def test_an_employee_without_a_role_is_refused(cast: Cast) -> None:
    assert cast.as_(cast.employee).get("/effectiveness/").status_code == 403


@pytest.mark.parametrize(
    ("successes", "trials", "words"),
    [
        (49_800, 50_000, "> 99% (99.5% to 99.7%)"),
        (61_000, 100_000, "61% (60.7% to 61.3%)"),
        (99_999_999, 100_000_000, "> 99%"),
        (61, 100, "61% (51% to 70%)"),
    ],
)
def test_the_ends_of_an_interval_never_read_alike(
    app: object, successes: int, trials: int, words: str
) -> None:
    assert interval(wilson(successes, trials)) == words


def test_the_ends_are_written_as_the_reader_writes_numbers(app: Flask) -> None:
    with app.test_request_context():
        speak("de")
        assert ends(0.607, 0.613) == ("60,7\xa0%", "61,3\xa0%")


def test_one_answer_is_one_answer(cast: Cast, copies: list[Delivery]) -> None:
    say_all(ask(cast, copies[0].message, WHAT), copies[:1], choice=2)
    assert "1 answer so far; figures appear from 5 on." in page(cast, copies)
