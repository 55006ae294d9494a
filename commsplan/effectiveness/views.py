"""Did it work? One sentence, one funnel; for every plan, a plan, a message."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from commsplan.effectiveness import words
from commsplan.effectiveness.export import rows_of
from commsplan.effectiveness.meetings import meetings_of
from commsplan.effectiveness.pictures import Effect, effect_of
from commsplan.effectiveness.queries import (
    cannot_of,
    cells_of_message,
    cells_of_plan,
    count_sent_messages,
    counts_by_message,
    counts_by_plan,
    sent_messages_of,
    verdicts_of,
)
from commsplan.effectiveness.rules import DEFINITION_VERSION, FEW, Counts, Figure, reading
from commsplan.foundation.clock import now_utc
from commsplan.foundation.sheets import neutralise
from commsplan.messages.queries import message_for_reader
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import words as plan_words
from commsplan.plans.queries import WHOLE, may_edit, plan_for_reader, plans_for
from commsplan.plans.summary import state_of
from commsplan.receipts import rules as verdict_rules
from commsplan.surveys.queries import survey_of
from commsplan.surveys.results import results_of

pages = Blueprint("effectiveness", __name__, url_prefix="/effectiveness")
pages.add_app_template_filter(words.ends, "ends")


@pages.get("/")
@needs(Role.LEAD, Role.SPONSOR)
def index() -> ResponseReturnValue:
    """Did it work? A sentence for every plan this person may see."""
    plans = plans_for(current_person())
    counts = counts_by_plan(plans)
    sent = [plan for plan in plans if plan.id in counts]
    return render_template(
        "effectiveness/index.html",
        plans=sent,
        unsent=[plan for plan in plans if plan.id not in counts],
        counts=counts,
        messages=count_sent_messages(sent),
        reading=_headline,
        words=words,
        plan_words=plan_words,
    )


@pages.get("/plans/<int:plan_id>")
@needs(Role.EMPLOYEE)
def plan(plan_id: int) -> ResponseReturnValue:
    """Did this plan work?"""
    found = plan_for_reader(current_person(), plan_id, *WHOLE)
    counts = counts_by_message(found)
    return render_template(
        "effectiveness/plan.html",
        plan=found,
        effect=effect_of(cells_of_plan(found), found),
        messages=[message for message in sent_messages_of(found) if message.id in counts],
        counts=counts,
        meetings=meetings_of(found),
        goals=state_of(found, now_utc()).goals,
        reading=_headline,
        words=words,
        plan_words=plan_words,
        **_notes(),
    )


@pages.get("/messages/<int:message_id>")
@needs(Role.EMPLOYEE)
def message(message_id: int) -> ResponseReturnValue:
    """Did this message work?"""
    found = message_for_reader(current_person(), message_id)
    survey = survey_of(found)
    editable = may_edit(current_person(), found.plan)
    return render_template(
        "effectiveness/message.html",
        message=found,
        plan=found.plan,
        effect=effect_of(cells_of_message(found), found.plan),
        survey=survey,
        results=results_of(survey) if survey else None,
        cannot=cannot_of(found) if editable else [],
        verdicts=verdicts_of(found),
        words=words,
        plan_words=plan_words,
        **_notes(),
    )


@pages.get("/plans/<int:plan_id>/figures.csv")
@needs(Role.EMPLOYEE)
def plan_file(plan_id: int) -> ResponseReturnValue:
    """The figures of a plan as a file."""
    found = plan_for_reader(current_person(), plan_id)
    return _file(effect_of(cells_of_plan(found), found), f"plan-{plan_id}")


@pages.get("/messages/<int:message_id>/figures.csv")
@needs(Role.EMPLOYEE)
def message_file(message_id: int) -> ResponseReturnValue:
    """The figures of a message as a file."""
    found = message_for_reader(current_person(), message_id)
    return _file(effect_of(cells_of_message(found), found.plan), f"message-{message_id}")


@pages.get("/definitions")
@needs(Role.EMPLOYEE)
def definitions() -> ResponseReturnValue:
    """How do we know? What each figure counts, and how machines are told from people."""
    return render_template(
        "effectiveness/definitions.html",
        words=words,
        rules=verdict_rules,
        few=FEW,
        **_notes(),
    )


def _notes() -> dict[str, object]:
    return {"version": DEFINITION_VERSION, "rule_version": verdict_rules.RULE_VERSION}


def _headline(counts: Counts) -> object:
    return reading(Figure.READ, counts, in_totals_only=True)


def _file(effect: Effect, name: str) -> Response:
    text = io.StringIO()
    rows = rows_of(effect)
    csv.writer(text).writerows([neutralise(cell) for cell in row] for row in rows)
    return Response(
        "\ufeff" + text.getvalue(),  # the mark tells Excel that this is UTF-8
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}.csv"},
    )
