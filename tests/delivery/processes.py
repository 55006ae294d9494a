"""A process of its own that works on the test's database, mail server and files."""

from __future__ import annotations

from flask import Flask

NAMES = ("DATA_DIR", "SMTP_URL", "REDIS_URL", "SECRET_KEY", "WORKER_WINDOW", "WORKER_LEASE_SECONDS")


def settings_of(app: Flask) -> dict[str, str]:
    """Return the environment that makes another process the same installation."""
    url = app.config["DATABASE_URL"] or app.config["SQLALCHEMY_DATABASE_URI"]
    same = {name: str(app.config[name]) for name in NAMES}
    return same | {"DATABASE_URL": url, "SECURE_COOKIES": "false"}
