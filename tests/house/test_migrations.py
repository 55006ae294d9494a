"""The migrations lead to exactly the tables of the models, and all the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from commsplan.app import ROOT, create_app
from commsplan.foundation.database import db
from commsplan.foundation.settings import Settings

MIGRATIONS = str(ROOT / "migrations")


@pytest.fixture(params=["sqlite", "postgres"])
def bare_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without any table."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key="x" * 40)
    app = create_app(settings, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    with app.app_context():
        if url:
            downgrade(directory=MIGRATIONS, revision="base")
        yield app
        db.engine.dispose()


def test_upwards_fits_the_models_and_downwards_leaves_nothing(bare_app: Flask) -> None:
    upgrade(directory=MIGRATIONS)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    downgrade(directory=MIGRATIONS, revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade(directory=MIGRATIONS)
