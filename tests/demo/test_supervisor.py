"""The demo brings what the environment does not name, and keeps to one demo per folder."""

from pathlib import Path

import pytest

from commsplan.demo.supervisor import DemoError, environment, only_one, parts, settle

EVERYTHING = ["queue", "mail", "worker-1", "worker-2", "timetable", "web"]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "SMTP_URL", "DATABASE_URL", "BASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


def _names(folder: Path) -> list[str]:
    place = settle(folder)
    return [part.name for part in parts(place, environment(place))]


def test_it_brings_everything_in_the_order_of_need(tmp_path: Path) -> None:
    assert _names(tmp_path) == EVERYTHING


@pytest.mark.parametrize(("name", "left_out"), [("REDIS_URL", "queue"), ("SMTP_URL", "mail")])
def test_a_server_that_is_named_replaces_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, left_out: str
) -> None:
    monkeypatch.setenv(name, "scheme://elsewhere.example:1")
    assert _names(tmp_path) == [part for part in EVERYTHING if part != left_out]
    assert environment(settle(tmp_path))[name] == "scheme://elsewhere.example:1"


def test_a_database_that_is_named_reaches_every_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "DATABASE_URL" not in environment(settle(tmp_path))  # then it is SQLite, in the folder
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere.example/demo")
    place = settle(tmp_path)
    inherited = [part.environment.get("DATABASE_URL") for part in parts(place, environment(place))]
    assert set(inherited) == {"postgresql://elsewhere.example/demo"}


def test_a_second_demo_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(DemoError, match="already running"), only_one(tmp_path):
        pass


def test_the_secret_stays_the_same_and_is_private(tmp_path: Path) -> None:
    first = environment(settle(tmp_path))["SECRET_KEY"]
    assert environment(settle(tmp_path))["SECRET_KEY"] == first
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
