"""Saying what was done, with the button that takes it back."""

from __future__ import annotations

from flask import flash, url_for
from flask_babel import gettext as _

from commsplan.plans.models import PlanChange


def told(change: PlanChange | None, text: str) -> None:
    """Tell the person what changed, or that nothing did."""
    if change is None:
        flash(_("Nothing was different, so nothing changed."), "info")
        return
    way_back = url_for("plans.undo", plan_id=change.plan_id, change_id=change.id)
    flash({"text": text, "undo_href": way_back})  # type: ignore[arg-type]  # _flashes.html reads it
