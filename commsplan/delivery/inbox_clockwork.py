"""What the timetable does about mail that comes in."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from commsplan.delivery.bouncing import forget_old_bounces, settle_early


def look_after_early_bounces() -> None:
    """Apply reports that came before their copies were settled."""
    settle_early()


def tidy_bounces() -> None:
    """Forget single reports that are older than the settings say."""
    forget_old_bounces(timedelta(days=current_app.config["BOUNCE_DAYS"]))
