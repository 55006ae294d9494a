"""Settings: teams, who holds which role, and how the installation is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent, CommsplanError, NotNow, Unusable
from commsplan.home.doctor import examine
from commsplan.home.settings_forms import RoleWish, Several, read_role, read_team_name
from commsplan.people.access import current_person, needs
from commsplan.people.actions import create_team, grant, rename_team, revoke
from commsplan.people.models import Grant, Person, Team
from commsplan.people.rules import Role

pages = Blueprint("settings", __name__, url_prefix="/settings")


def role_names() -> dict[str, str]:
    """Return the roles in the reader's language."""
    return {Role.LEAD: _("Lead"), Role.SPONSOR: _("Sponsor"), Role.ADMIN: _("Administrator")}


@pages.get("/")
@needs(Role.ADMIN)
def show() -> ResponseReturnValue:
    """Who may do what?"""
    return _page()


def _page(
    problems: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    several: Several | None = None,
) -> str:
    grants = db.session.scalars(
        select(Grant)
        .join(Grant.person)
        .options(joinedload(Grant.person), joinedload(Grant.team))
        .order_by(Grant.role, Person.name)
    ).all()
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    people = several.people if several else []
    return render_template(
        "home/settings.html",
        teams=teams,
        team_choices=[("", _("none")), *((team.id, team.name) for team in teams)],
        choices=[(one.id, one.name, f"{one.department} · {one.email}") for one in people],
        grants=grants,
        roles=role_names(),
        problems=problems or {},
        typed=typed or {},
    )


@pages.post("/teams")
@needs(Role.ADMIN)
def found_team() -> ResponseReturnValue:
    """Found a team."""
    match read_team_name(request.form, None):
        case Unusable(problems):
            return _page(problems, request.form.to_dict()), 422
        case wish:
            create_team(wish.name, current_person())
            flash(_("The team “%(name)s” is there. Now give it a lead.", name=wish.name))
            return redirect("/settings/", 303)


@pages.get("/teams/<int:team_id>")
@needs(Role.ADMIN)
def show_team(team_id: int) -> ResponseReturnValue:
    """What is this team called?"""
    team = _team(team_id)
    return render_template("home/team.html", team=team, name=team.name, problems={})


@pages.post("/teams/<int:team_id>")
@needs(Role.ADMIN)
def call_team(team_id: int) -> ResponseReturnValue:
    """Give a team another name."""
    team = _team(team_id)
    match read_team_name(request.form, team):
        case Unusable(problems, typed):
            page = render_template(
                "home/team.html", team=team, name=typed["name"], problems=problems
            )
            return page, 422
        case wish:
            rename_team(team, wish.name, current_person())
            flash(_("The team is called “%(name)s” now.", name=wish.name))
            return redirect("/settings/", 303)


def _team(team_id: int) -> Team:
    found = db.session.get(Team, team_id)
    if found is None:
        raise Absent
    return found


@pages.post("/roles")
@needs(Role.ADMIN)
def give_role() -> ResponseReturnValue:
    """Give somebody a role."""
    match read_role(request.form):
        case Unusable(problems):
            return _page(problems, request.form.to_dict()), 422
        case Several() as several:
            return _page(typed=several.typed, several=several), 422
        case RoleWish(person, role, team):
            given = grant(person, role, team, current_person())
            said = _("%(name)s: %(role)s.", name=person.name, role=role_names()[role])
            flash({"text": said, "undo_href": f"/settings/roles/{given.id}/remove"})  # type: ignore[arg-type]  # our flashes may be records
            return redirect("/settings/", 303)


@pages.post("/roles/<int:grant_id>/remove")
@needs(Role.ADMIN)
def take_role(grant_id: int) -> ResponseReturnValue:
    """Take a role away."""
    held = db.session.get(Grant, grant_id)
    if held is None:
        raise Absent
    person, role, team = held.person, Role(held.role), held.team
    back = f"/settings/roles/back/{person.id}/{role}/{team.id if team else 0}"
    try:
        revoke(person, role, team, current_person())
    except NotNow as refusal:
        flash(str(refusal), "error")
        return redirect("/settings/", 303)
    said = _("%(name)s is no longer %(role)s.", name=person.name, role=role_names()[role])
    flash({"text": said, "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    return redirect("/settings/", 303)


@pages.post("/roles/back/<int:person_id>/<any(admin, lead, sponsor):role>/<int:team_id>")
@needs(Role.ADMIN)
def give_back(person_id: int, role: str, team_id: int) -> ResponseReturnValue:
    """Undo taking a role away."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise Absent
    try:
        grant(person, Role(role), db.session.get(Team, team_id), current_person())
        flash(_("%(name)s has the role again.", name=person.name))
    except CommsplanError as refusal:
        flash(str(refusal), "error")
    return redirect("/settings/", 303)


@pages.get("/health")
@needs(Role.ADMIN)
def health() -> ResponseReturnValue:
    """Is the installation well?"""
    findings = examine()
    count = sum(one.kind != "good" for one in findings)
    answer = ngettext("%(num)s thing needs a look.", "%(num)s things need a look.", count)
    return render_template(
        "home/health.html", findings=findings, answer=answer if count else _("All is well.")
    )
