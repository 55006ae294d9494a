"""Reading the directory: one page of it, one person, whom the missing are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.import_matching import leaving
from commsplan.people.models import Grant, Person, StaffImport

PAGE_SIZE = 50
NAMES_SHOWN = 20
REPORTS_SHOWN = 200


@dataclass(frozen=True)
class Filter:
    """What somebody looks for in the directory."""

    text: str = ""
    department: str = ""
    country: str = ""
    left: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the tests a person has to pass."""
        tests: list[ColumnElement[bool]] = [
            Person.left_on.is_not(None) if self.left else Person.left_on.is_(None)
        ]
        for word in self.text.split()[:8]:
            tests.append(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
        if self.department:
            tests.append(Person.department == self.department)
        if self.country:
            tests.append(Person.country == self.country)
        return tests


SEARCHED = (Person.name, Person.email, Person.department, Person.title, Person.location)


@dataclass(frozen=True)
class Page:
    """One page of people and how many there are."""

    people: list[Person]
    total: int
    number: int
    pages: int


def page_of_people(wanted: Filter, number: int) -> Page:
    """Return one page, by name; a number beyond the end shows the last."""
    tests = wanted.conditions()
    total = db.session.scalar(select(func.count()).select_from(Person).where(*tests)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(number, 1), pages)
    found = select(Person).where(*tests).order_by(Person.name, Person.id)
    shown = found.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(list(db.session.scalars(shown)), total, number, pages)


def person_in_directory(person_id: int) -> Person:
    """Return one person, or raise Absent."""
    found = db.session.scalar(
        select(Person).options(joinedload(Person.manager)).where(Person.id == person_id)
    )
    if found is None:
        raise Absent
    return found


def direct_reports(person: Person) -> list[Person]:
    """Return who reports to a person now, by name."""
    reports = select(Person).where(Person.manager_id == person.id, Person.left_on.is_(None))
    return list(db.session.scalars(reports.order_by(Person.name).limit(REPORTS_SHOWN)))


def grants_of(person: Person) -> list[Grant]:
    """Return the roles a person was given, with their teams."""
    given = select(Grant).options(joinedload(Grant.team)).where(Grant.person_id == person.id)
    return list(db.session.scalars(given.order_by(Grant.role, Grant.id)))


def count_staff() -> tuple[int, int]:
    """Return how many work here and how many have left."""
    here, all_of_them = db.session.execute(
        select(func.count().filter(Person.left_on.is_(None)), func.count()).select_from(Person)
    ).one()
    return here, all_of_them - here


def last_updated() -> datetime | None:
    """Return when the last staff list was applied."""
    done = select(func.max(StaffImport.finished_at)).where(StaffImport.state == "done")
    return db.session.scalar(done)


def names_leaving(import_id: int) -> list[str]:
    """Return the first names of those a list would mark as left."""
    names = select(Person.name).where(Person.id.in_(leaving(import_id)))
    return list(db.session.scalars(names.order_by(Person.name).limit(NAMES_SHOWN)))


def imports_so_far(limit: int = 100) -> list[StaffImport]:
    """Return the staff lists that were brought, the newest first."""
    newest = select(StaffImport).options(joinedload(StaffImport.by)).order_by(StaffImport.id.desc())
    return list(db.session.scalars(newest.limit(limit)))
