"""Runs the migrations on the application's own engine, in one transaction each."""

import os

from alembic import context
from flask import current_app
from sqlalchemy import JSON

from commsplan.foundation.database import Moment, WallClock

database = current_app.extensions["migrate"].db
only = os.environ.get("ONLY_TABLES", "").split()


def render_item(kind, item, autogen_context):
    """Write our column types as the plain ones they are kept as."""
    if kind == "type" and isinstance(item, Moment | WallClock):
        return f"sa.DateTime(timezone={isinstance(item, Moment)})"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


def include_object(thing, name, kind, reflected, compare_to):
    """Leave out tables that are not asked for."""
    return not (kind == "table" and only and name not in only and not reflected)


with database.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A table is altered by making it anew and dropping the old one, which would delete
        # whatever refers to it. SQLite takes this only outside a transaction.
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_object=include_object,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
