"""What a message's page says of its questions."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from commsplan.delivery.models import Delivery
from commsplan.foundation.addresses import survey_address
from commsplan.foundation.clock import now_utc
from commsplan.people.queries import zone_of
from commsplan.surveys.queries import response_of, survey_of


def survey_panel(delivery: Delivery) -> Markup | None:
    """Return the way to the questions of this copy's message, if it has any."""
    survey = survey_of(delivery.message)
    if survey is None:
        return None
    return Markup(  # noqa: S704  # our own template, which escapes
        render_template(
            "surveys/_panel.html",
            survey=survey,
            has_answered=response_of(survey, delivery.person_id) is not None,
            is_closed=survey.closes_at <= now_utc(),
            address=survey_address(delivery.id),
            zone=zone_of(delivery.person),
        )
    )
