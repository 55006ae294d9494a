"""The ledger as plain rows: read with SQL of our own, on an engine of our own.

The application's models, queries and counts stay out of it; so do its connections.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from commsplan.foundation.settings import Settings

CHUNKS = "select count(*) from chunk where state <> 'closed'"
OPEN = """
select (select count(*) from send where state <> 'finished')
    + (select count(*) from chunk where state <> 'closed')
    + (select count(*) from delivery where state in ('planned', 'sending'))
"""


@dataclass(frozen=True)
class Row:
    """One copy for one person."""

    id: int
    message_id: int
    person_id: int
    address: str
    state: str


@dataclass(frozen=True)
class Doubt:
    """One entry into `uncertain`: which copy, when, and which worker had it."""

    delivery_id: int
    at: datetime
    worker: str


@dataclass(frozen=True)
class Ledger:
    """Everything the audit reads of the database."""

    rows: list[Row]
    doubts: list[Doubt]
    sends: dict[int, str]
    """The state of each send."""
    messages: frozenset[int]
    """Those that have a send."""
    open_chunks: int
    """How many chunks are not closed."""


def read_ledger() -> Ledger:
    """Read the database that the environment names."""
    engine = create_engine(Settings().database, poolclass=NullPool)
    with engine.connect() as connection:
        sends = connection.execute(text("select id, message_id, state from send")).all()
        rows = connection.execute(
            text("select id, message_id, person_id, address, state from delivery")
        )
        return Ledger(
            rows=[Row(*row) for row in rows],
            doubts=_doubts(connection),
            sends={row.id: row.state for row in sends},
            messages=frozenset(row.message_id for row in sends),
            open_chunks=connection.scalar(text(CHUNKS)) or 0,
        )


def _doubts(connection: Connection) -> list[Doubt]:
    """Return every entry into `uncertain`."""
    rows = connection.execute(
        text("select delivery_id, at, worker from delivery_history where state = 'uncertain'")
    )
    return [Doubt(row[0], _aware(row[1]), row[2]) for row in rows]


def _aware(written: datetime | str) -> datetime:
    """Return a moment; SQLite keeps it as text without its zone, which is UTC."""
    moment = datetime.fromisoformat(written) if isinstance(written, str) else written
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def count_open() -> int:
    """Return how many sends, chunks and copies are open still; cheap enough to ask often."""
    engine = create_engine(Settings().database, poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.execute(text(OPEN)).scalar_one())
