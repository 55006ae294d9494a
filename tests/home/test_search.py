"""Search finds what its reader may see, and nothing else."""

import pytest

from commsplan.plans.actions import create_plan
from commsplan.plans.rules import PlanWish
from tests.cast import Cast


@pytest.fixture
def _plan(cast: Cast) -> None:
    create_plan(cast.team, PlanWish(title="Office move 100%", zone="Europe/Berlin"), cast.lead)


@pytest.mark.usefixtures("_plan")
def test_a_lead_finds_plans_by_a_part_of_their_title(cast: Cast) -> None:
    assert "Office move 100%" in cast.as_(cast.lead).get("/search?q=MOVE").text


@pytest.mark.usefixtures("_plan")
def test_another_teams_plan_is_not_found(cast: Cast) -> None:
    assert "Office move" not in cast.as_(cast.outsider).get("/search?q=office").text


@pytest.mark.usefixtures("_plan")
def test_a_percent_sign_is_a_percent_sign(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    assert "Office move" in browser.get("/search?q=100%25").text
    assert "Office move" not in browser.get("/search?q=O%25m").text


def test_leads_find_people_and_sponsors_do_not(cast: Cast) -> None:
    assert "Emil Employee" in cast.as_(cast.lead).get("/search?q=emil").text
    assert "Emil Employee" not in cast.as_(cast.sponsor).get("/search?q=emil").text


def test_nothing_found_says_so(cast: Cast) -> None:
    assert "Nothing you may see" in cast.as_(cast.lead).get("/search?q=zzzz").text


def test_one_letter_is_not_searched(cast: Cast) -> None:
    assert "at least 2 letters" in cast.as_(cast.lead).get("/search?q=e").text


def test_an_employee_does_not_search(cast: Cast) -> None:
    assert cast.as_(cast.employee).get("/search?q=office").status_code == 403
