"""Queue entry points of the directory: ids in, outcome out."""

from __future__ import annotations

from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check


def check_staff_list(import_id: int) -> bool:
    """Read a staff list and say what it would do."""
    return check(import_id)


def apply_staff_list(import_id: int) -> bool:
    """Do what was agreed to."""
    return apply(import_id)
