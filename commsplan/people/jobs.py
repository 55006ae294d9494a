"""Queue entry points of the directory: ids in, outcome out."""

from __future__ import annotations

from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check
from commsplan.people.imports import waiting_imports


def check_staff_list(import_id: int) -> bool:
    """Read a staff list and say what it would do."""
    return check(import_id)


def apply_staff_list(import_id: int) -> bool:
    """Do what was agreed to."""
    return apply(import_id)


def read_lists_without_bell() -> None:
    """Go on with every list that waits: for a worker whom no bell can reach."""
    for brought in waiting_imports():
        if brought.state == "applying":
            apply(brought.id)
        else:
            check(brought.id)
