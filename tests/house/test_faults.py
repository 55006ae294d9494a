"""Every fault that sending must survive names what proves it, and that exists."""

import re

import pytest

from commsplan.app import ROOT
from tests.chaos.mischief import KINDS
from tests.chaos.monkey import EXTRAS, STRIKES

TABLE = (ROOT / "docs" / "reference" / "faults.md").read_text()
FAULTS = [
    (cells[0], cells[1])
    for line in TABLE[TABLE.index("## Processes") :].splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Fault "))
    for cells in [[cell.strip() for cell in line.strip("|").split(" | ")]]
]
OF_CHAOS = {*STRIKES, *EXTRAS, *(f"sink {kind}" for kind in KINDS)}
SURVIVED = """
Web killed before|Web killed after|Worker killed after the lease|before the dot|after the dot
after the 250|stopped for two leases|Poison|SIGTERM|Three timetables|down for 3 h|Clock wrong
a gap, an overlap|without an append-only file|Flushed|Hung for 10 min|Full|PostgreSQL killed
during COMMIT|Disk full|421|451|550|11 min|pipelined group|PIPELINING|429|Yesterday
"""


@pytest.mark.parametrize(("fault", "proof"), FAULTS, ids=[fault for fault, _proof in FAULTS])
def test_what_proves_it_exists(fault: str, proof: str) -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", proof)
    lines = re.findall(r"`make chaos`: ([\w -]+)", proof)
    assert len(tests) + len(lines) == len(proof.split(", ")) > 0
    for path, name in tests:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), name
    assert set(lines) <= OF_CHAOS


@pytest.mark.parametrize("words", re.split(r"[|\n]", SURVIVED.strip()))
def test_the_table_leaves_none_out(words: str) -> None:
    assert any(words in fault for fault, _proof in FAULTS)
