"""The code keeps the shape the house asks for: small files, names that say what they hold."""

import pytest

from commsplan.app import ROOT

FILES = sorted((ROOT / "commsplan").rglob("*.py")) + sorted((ROOT / "tests").rglob("*.py"))
VAGUE = {"utils.py", "helpers.py", "common.py", "services.py", "manager.py", "misc.py"}
LONGEST_FILE = 400


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long_or_vaguely_named(path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    assert path.name not in VAGUE


def test_every_public_module_says_what_it_holds() -> None:
    silent = [
        str(path)
        for path in FILES
        if path.stat().st_size and not path.read_text().startswith('"""')
    ]
    assert silent == []


def test_no_lock_file_names_a_registry() -> None:
    locks = [*ROOT.glob("*lock*"), *ROOT.glob("package*.json")]
    assert [lock.name for lock in locks if "http" in lock.read_text() and "lock" in lock.name] == []
