"""Pipelines ask over HTTP, with a token that opens this and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from commsplan.calendars.blackout_rules import OverrideWish
from commsplan.calendars.override_actions import override
from commsplan.calendars.state_openapi import StateAnswer
from commsplan.calendars.state_rules import SCOPE
from commsplan.foundation.database import transaction
from commsplan.people.token_actions import make_token, revoke_token
from commsplan.people.token_models import ApiToken
from tests.calendars.shared import NOW, blackout, calendar
from tests.calendars.test_state import IN_BERLIN
from tests.cast import Cast

STATE = "/api/v1/calendars/state"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def token(cast: Cast) -> tuple[ApiToken, str]:
    return make_token(cast.team, "Shop", SCOPE, cast.lead)


@pytest.fixture
def ask(client: FlaskClient, token: tuple[ApiToken, str]):  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {token[1]}"}
    return lambda query="": client.get(STATE + query, headers=headers)


def test_a_pipeline_is_told_and_why(ask, cast: Cast) -> None:
    blackout(cast, IN_BERLIN)
    answer = ask()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "state": "closed",
        "at": "2026-11-23T16:00:00Z",
        "next_transition": {"at": "2026-11-23T18:00:00Z", "state": "open"},
        "looked_until": "2027-12-28T16:00:00Z",
        "calendars": [
            {
                "calendar": "organisation",
                "state": "closed",
                "next_transition": {"at": "2026-11-23T18:00:00Z", "state": "open"},
                "because": [
                    {
                        "title": "Year-end freeze",
                        "starts": "2026-11-23T16:00:00Z",
                        "ends": "2026-11-23T18:00:00Z",
                    }
                ],
                "override": None,
                "doubt": "",
                "unread_lines": 0,
            }
        ],
    }


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23T18:30:00%2B01:00",
        "2026-11-23T18:30:00+01:00",
        "2026-11-23T17:30:00Z",
        "2026-11-23T12:30:00-05:00",
    ],
)
def test_any_moment_can_be_asked_about_in_any_offset(ask, cast: Cast, at: str) -> None:
    blackout(cast, IN_BERLIN)
    assert ask(f"?at={at}").json["at"] == "2026-11-23T17:30:00Z"
    assert ask(f"?at={at}").json["state"] == "closed"


@pytest.mark.parametrize("at", ["noon", "2026-11-23T18:30:00", "2026-11-23", "9999-01-01T00:00Z"])
def test_a_moment_that_is_none_is_an_error(ask, at: str) -> None:
    answer = ask(f"?at={at}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"].startswith("`at`")


@pytest.mark.parametrize("query", ["?calendar=one&calendar=other", "?calendar=one,other"])
def test_several_calendars_are_asked_at_once(ask, cast: Cast, query: str) -> None:
    calendar(cast, name="One")
    other = calendar(cast, name="Other")
    blackout(cast, IN_BERLIN, calendar_id=other.id)
    found = ask(query).json
    assert found["state"] == "closed"
    assert [(one["calendar"], one["state"]) for one in found["calendars"]] == [
        ("one", "open"),
        ("other", "closed"),
    ]


def test_a_name_that_nobody_knows_is_404(ask) -> None:
    answer = ask("?calendar=paymnts")
    assert answer.status_code == 404
    assert "paymnts" in answer.json["detail"]


def test_too_many_calendars_are_refused(ask) -> None:
    assert ask("?calendar=" + ",".join(["organisation"] * 21)).status_code == 422


def test_an_override_is_told_with_who_answers_for_it(ask, cast: Cast) -> None:
    blackout(cast, IN_BERLIN)
    override(OverrideWish(None, NOW + timedelta(hours=1), "Fire."), cast.sponsor)
    found = ask().json
    assert found["state"] == "open"
    assert found["calendars"][0]["override"] == {
        "until": "2026-11-23T17:00:00Z",
        "sponsor": "Sigrid Sponsor",
        "reason": "Fire.",
    }


def test_every_answer_is_as_described(ask, cast: Cast) -> None:
    calendar(cast, source="file")
    blackout(cast, IN_BERLIN)
    for query in ("", "?calendar=payments", "?calendar=payments&at=2027-01-01T00:00:00Z"):
        StateAnswer.model_validate(ask(query).json)


def test_the_description_is_openapi(client: FlaskClient) -> None:
    found = client.get("/api/v1/openapi.json").json
    assert found["openapi"] == "3.1.0"
    operation = found["paths"][STATE]["get"]
    assert {one["name"] for one in operation["parameters"]} == {"calendar", "at"}
    for answer in operation["responses"].values():
        (content,) = answer["content"].values()
        assert content["schema"]["$ref"].rpartition("/")[2] in found["components"]["schemas"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5000, "Bearer \x00"]
)
def test_without_a_token_there_is_no_answer(client: FlaskClient, header: str) -> None:
    answer = client.get(STATE, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "state" not in answer.json


def test_a_revoked_token_opens_nothing(ask, token: tuple[ApiToken, str], cast: Cast) -> None:
    revoke_token(token[0], cast.lead)
    assert ask().status_code == 401


def test_a_token_is_kept_as_a_hash_and_its_use_is_noted(
    ask, token: tuple[ApiToken, str], clock: time_machine.Traveller
) -> None:
    assert token[1] not in str(vars(token[0]))
    ask()
    assert token[0].used_at == NOW
    clock.shift(60)
    ask()
    assert token[0].used_at == NOW


def test_whoever_plans_may_ask_in_the_browser_others_may_not(cast: Cast) -> None:
    assert cast.as_(cast.lead).get(STATE).status_code == 200
    assert cast.as_(cast.sponsor).get(STATE).status_code == 200
    answer = cast.as_(cast.employee).get(STATE)
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")


def test_a_bad_token_is_refused_even_to_whoever_is_signed_in(cast: Cast) -> None:
    answer = cast.as_(cast.lead).get(STATE, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


def test_leads_make_tokens_and_see_them_once(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    page = browser.post("/calendars/tokens/", data={"name": "Shop"}).text
    secret = page.partition("cmp_")[2].partition("<")[0]
    assert len(secret) == 32
    assert secret not in browser.get("/calendars/tokens/").text
    asked = cast.app.test_client().get(STATE, headers={"Authorization": f"Bearer cmp_{secret}"})
    assert asked.status_code == 200


def test_a_token_needs_a_name(cast: Cast) -> None:
    answer = cast.as_(cast.lead).post("/calendars/tokens/", data={"name": " "})
    assert answer.status_code == 422
    assert "Say what it is for." in answer.text


def test_another_team_neither_sees_nor_revokes_it(cast: Cast, token: tuple[ApiToken, str]) -> None:
    browser = cast.as_(cast.outsider)
    assert "Shop" not in browser.get("/calendars/tokens/").text
    assert browser.post(f"/calendars/tokens/{token[0].id}/revoke").status_code == 404
    assert token[0].revoked_at is None


def test_its_team_revokes_it(cast: Cast, token: tuple[ApiToken, str]) -> None:
    answer = cast.as_(cast.teammate).post(f"/calendars/tokens/{token[0].id}/revoke")
    assert answer.status_code == 303
    with transaction():
        assert token[0].revoked_at is not None


@pytest.mark.parametrize("who", ["employee", "sponsor"])
def test_who_leads_no_team_makes_no_token(cast: Cast, who: str) -> None:
    answer = cast.as_(getattr(cast, who)).post("/calendars/tokens/", data={"name": "X"})
    assert answer.status_code == 403
