"""The database: one base class, the column types that refuse ambiguous time, one transaction.

Reading needs no ceremony; every write goes through `transaction()`. On SQLite that starts with
BEGIN IMMEDIATE, so that two writers queue up at the start instead of failing in the middle.
Source: https://sqlite.org/lang_transaction.html, "Upgrading a read transaction".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Integer, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, scoped_session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 30_000  # a long import must not fail a short click

SERVER_PATIENCE = {
    "idle_in_transaction_session_timeout": "60s",
    "tcp_user_timeout": "30s",
    "tcp_keepalives_idle": "15s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
}
"""How soon PostgreSQL ends a session whose machine is gone, and with it the locks it holds.

By default it waits two hours, and whoever wants the same rows waits with it.
"""
CLIENT_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How soon our side gives up a server that is gone: seconds, but the last in milliseconds."""

NAMES = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = NAMES


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Table = Base
else:
    Table = db.Model

Identity = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""None is the database's null, not JSON's."""


class Moment(TypeDecorator[datetime]):
    """An instant: aware UTC going in and coming out; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone; this one has none.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WallClock(TypeDecorator[datetime]):
    """What a clock on the wall shows: naive on purpose, kept beside the name of its zone."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("A wall-clock time carries no zone; store the zone beside it.")
        return value


def session() -> scoped_session[Session]:
    """Return the session of this request or job."""
    return db.session


_writing: ContextVar[bool] = ContextVar("writing", default=False)
_patience_ms: ContextVar[int] = ContextVar("patience_ms", default=BUSY_TIMEOUT_MS)


@contextmanager
def transaction(patience_ms: int = BUSY_TIMEOUT_MS) -> Iterator[scoped_session[Session]]:
    """Run one writing transaction: commit at the end, roll back whatever raises.

    Every write goes through here. Whatever was read before ends first, so that objects are read
    again under the lock; inside another transaction this one joins it. On SQLite it waits at most
    `patience_ms` for other writers, then raises OperationalError.
    """
    current = db.session
    if _writing.get():
        yield current
        return
    if not (current.new or current.dirty or current.deleted):
        current.commit()
    token, patience = _writing.set(True), _patience_ms.set(patience_ms)
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        _writing.reset(token)
        _patience_ms.reset(patience)


def is_sqlite() -> bool:
    """Tell whether this installation runs on SQLite."""
    return db.engine.dialect.name == "sqlite"


def prepare(app: Flask) -> None:
    """Bind the database to the application and set up each connection."""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "connect_args": CLIENT_PATIENCE,
            "pool_pre_ping": True,  # a connection that died while it lay idle fails nobody's click
        }
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
        if db.engine.dialect.name == "postgresql":
            _prepare_postgres(db.engine)


def _prepare_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for name, value in SERVER_PATIENCE.items():
                cursor.execute(f"SET {name} = '{value}'")
        connection.commit()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # NORMAL may lose commits at power loss
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_patience_ms.get()}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
