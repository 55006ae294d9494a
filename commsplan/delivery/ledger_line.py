"""A line to PostgreSQL on which a worker asks and goes on; answers are read when they are there.

A commit takes a millisecond or ten, in which a worker that waits sends nothing. libpq's pipeline
mode (PostgreSQL's manual, 32.5) sends statements without waiting for answers; whatever stands
between two of its synchronisation points is one transaction. psycopg hands libpq's own calls
through as `psycopg.pq`; they are reached by way of the engine, as only installations on PostgreSQL
have psycopg.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from select import select
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import OperationalError

from commsplan.foundation.database import db

NUMBERED = asyncpg.dialect()  # type: ignore[no-untyped-call]  # writes $1 where others write %s
Value = str | int | datetime | None
Table = list[list[str]]
"""What one statement returned, as PostgreSQL writes it."""


class Statement:
    """One statement, with numbers for its parameters as libpq wants them."""

    def __init__(self, name: str, clause: TextClause) -> None:
        """Compile it.

        Args:
            name: what the server keeps the prepared statement under, while a line lasts.
            clause: with parameters by name; each needs a cast where its type is not plain.
        """
        compiled = clause.compile(dialect=NUMBERED)
        self.name = name.encode()
        self.sql = str(compiled).encode()
        self._order: Sequence[str] = compiled.positiontup or ()

    def arguments(self, values: Mapping[str, Value]) -> list[bytes | None]:
        """Return the parameters in their order, as PostgreSQL reads them."""
        return [_written(values[name]) for name in self._order]


def _written(value: Value) -> bytes | None:
    if isinstance(value, datetime):
        value = value.isoformat()
    return None if value is None else str(value).encode()


@dataclass
class _Asked:
    """One transaction that is on its way."""

    answered: Callable[[list[Table]], None]
    tables: list[Table] = field(default_factory=list)


class LedgerLine:
    """A connection of its own, on which transactions are answered in the order they were asked."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        """Connect, and let the server prepare the statements."""
        self._connection = db.engine.raw_connection()
        driver: Any = self._connection.driver_connection
        self._driver: Any = driver
        self._connection.detach()  # the pool must not get it back in pipeline mode
        self._raw: Any = self._driver.pgconn
        dbapi: Any = db.engine.dialect.loaded_dbapi
        self._status = dbapi.pq.ExecStatus
        self._problem = dbapi.errors.error_from_result
        self._failed = dbapi.Error
        self._asked: deque[_Asked] = deque()
        self._driver.rollback()
        for one in statements:
            self._check(self._raw.prepare(one.name, one.sql), one.sql)
        self._raw.enter_pipeline_mode()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when an answer comes."""
        return int(self._raw.socket)

    def close(self) -> None:
        """Hang up; what was asked and not answered is done or not, as after a crash."""
        self._driver.close()
        self._connection.invalidate()  # it is closed already: nothing is to be reset

    @property
    def is_asked(self) -> bool:
        """Whether anything is not answered yet."""
        return bool(self._asked)

    def ask(
        self,
        statements: Sequence[Statement],
        values: Mapping[str, Value],
        answered: Callable[[list[Table]], None],
    ) -> None:
        """Send one transaction; `answered` is called from `hear` with what each returned."""
        try:
            for one in statements:
                self._raw.send_query_prepared(one.name, one.arguments(values))
            self._raw.pipeline_sync()
            self._raw.flush()
        except self._failed as error:
            raise OperationalError("(a pipeline)", {}, error) from error
        self._asked.append(_Asked(answered))

    def hear(self) -> None:
        """Read the answers that are there, without waiting for others.

        Raises:
            OperationalError: a statement failed, or the connection is lost.
        """
        try:
            self._raw.consume_input()
            while self._asked and not self._raw.is_busy():
                self._take(self._raw.get_result())
        except self._failed as error:
            raise OperationalError("(a pipeline)", {}, error) from error

    def wait(self) -> None:
        """Wait until everything is answered."""
        while self._asked:
            select([self], [], [])
            self.hear()

    def _take(self, result: Any) -> None:
        if result is None:  # the end of one statement's answers
            return
        if result.status == self._status.PIPELINE_SYNC:
            asked = self._asked.popleft()
            asked.answered(asked.tables)
            return
        self._check(result, b"(a pipeline)")
        self._asked[0].tables.append(_table(result))

    def _check(self, result: Any, sql: bytes) -> None:
        if result.status not in {self._status.TUPLES_OK, self._status.COMMAND_OK}:
            problem = self._problem(result)
            raise OperationalError(sql.decode(), {}, problem) from problem


def _table(result: Any) -> Table:
    rows, columns = range(result.ntuples), range(result.nfields)
    return [[(result.get_value(row, one) or b"").decode() for one in columns] for row in rows]
