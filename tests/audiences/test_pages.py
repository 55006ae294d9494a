"""A lead makes, reads, changes and archives audiences of the team; nobody else meets them."""

import re
from datetime import datetime

import pytest

from commsplan.audiences.actions import create_audience, set_exception
from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audience_named, exceptions_of
from commsplan.audiences.rules import EVERYONE, Condition, Match, Operator, Rule
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.plans.models import Activity, Plan
from tests.cast import Cast, make_person

OPERATIONS = Rule(Match.ALL, (Condition("department", Operator.IS, ("Operations",)),))
ROW = {"node": "1:0:c", "field-1": "department", "operator-1": "is", "value-1": "Operations"}


@pytest.fixture
def audience(cast: Cast) -> Audience:
    return create_audience(cast.team, "Operations", OPERATIONS)


def pages(audience: Audience) -> list[str]:
    base = f"/audiences/{audience.id}"
    return [base, f"{base}/edit", f"{base}/people"]


def posts(audience: Audience) -> list[str]:
    base = f"/audiences/{audience.id}"
    return [
        f"{base}/edit",
        f"{base}/people",
        f"{base}/people/1/drop",
        f"{base}/archive",
        f"{base}/restore",
    ]


def test_another_team_finds_nothing(cast: Cast, audience) -> None:
    browser = cast.as_(cast.outsider)
    assert {browser.get(page).status_code for page in pages(audience)} == {404}
    assert {browser.post(page).status_code for page in posts(audience)} == {404}


@pytest.mark.parametrize("who", ["sponsor", "employee"])
def test_who_leads_nothing_is_refused(cast: Cast, audience, who: str) -> None:
    browser = cast.as_(getattr(cast, who))
    every = [*pages(audience), "/audiences/", "/audiences/new", "/audiences/overlap"]
    assert {browser.get(page).status_code for page in every} == {403}
    forms = [*posts(audience), "/audiences/new", "/audiences/preview"]
    assert {browser.post(page).status_code for page in forms} == {403}


def test_a_forged_form_is_refused(cast: Cast, audience) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    browser = cast.as_(cast.lead)
    forms = [*posts(audience), "/audiences/new", "/audiences/preview"]
    assert {browser.post(page, data=ROW).status_code for page in forms} == {400}


def test_the_page_says_how_many_and_who(cast: Cast, audience) -> None:
    page = cast.as_(cast.teammate).get(f"/audiences/{audience.id}").text
    assert "2 people" in page
    assert "Department is Operations" in page
    assert "Emil Employee" in page


def test_an_audience_is_made_from_rows(cast: Cast) -> None:
    form = {**ROW, "name": "  Operators ", "team": cast.team.id, "do": "save"}
    answer = cast.as_(cast.lead).post("/audiences/new", data=form)
    made = audience_named(cast.team, "Operators")
    assert made is not None
    assert (answer.status_code, answer.location) == (303, f"/audiences/{made.id}")
    assert made.rule == OPERATIONS.to_json()


def test_nobody_makes_an_audience_for_another_team(cast: Cast) -> None:
    form = {**ROW, "name": "Spies", "team": cast.other_team.id}
    assert cast.as_(cast.lead).post("/audiences/new", data=form).status_code == 404


def test_a_name_in_use_is_a_problem_and_what_was_typed_stays(cast: Cast, audience) -> None:
    form = {**ROW, "name": "Operations", "team": cast.team.id, "value-1": "Typed words"}
    answer = cast.as_(cast.lead).post("/audiences/new", data=form)
    assert answer.status_code == 422
    assert "audience of this name already" in answer.text
    assert 'value="Typed words"' in answer.text


def test_an_empty_value_is_named_beside_its_row(cast: Cast) -> None:
    form = {**ROW, "name": "Empty", "team": cast.team.id, "value-1": " "}
    answer = cast.as_(cast.lead).post("/audiences/new", data=form)
    assert answer.status_code == 422
    assert 'id="f-value-1-problem"' in answer.text


@pytest.mark.parametrize(
    ("button", "nodes"),
    [
        ("add-condition:0", ["1:0:c", "2:0:c"]),
        ("add-group:0", ["1:0:c", "2:0:g", "3:2:c"]),
        ("remove:1", []),
        ("add-value:1", ["1:0:c"]),
        ("remove:99", ["1:0:c"]),
        ("nonsense", ["1:0:c"]),
    ],
)
def test_buttons_change_the_rows_and_save_nothing(cast: Cast, button: str, nodes) -> None:
    answer = cast.as_(cast.lead).post("/audiences/new", data={**ROW, "name": "Kept", "do": button})
    assert answer.status_code == 200
    assert re.findall(r'name="node" value="([^"]+)"', answer.text) == nodes
    assert 'value="Kept"' in answer.text
    assert db.session.query(Audience).count() == 0


def test_groups_nest_four_deep_and_no_deeper(cast: Cast) -> None:
    nodes = ["1:0:g", "2:1:g", "3:2:g", "4:3:g", "5:4:c"]
    answer = cast.as_(cast.lead).post("/audiences/new", data={"node": nodes, "do": "count"})
    assert re.findall(r'name="node" value="([^"]+)"', answer.text) == nodes[:3]


def test_the_preview_counts_what_is_complete_and_changes_nothing(cast: Cast) -> None:
    form = {**ROW, "node": ["1:0:c", "2:0:c"], "field-2": "country", "operator-2": "is"}
    page = cast.as_(cast.lead).post("/audiences/preview", data=form).text
    assert '<strong class="figure">2</strong>' in page
    assert "One row is not complete" in page
    assert db.session.query(Audience).count() == 0


def test_countries_are_written_in_words(cast: Cast) -> None:
    make_person("Francine Fer", country="FR")
    form = {**ROW, "field-1": "country", "value-1": "france"}
    assert ">1</strong>" in cast.as_(cast.lead).post("/audiences/preview", data=form).text


def test_a_manager_of_a_common_name_is_told_apart_by_address(cast: Cast) -> None:
    for number in (1, 2):
        boss = make_person("Kim Smith", email=f"kim{number}@northwind.example")
    make_person("Below Kim", manager_id=boss.id)
    form = {**ROW, "field-1": "manager", "operator-1": "in_line_of", "value-1": "Kim Smith"}
    form |= {"name": "Line", "team": cast.team.id}
    browser = cast.as_(cast.lead)
    assert "2 people have this name" in browser.post("/audiences/new", data=form).text
    form["value-1"] = "Kim Smith <kim2@northwind.example>"
    assert browser.post("/audiences/new", data=form).status_code == 303


def test_somebody_elses_change_is_not_overwritten_unseen(cast: Cast, audience) -> None:
    first = {**ROW, "name": "Operations", "revision": 1, "value-1": "IT"}
    mine = {**ROW, "name": "Operators", "revision": 1}
    address = f"/audiences/{audience.id}/edit"
    assert cast.as_(cast.teammate).post(address, data=first).status_code == 303
    answer = cast.as_(cast.lead).post(address, data=mine)
    assert answer.status_code == 422
    assert "Somebody else changed this audience" in answer.text
    assert "Department is IT" in answer.text
    assert 'value="Operators"' in answer.text
    assert 'name="revision" value="2"' in answer.text


def test_somebody_is_added_with_a_reason_and_taken_back(cast: Cast, audience) -> None:
    browser = cast.as_(cast.lead)
    address = f"/audiences/{audience.id}/people"
    assert "Ada Admin" in browser.get(f"{address}?q=ada").text
    browser.post(address, data={"person": cast.admin.id, "how": "in", "why": "Deputy"})
    assert [(one.person.name, one.why) for one in exceptions_of(audience)] == [
        ("Ada Admin", "Deputy")
    ]
    browser.post(f"{address}/{cast.admin.id}/drop")
    assert exceptions_of(audience) == []


def test_nobody_unknown_is_added(cast: Cast, audience) -> None:
    form = {"person": 999, "how": "in"}
    browser = cast.as_(cast.lead)
    assert browser.post(f"/audiences/{audience.id}/people", data=form).status_code == 404


def test_an_archived_audience_leaves_the_list_and_comes_back(cast: Cast, audience) -> None:
    browser = cast.as_(cast.lead)
    browser.post(f"/audiences/{audience.id}/archive")
    assert "Whom do you want to address?" in browser.get("/audiences/").text
    assert "Operations" in browser.get("/audiences/?archived=1").text
    browser.post(f"/audiences/{audience.id}/restore")
    assert f'href="/audiences/{audience.id}"' in browser.get("/audiences/").text


def test_the_overlap_counts_shared_people(cast: Cast, audience) -> None:
    everybody = create_audience(cast.team, "Everybody", EVERYONE)
    set_exception(everybody, cast.employee, False, "", cast.lead)
    page = cast.as_(cast.lead).get("/audiences/overlap").text
    assert re.findall(r'<td class="num heat-(\d)">(\d+)', page) == [("1", "1"), ("3", "1")]


def test_suggestions_are_values_of_the_directory(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    page = browser.get("/audiences/suggestions?field=department&value-1=OPER").text
    assert re.findall(r'value="([^"]+)"', page) == ["Operations"]
    assert browser.get("/audiences/suggestions?field=id").status_code == 404


def test_the_page_says_which_plan_uses_it(cast: Cast, audience) -> None:
    plan = Plan(
        team_id=cast.team.id, title="New ticketing", zone="Europe/Berlin", created_at=now_utc()
    )
    hour = datetime(2026, 10, 6, 9)
    plan.activities.append(
        Activity(
            uid="one@northwind.example",
            kind="meeting",
            title="Town hall",
            audience_id=audience.id,
            starts_local=hour,
            ends_local=hour,
            zone="Europe/Berlin",
            starts_at=now_utc(),
            ends_at=now_utc(),
            created_at=now_utc(),
            revised_at=now_utc(),
        )
    )
    db.session.add(plan)
    page = cast.as_(cast.lead).get(f"/audiences/{audience.id}").text
    assert f'<a href="/plans/{plan.id}">New ticketing</a>' in page
