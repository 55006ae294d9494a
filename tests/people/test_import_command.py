"""A staff list comes in from the command line, and its exit code tells how it went."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from commsplan.app import ROOT
from commsplan.cli_staff_list import import_staff_list
from commsplan.foundation.database import transaction
from commsplan.people.imports import open_import
from tests.cast import make_person
from tests.people.lists import bring, person


@pytest.fixture
def staff_list(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    path.write_text("E-mail,Name\na@northwind.example,Ann\nnobody,Ben\n")
    return path


def run(app: Flask, *arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(import_staff_list, [str(word) for word in arguments], typed, obj=app)


def test_with_yes_it_imports_and_ends_with_0(app: Flask, staff_list: Path) -> None:
    result = run(app, staff_list, "--yes")
    assert result.exit_code == 0, result.output
    assert "rows that cannot be imported" in result.output
    assert ".problems.csv" in result.output
    assert person("a@northwind.example").name == "Ann"


def test_without_an_answer_nothing_is_imported(app: Flask, staff_list: Path) -> None:
    assert run(app, staff_list, typed="n\n").exit_code == 1
    assert open_import() is None


def test_too_many_leaving_is_refused_until_confirmed(app: Flask, staff_list: Path) -> None:
    with transaction():
        make_person("Zoe Old")
    result = run(app, staff_list, "--yes")
    assert result.exit_code == 1
    assert "1 of 1 people would be marked as left" in result.stderr
    assert run(app, staff_list, "--yes", "--confirm-leaving").exit_code == 0
    assert person("zoe.old@northwind.example").left_on is not None


def test_an_unusable_file_ends_with_2(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text("Name\nAnn\n")
    result = run(app, path, "--yes")
    assert result.exit_code == 2
    assert "No column is called e-mail" in result.stderr


def test_a_missing_file_ends_with_2(app: Flask) -> None:
    assert run(app, "/nowhere.csv").exit_code == 2


def test_a_second_list_is_refused(app: Flask, staff_list: Path) -> None:
    bring("b@northwind.example,Ben,Ops")
    result = run(app, staff_list, "--yes")
    assert result.exit_code == 1
    assert "Another staff list is on its way" in result.stderr


def test_its_output_is_for_people_not_machines(app: Flask, staff_list: Path) -> None:
    names = ("DATA_DIR", "DATABASE_URL", "REDIS_URL")
    settings = {name: str(app.config[name]) for name in names}
    result = subprocess.run(
        [sys.executable, "-m", "commsplan", "people", "import", str(staff_list), "--yes"],
        env={**os.environ, **settings, "SECRET_KEY": "x" * 40},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "staff_list." not in result.stdout + result.stderr


def test_the_question_names_who_is_marked_as_left(app: Flask, staff_list: Path) -> None:
    with transaction():
        make_person("Zoe Old")
    result = run(app, staff_list, "--confirm-leaving", typed="n\n")
    assert "Import 1 people and mark 1 as left?" in result.output
