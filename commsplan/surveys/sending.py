"""What a message's questions have to say before it goes out."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from commsplan.messages.checks import BAD, GOOD, WARN, Check
from commsplan.messages.models import Message
from commsplan.surveys.queries import survey_of

TIME_TO_ANSWER = timedelta(days=2)  # shifts and days off: less leaves out whoever is not at work


def check_survey(message: Message, due_at: datetime) -> list[Check]:
    """Hold the close of the survey against the moment at which people are asked."""
    survey = survey_of(message)
    if survey is None:
        return []
    if survey.closes_at <= due_at:
        found = _("The questions close before the message goes out.")
        return [Check(BAD, "survey", found, _("Let the survey close later."))]
    if survey.closes_at - due_at < TIME_TO_ANSWER:
        found = _("People have less than two days to answer the questions.")
        return [Check(WARN, "survey", found, _("Let the survey close later."))]
    return [Check(GOOD, "survey", _("There is time to answer the questions."))]
