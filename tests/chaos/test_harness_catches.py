"""The harness is worth believing: each fault put into the engine on purpose is caught."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.reported import reported_run

pytestmark = pytest.mark.mainline
COPIES = 600
SIZE = ("--copies", COPIES, "--kills", 5, "--minutes", 1.5, "--seed", 5)


def _run_with(fault: str, folder: Path, *options: str) -> dict[str, Any]:
    code, found = reported_run(folder, *SIZE, "--fault", fault, *options)
    assert code == 1
    assert found["verdict"]["copies"] >= COPIES
    return found


def test_a_worker_that_settles_without_its_fence_is_caught(tmp_path: Path) -> None:
    found = _run_with("settle-without-fence", tmp_path, "--only", "worker long-stop")
    assert found["findings"]["vanished_doubts"] > 0
    assert found["verdict"]["lost"] > 0


def test_an_audience_frozen_twice_without_a_constraint_is_caught(tmp_path: Path) -> None:
    found = _run_with("no-unique-constraint", tmp_path)
    assert found["findings"]["repeats"] > 0
    assert found["verdict"]["silent_repeats"] > found["findings"]["repeats"], "rows count too"


def test_copies_settled_before_they_are_sent_are_caught(tmp_path: Path) -> None:
    found = _run_with("settle-before-send", tmp_path)
    assert found["findings"]["accepted_without_copy"] > 0
    assert found["verdict"]["lost"] > 0
