"""What a plan's page says of mails about a changed date, and the button that asks for them."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from commsplan.calendars.freshness import Freshness
from commsplan.delivery.moved_actions import counts_of, to_tell


def moved_panel(freshness: Freshness, may_edit: bool) -> Markup | None:
    """Return how many were told, and the offer to tell those who were not."""
    counts, left = counts_of(freshness.activity), len(to_tell(freshness))
    if not counts and not (may_edit and left):
        return None
    return Markup(  # noqa: S704  # our own template, which escapes
        render_template(
            "delivery/_moved.html",
            activity=freshness.activity,
            counts=counts,
            left=left if may_edit and freshness.activity.removed_at is None else 0,
        )
    )
