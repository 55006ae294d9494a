"""The list of plans, one plan, and the form behind it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import city
from commsplan.foundation.errors import Absent, NotAllowed, NotNow, Unusable
from commsplan.people.access import current_person, current_roles, needs
from commsplan.people.models import Team
from commsplan.people.queries import teams_of, zone_of
from commsplan.people.rules import Role
from commsplan.plans import actions, history, words
from commsplan.plans.change_queries import change_for_editor, series_behind
from commsplan.plans.checklist import checklist
from commsplan.plans.field_words import field_name, field_value
from commsplan.plans.fields import label_of, suggested
from commsplan.plans.forms import read_plan
from commsplan.plans.models import Plan, PlanChange
from commsplan.plans.picture import picture_of
from commsplan.plans.queries import (
    WHOLE,
    activity_for_editor,
    latest_changes,
    may_edit,
    plan_for_editor,
    plan_for_reader,
    plans_for,
    usual_zones,
)
from commsplan.plans.rules import PLAN_STATUSES
from commsplan.plans.summary import Headcount, sentence, state_of
from commsplan.plans.way_back import told

pages = Blueprint("plans", __name__)
pages.add_app_template_filter(words.when, "when")
pages.add_app_template_filter(words.begins, "begins")
pages.add_app_template_filter(words.figure, "figure")
pages.add_app_template_filter(field_name, "field_name")
pages.add_app_template_filter(field_value, "field_value")

SHOWN_NEXT = 5


@pages.get("/plans/")
@needs(Role.EMPLOYEE)
def index() -> ResponseReturnValue:
    """Which plans are there, and how does each stand?"""
    person, now, people = current_person(), now_utc(), Headcount()
    plans = plans_for(person)
    if not plans and current_roles() == {Role.EMPLOYEE}:
        raise NotAllowed
    chosen = request.args.get("status", "")
    shown = [p for p in plans if p.status == chosen or (not chosen and p.status != "archived")]
    states = [state_of(plan, now) for plan in shown]
    return render_template(
        "plans/index.html",
        states=[(state, sentence(state, zone_of(person), people)) for state in states],
        counts={status: sum(p.status == status for p in plans) for status in PLAN_STATUSES},
        chosen=chosen,
        may_add=bool(teams_of(person)),
        words=words,
    )


@pages.get("/plans/<int:plan_id>")
@needs(Role.EMPLOYEE)
def show(plan_id: int) -> ResponseReturnValue:
    """Is it on track, and what is next?"""
    person, now = current_person(), now_utc()
    plan = plan_for_reader(person, plan_id, *WHOLE)
    state, people, zone = state_of(plan, now), Headcount(), zone_of(person)
    return render_template(
        "plans/show.html",
        plan=plan,
        state=state,
        answer=sentence(state, zone, people),
        checks=checklist(state),
        coming=[(row, people(row.audience)) for row in state.coming[:SHOWN_NEXT]],
        picture=picture_of(plan, state.activities, zone, now),
        editable=may_edit(person, plan),
        words=words,
    )


@pages.get("/plans/new")
@needs(Role.LEAD)
def new() -> ResponseReturnValue:
    """A plan begins with a title; everything else can follow."""
    typed: dict[str, object] = {
        "owner": label_of(current_person()),
        "zone": zone_of(current_person()),
    }
    return _form(None, typed)


@pages.post("/plans/new")
@needs(Role.LEAD)
def create() -> ResponseReturnValue:
    """Make the plan and show what it still lacks."""
    team = _team_chosen()
    match read_plan(request.form):
        case Unusable(problems, typed):
            return _form(None, typed, problems), 422
        case wish:
            plan = actions.create_plan(team, wish, current_person())
            flash(_("The plan is there. Below is what it still lacks."))
            return redirect(url_for("plans.show", plan_id=plan.id), 303)


@pages.get("/plans/<int:plan_id>/edit")
@needs(Role.LEAD)
def edit(plan_id: int) -> ResponseReturnValue:
    """Change what the plan says about itself."""
    plan = plan_for_editor(current_person(), plan_id)
    typed = history.values_of(plan) | {
        "sponsor": label_of(plan.sponsor),
        "owner": label_of(plan.owner),
        "seen": history.fingerprint(plan),
    }
    return _form(plan, typed)


@pages.post("/plans/<int:plan_id>/edit")
@needs(Role.LEAD)
def save(plan_id: int) -> ResponseReturnValue:
    """Save the plan, unless somebody else did meanwhile."""
    plan = plan_for_editor(current_person(), plan_id)
    match read_plan(request.form):
        case Unusable(problems, typed):
            return _form(plan, typed, problems), 422
        case wish:
            pass
    try:
        change = actions.change_plan(plan, wish, current_person(), request.form.get("seen", ""))
    except NotNow:
        typed = {**request.form, "seen": history.fingerprint(plan)}
        return _form(plan, typed, meanwhile=latest_changes("plan", plan.id, 1)), 409
    told(change, _("The plan is saved."))
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@pages.post("/plans/<int:plan_id>/status")
@needs(Role.LEAD)
def set_status(plan_id: int) -> ResponseReturnValue:
    """Make the plan a draft, active, done or archived."""
    plan = plan_for_editor(current_person(), plan_id)
    status = request.form.get("status", "")
    if status not in PLAN_STATUSES:
        raise NotNow(_("A plan is a draft, active, done or archived."))
    change = actions.set_plan_status(plan, status, current_person())
    told(change, _("The plan is now: %(status)s.", status=words.STATUSES[status]))
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@pages.post("/plans/<int:plan_id>/undo/<int:change_id>")
@needs(Role.LEAD)
def undo(plan_id: int, change_id: int) -> ResponseReturnValue:
    """Put back what a change replaced."""
    change = change_for_editor(current_person(), plan_id, change_id)
    thing, thing_id = change.thing, change.thing_id
    try:
        told(actions.undo(change, current_person()), _("Undone."))
    except NotNow as moved_on:
        flash(str(moved_on), "warning")
    return redirect(_page_of(plan_id, thing, thing_id), 303)


@pages.get("/plans/people-like")
@needs(Role.LEAD)
def people_like() -> ResponseReturnValue:
    """Suggest people for a field while somebody types."""
    text = request.args.get(request.args.get("field", ""), "").strip()
    found = suggested(text) if len(text) >= 2 else []
    return render_template("plans/_suggestions.html", people=found, label_of=label_of)


def _page_of(plan_id: int, thing: str, thing_id: int) -> str:
    if thing in {"goal", "measurement"}:
        return url_for("goals.index", plan_id=plan_id)
    if thing == "plan":
        return url_for("plans.show", plan_id=plan_id)
    try:
        if thing == "occurrence":
            thing_id = series_behind(thing_id)
        activity_for_editor(current_person(), plan_id, thing_id)
    except Absent:
        return url_for("activities.timeline", plan_id=plan_id)
    return url_for("activities.show", plan_id=plan_id, activity_id=thing_id)


def _team_chosen() -> Team:
    teams: list[Team] = teams_of(current_person())
    wanted = request.form.get("team", "")
    return next((team for team in teams if str(team.id) == wanted), teams[0])


def _form(
    plan: Plan | None,
    typed: dict[str, object],
    problems: dict[str, str] | None = None,
    meanwhile: list[PlanChange] | None = None,
) -> str:
    teams = teams_of(current_person())
    zones = usual_zones(str(current_app.config["DEFAULT_ZONE"]), str(typed.get("zone") or ""))
    return render_template(
        "plans/form.html",
        plan=plan,
        typed=typed,
        problems=problems or {},
        meanwhile=meanwhile or [],
        teams=teams,
        team_options=[(team.id, team.name) for team in teams],
        zones=[(zone, city(zone)) for zone in zones],
        words=words,
        label_of=label_of,
    )
