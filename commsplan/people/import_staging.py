"""Putting the rows of a staff list down in the database, some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert

from commsplan.foundation.database import db, is_sqlite
from commsplan.people.import_rows import Values
from commsplan.people.models import StaffImportRow

FRESH: Values = {"person_id": None, "outcome": "new"}
"""What a row says before it is compared with the directory."""


def stage(batch: Sequence[Values]) -> None:
    """Add a batch inside the caller's transaction.

    PostgreSQL takes it as one COPY: four times as fast as one INSERT per row.
    """
    if is_sqlite():
        db.session.execute(insert(StaffImportRow), [{**values, **FRESH} for values in batch])
        return
    names = [column.name for column in StaffImportRow.__table__.c if column.name != "id"]
    raw: Any = db.session.connection().connection  # the driver's own: SQLAlchemy knows no COPY
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY staff_import_row ({', '.join(names)}) FROM STDIN") as target,
    ):
        for cells in _cells(batch, names):
            target.write_row(cells)


def _cells(batch: Sequence[Values], names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    from psycopg.types.json import Jsonb  # the driver is there only where PostgreSQL is

    for values in batch:
        whole = {**values, **FRESH, "attributes": Jsonb(values["attributes"])}
        yield tuple(whole[name] for name in names)
