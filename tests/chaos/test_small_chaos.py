"""Whatever dies, no copy is lost and none is silently repeated: `make chaos`, small."""

from pathlib import Path

import pytest

from tests.chaos.reported import reported_run

pytestmark = pytest.mark.mainline
COPIES, KILLS = 2_000, 10
"""Takes less than a minute on two idle cores; a busy machine gets the time it needs."""
SIZE = ("--copies", COPIES, "--kills", KILLS, "--minutes", 2.5)


# seeds whose first ten strikes are of eight kinds
@pytest.mark.parametrize(("database", "seed"), [("postgres", 3), ("sqlite", 49)])
def test_nothing_is_lost_or_silently_repeated_whatever_dies(
    database: str, seed: int, tmp_path: Path
) -> None:
    code, found = reported_run(tmp_path, *SIZE, "--database", database, "--seed", seed)
    assert code == 0, found
    assert found["verdict"]["kills"] >= KILLS
    assert found["verdict"]["copies"] >= COPIES
    assert "violation" not in found["sink"], "pipelined where the sink did not offer it"
