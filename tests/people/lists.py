"""Staff lists for the tests: written, checked and applied as a worker would."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check
from commsplan.people.imports import agree, problem_file, receive, staff_import
from commsplan.people.models import Person, StaffImport

HEADER = "E-mail,Name,Department"


def bring(*rows: str, header: str = HEADER, by: Person | None = None) -> StaffImport:
    """Hand in a list as CSV."""
    text = "\n".join([header, *rows]) + "\n"
    return receive(BytesIO(text.encode()), "staff.csv", by)


def checked(*rows: str, header: str = HEADER, by: Person | None = None) -> StaffImport:
    """Hand in a list and check it."""
    brought = bring(*rows, header=header, by=by)
    assert check(brought.id)
    return staff_import(brought.id)


def imported(*rows: str, header: str = HEADER, by: Person | None = None) -> StaffImport:
    """Hand in a list, check it, agree and apply it."""
    brought = checked(*rows, header=header, by=by)
    assert brought.state == "ready", brought.why
    agree(brought, leaving_confirmed=True, by=by)
    assert apply(brought.id)
    return staff_import(brought.id)


def person(email: str) -> Person:
    """Somebody from the directory, as they are now."""
    db.session.expire_all()
    return db.session.scalars(select(Person).where(Person.email == email)).one()


def problems(brought: StaffImport) -> str:
    """The text of the problem file."""
    return problem_file(brought).read_text("utf-8-sig")
