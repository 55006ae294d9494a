"""As many people in the directory as a test of the engine needs."""

from __future__ import annotations

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person


def hire(number: int) -> None:
    """Add so many people in one statement."""
    with transaction() as database:
        database.execute(Person.__table__.insert(), [_person(count) for count in range(number)])


def _person(number: int) -> dict[str, object]:
    return {
        "email": f"person.{number:05}@northwind.example",
        "name": f"Person {number:05}",
        "department": "Operations",
        "updated_at": now_utc(),
        "attributes": {},
    }
