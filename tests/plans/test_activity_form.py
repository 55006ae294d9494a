"""An activity's form is read whole or answered with what is wrong, and nothing typed is lost."""

from datetime import datetime

import pytest

from commsplan.foundation.errors import Unusable
from commsplan.plans.forms import read_activity
from commsplan.plans.rules import ActivityWish
from tests.cast import Cast, make_person

WHOLE = {"kind": "meeting", "title": "Briefing", "starts_date": "2026-11-24"}
WHOLE |= {"starts_time": "09:00", "starts_zone": "Europe/Berlin"}
ZONES = {"Europe/Berlin", "Asia/Tokyo"}


def read(**fields: str) -> ActivityWish | Unusable:
    return read_activity({**WHOLE, **fields}, {7}, ZONES)


def problem(field: str, **fields: str) -> str:
    answer = read(**fields)
    assert isinstance(answer, Unusable)
    return answer.problems[field]


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> None:
    """Forms speak a language and look people up."""


def test_a_title_a_day_and_a_time_are_enough() -> None:
    assert read() == ActivityWish(
        "meeting",
        "Briefing",
        datetime(2026, 11, 24, 9),
        datetime(2026, 11, 24, 9),
        zone="Europe/Berlin",
    )


def test_a_duration_gives_the_end() -> None:
    assert read(lasts="90").ends_local == datetime(2026, 11, 24, 10, 30)


def test_an_end_is_said_by_day_and_time() -> None:
    answer = read(lasts="until", ends_date="2026-11-25", ends_time="17:00")
    assert answer.ends_local == datetime(2026, 11, 25, 17)


def test_an_end_without_a_day_is_on_the_first() -> None:
    assert read(lasts="until", ends_time="11:15").ends_local == datetime(2026, 11, 24, 11, 15)


def test_an_end_counts_without_saying_until() -> None:
    assert read(lasts="0", ends_time="11:15").ends_local == datetime(2026, 11, 24, 11, 15)


def test_a_duration_and_another_end_are_one_too_many() -> None:
    assert "not both" in problem("ends", lasts="30", ends_time="11:15")


def test_whole_days_need_no_time() -> None:
    answer = read(starts_time="", all_day="1", ends_date="2026-11-27")
    assert (answer.starts_local, answer.ends_local) == (
        datetime(2026, 11, 24),
        datetime(2026, 11, 27),
    )


def test_each_readers_own_time_may_be_chosen() -> None:
    assert read(starts_zone="recipient").zone == "recipient"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 201}),
        ("starts_date", {"starts_date": ""}),
        ("starts_date", {"starts_date": "soon"}),
        ("starts_date", {"starts_date": "0009-01-01"}),
        ("starts_time", {"starts_time": ""}),
        ("starts_time", {"starts_time": "25:00"}),
        ("starts_zone", {"starts_zone": "Mars/Olympus"}),
        ("kind", {"kind": "party"}),
        ("audience", {"audience": "8"}),
        ("status", {"status": "sent"}),
        ("ends", {"lasts": "until"}),
        ("ends", {"lasts": "until", "ends_date": "2026-11-23"}),
        ("owner", {"owner": "nobody@northwind.example"}),
        ("owner", {"owner": "Nobody At All"}),
        ("conference", {"conference": "http://meet.northwind.example"}),
        ("conference", {"conference": "javascript:alert(1)"}),
        ("conference", {"conference": "https://"}),
        ("conference", {"conference": "https://meet.example/a\nb"}),
        ("conference", {"conference": "https://[broken"}),
    ],
)
def test_what_is_wrong_is_named(field: str, typed: dict[str, str]) -> None:
    assert problem(field, **typed)


def test_an_audience_of_the_team_is_taken_and_its_old_words_go() -> None:
    answer = read(audience="7", audience_text="All staff")
    assert (answer.audience_id, answer.audience_text) == (7, "")


def test_words_of_the_spreadsheet_stay_until_an_audience_is_chosen() -> None:
    assert read(audience_text="All staff").audience_text == "All staff"


def test_an_owner_is_found_by_address_by_name_and_as_suggested(cast: Cast) -> None:
    for typed in (
        "tom.teammate@northwind.example",
        "Tom.Teammate@Northwind.example ",
        "tom teammate",
        "Tom Teammate (tom.teammate@northwind.example)",
    ):
        assert read(owner=typed).owner_id == cast.teammate.id


def test_a_name_that_fits_two_asks_and_takes_the_answer() -> None:
    one = make_person("Kim Berg", email="kim.one@northwind.example")
    make_person("Kim Berg", email="kim.two@northwind.example")
    answer = read(owner="Kim Berg")
    assert len(answer.typed["choices"]["owner"]) == 2
    picked = read(owner="Kim Berg", owner_asked="Kim Berg", owner_pick=one.email)
    assert picked.owner_id == one.id


def test_an_answer_to_an_older_question_does_not_count(cast: Cast) -> None:
    answer = read(owner="Tom Teammate", owner_asked="Kim Berg", owner_pick=cast.lead.email)
    assert answer.owner_id == cast.teammate.id


def test_who_has_left_is_not_found(cast: Cast) -> None:
    gone = make_person("Gone Away", left_on=datetime(2026, 1, 1).date())
    assert "Nobody" in problem("owner", owner=gone.email)
