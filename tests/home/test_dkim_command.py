"""Keys are made from the command line, and said to be well or not by the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from commsplan.cli import worker
from commsplan.cli_dkim import dkim
from commsplan.home import doctor_settings


@pytest.fixture
def setting(app: Flask) -> Iterator[dict[str, object]]:
    """Change settings for one test."""
    before = dict(app.config)
    app.config["MAIL_FROM"] = "News <news@northwind.example>"
    yield app.config
    app.config.update(before)


def run(app: Flask, *words: str) -> Result:
    return CliRunner().invoke(dkim, list(words), obj=app)


def _entry(app: Flask, folder: Path, kind: str = "ed25519") -> str:
    made = run(app, "key", "spring", "--kind", kind, "--file", str(folder / "spring.pem"))
    return made.output.splitlines()[-1]


def test_a_new_key_comes_with_its_record_and_its_setting(
    app: Flask, setting: dict[str, object], tmp_path: Path
) -> None:
    made = run(app, "key", "spring", "--file", str(tmp_path / "spring.pem"))
    assert 'spring._domainkey.northwind.example. IN TXT "v=DKIM1; k=rsa; p=' in made.output
    assert made.output.endswith(f"\nspring:{tmp_path}/spring.pem\n")


def test_a_key_is_never_overwritten(app: Flask, setting: dict[str, object], tmp_path: Path) -> None:
    _entry(app, tmp_path)
    again = run(app, "key", "spring", "--file", str(tmp_path / "spring.pem"))
    assert again.exit_code == 1
    assert "File exists" in again.output


@pytest.mark.parametrize("selector", ["a b", "../x", "", "x" * 64])
def test_what_is_no_selector_is_refused(app: Flask, selector: str) -> None:
    assert run(app, "key", selector).exit_code != 0


def test_the_records_can_be_read_again(
    app: Flask, setting: dict[str, object], tmp_path: Path
) -> None:
    assert "names no key" in run(app, "records").output
    setting["DKIM_KEYS"] = _entry(app, tmp_path)
    assert "k=ed25519" in run(app, "records").output


def test_the_doctor_looks_at_the_keys(
    app: Flask, setting: dict[str, object], tmp_path: Path
) -> None:
    assert doctor_settings.signatures().kind == "warn"
    setting["DKIM_KEYS"] = _entry(app, tmp_path)
    assert doctor_settings.signatures().kind == "good"
    setting["DKIM_DOMAIN"] = "elsewhere.example"
    assert doctor_settings.signatures().kind == "warn"
    (tmp_path / "spring.pem").chmod(0o644)
    assert doctor_settings.signatures().kind == "bad"


def test_a_worker_without_its_key_does_not_start(app: Flask, setting: dict[str, object]) -> None:
    setting["DKIM_KEYS"] = "spring:/nowhere/at/all.pem"
    answer = CliRunner().invoke(worker, ["--burst"], obj=app)
    assert answer.exit_code == 1
    assert "cannot be read" in answer.output
    assert doctor_settings.signatures().kind == "bad"
