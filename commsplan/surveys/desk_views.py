"""Questions as a lead asks them: write, try, and read what came of them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import utc_to_local
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.foundation.sheets import neutralise
from commsplan.messages.models import Message
from commsplan.messages.queries import message_for_editor
from commsplan.messages.rendering import reader_of, subject_for
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans.queries import may_edit
from commsplan.surveys.actions import remove_survey, save_survey
from commsplan.surveys.anonymity import COMMENTS_FROM
from commsplan.surveys.export import rows_of
from commsplan.surveys.forms import read_survey, typed_survey
from commsplan.surveys.models import Survey
from commsplan.surveys.queries import (
    count_responses,
    possible_owners,
    survey_for_editor,
    survey_for_reader,
    survey_of,
)
from commsplan.surveys.results import results_of
from commsplan.surveys.rules import MOST_CHOICES, MOST_QUESTIONS

pages = Blueprint("survey_desk", __name__)

OPEN_FOR = timedelta(days=14)
HEAR_BACK_AFTER = timedelta(days=28)
"""What the form proposes for a new survey, from today."""


@pages.get("/messages/<int:message_id>/survey")
@needs(Role.LEAD)
def edit(message_id: int) -> ResponseReturnValue:
    """What do we want to know, until when, and who answers for it?"""
    message = message_for_editor(current_person(), message_id)
    survey = survey_of(message)
    zone = zone_of(current_person())
    return _form(message, survey, typed_survey(survey, zone) if survey else _proposal(zone))


@pages.post("/messages/<int:message_id>/survey")
@needs(Role.LEAD)
def save(message_id: int) -> ResponseReturnValue:
    """Keep the questions, then show them as people will see them."""
    person = current_person()
    message = message_for_editor(person, message_id)
    owners = [owner.id for owner in possible_owners(message.plan)]
    match read_survey(request.form, zone_of(person), owners):
        case Unusable(problems, typed):
            return _form(message, survey_of(message), typed, problems), 422
        case wish:
            try:
                save_survey(message, wish, person)
            except NotNow as error:
                problems = {"": str(error)}
                return _form(message, survey_of(message), dict(request.form), problems), 409
    flash(_("The survey is saved."))
    return redirect(url_for(".preview", message_id=message_id), 303)


@pages.post("/messages/<int:message_id>/survey/remove")
@needs(Role.LEAD)
def remove(message_id: int) -> ResponseReturnValue:
    """Take the questions away again, while nobody has answered."""
    remove_survey(survey_for_editor(current_person(), message_id), current_person())
    flash(_("The survey is removed."))
    return redirect(url_for(".edit", message_id=message_id), 303)


@pages.get("/messages/<int:message_id>/survey/preview")
@needs(Role.LEAD)
def preview(message_id: int) -> ResponseReturnValue:
    """How will people see it?"""
    survey = survey_for_editor(current_person(), message_id)
    return render_template(
        "surveys/answer.html",
        survey=survey,
        subject=subject_for(survey.message.latest, reader_of(current_person())),
        plan=survey.message.plan,
        zone=zone_of(current_person()),
        comments_from=COMMENTS_FROM,
        typed={},
        is_change=False,
        is_preview=True,
    )


@pages.get("/messages/<int:message_id>/survey/results")
@needs(Role.LEAD, Role.SPONSOR)
def results(message_id: int) -> ResponseReturnValue:
    """What did people say?"""
    survey = survey_for_reader(current_person(), message_id)
    return render_template(
        "surveys/results.html",
        survey=survey,
        message=survey.message,
        results=results_of(survey),
        comments_from=COMMENTS_FROM,
        may_edit=may_edit(current_person(), survey.message.plan),
    )


@pages.get("/messages/<int:message_id>/survey/results.csv")
@needs(Role.LEAD, Role.SPONSOR)
def export(message_id: int) -> ResponseReturnValue:
    """The same figures as a file, hidden alike."""
    survey = survey_for_reader(current_person(), message_id)
    text = io.StringIO()
    rows = rows_of(survey, results_of(survey))
    csv.writer(text).writerows([neutralise(cell) for cell in row] for row in rows)
    name = f"survey-{message_id}.csv"
    return Response(
        "\ufeff" + text.getvalue(),  # the mark tells Excel that this is UTF-8
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _form(
    message: Message,
    survey: Survey | None,
    typed: dict[str, object],
    problems: dict[str, str] | None = None,
) -> str:
    return render_template(
        "surveys/edit.html",
        message=message,
        survey=survey,
        typed=typed,
        problems=problems,
        owners=possible_owners(message.plan),
        is_locked=bool(survey and count_responses(survey)),
        numbers=range(1, MOST_QUESTIONS + 1),
        choice_numbers=range(1, MOST_CHOICES + 1),
    )


def _proposal(zone: str) -> dict[str, object]:
    today = utc_to_local(now_utc(), zone).date()
    return {
        "closes_date": (today + OPEN_FOR).isoformat(),
        "closes_time": "18:00",
        "reply_by": (today + HEAR_BACK_AFTER).isoformat(),
        "owner": current_person().id,
        "q1_kind": "rating",
        "q1_words": _("How clear is it to you what changes?"),
        "q2_kind": "text",
        "q2_words": _("What is still open for you?"),
    }
