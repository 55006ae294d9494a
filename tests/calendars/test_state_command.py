"""`commsplan calendars state` ends with 0, 1 or 2, so that a pipeline needs to read nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import time_machine
from click.testing import CliRunner, Result

from commsplan import cli_calendars
from commsplan.cli import main
from commsplan.cli_calendars import calendars
from tests.calendars.shared import NOW, blackout, calendar
from tests.calendars.test_state import IN_BERLIN
from tests.cast import Cast


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def run(cast: Cast, *arguments: str) -> Result:
    return CliRunner().invoke(calendars, ["state", *arguments], obj=cast.app)


def test_open_ends_with_0(cast: Cast) -> None:
    found = run(cast)
    assert found.exit_code == 0
    assert found.output == "organisation: Open. Nothing closes it in the year ahead.\n"


def test_closed_ends_with_1_and_says_until_when(cast: Cast) -> None:
    blackout(cast, IN_BERLIN)
    found = run(cast)
    assert found.exit_code == 1
    assert found.output == (
        "organisation: Closed until Mon 23 Nov, 19:00 (Berlin): “Year-end freeze”.\n"
    )


def test_another_moment_and_several_calendars(cast: Cast) -> None:
    blackout(cast, IN_BERLIN, calendar_id=calendar(cast).id)
    both = ("--calendar", "organisation", "--calendar", "payments")
    assert run(cast, *both).exit_code == 1
    assert run(cast, *both, "--at", "2026-11-24T00:00:00Z").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [("--calendar", "nobody"), ("--at", "noon"), ("--at", "2026-11-24T09:00")]
)
def test_what_cannot_be_asked_ends_with_2(cast: Cast, arguments: tuple[str, ...]) -> None:
    found = run(cast, *arguments)
    assert found.exit_code == 2
    assert found.output.startswith("Nobody can tell: ")


def test_a_calendar_that_was_never_read_ends_with_2(cast: Cast) -> None:
    calendar(cast, source="file")
    found = run(cast, "--calendar", "payments")
    assert (found.exit_code, found.output) == (
        2,
        "payments: Nobody can tell: It was never read.\n",
    )


def test_settings_that_cannot_be_used_end_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("a secret stands in here")

    monkeypatch.setattr(cli_calendars, "create_app", broken)
    found = CliRunner().invoke(main, ["calendars", "state"])
    assert found.exit_code == 2
    assert "secret" not in found.output


def test_a_database_that_is_away_ends_with_2(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_calendars, "asked_for", lambda *_: (_ for _ in ()).throw(OSError))
    assert run(cast).exit_code == 2


def test_programs_get_json(cast: Cast) -> None:
    found = json.loads(run(cast, "--json").output)
    assert found["state"] == "open"
    assert found["calendars"][0]["calendar"] == "organisation"
