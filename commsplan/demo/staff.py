"""Brings the invented staff list in through the same import as any staff list."""

from __future__ import annotations

from pathlib import Path

from commsplan.demo.organisation import write_staff_list
from commsplan.foundation.errors import NotNow
from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check
from commsplan.people.imports import agree, receive, staff_import


def bring_in_staff(folder: Path, people: int) -> None:
    """Write the list, check it and apply it.

    Raises:
        NotNow: the import did not end well; the sentence says why.
    """
    path = folder / "northwind-staff.csv"
    write_staff_list(path, people)
    with path.open("rb") as file:
        import_id = receive(file, path.name, None).id
    check(import_id)
    brought = staff_import(import_id)
    agree(brought, True, None)
    apply(import_id)
    if staff_import(import_id).state != "done":
        raise NotNow(f"The staff list was not taken: {staff_import(import_id).why}")
