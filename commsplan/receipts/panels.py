"""What later steps add to a message's page: each is asked in turn and may have nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from commsplan.delivery.models import Delivery

Panel = Callable[[Delivery], Markup | None]

panels: list[Panel] = []
"""Filled by app.py, which knows the steps; this one knows none of the later ones."""


def render_panels(delivery: Delivery) -> list[Markup]:
    """Return the panels of one copy, those that have something to say."""
    return [html for panel in panels if (html := panel(delivery))]
