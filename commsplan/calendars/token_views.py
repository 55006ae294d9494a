"""Tokens by which pipelines ask whether they may deploy."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars.state_rules import SCOPE
from commsplan.foundation.addresses import absolute
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of
from commsplan.people.rules import Role
from commsplan.people.token_actions import make_token, revoke_token, token_for_editor, tokens_for
from commsplan.plans.fields import Fields

pages = Blueprint("state_tokens", __name__, url_prefix="/calendars/tokens")


@pages.get("/")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """Which programs may ask, and when did they last?"""
    return _page({}, "")


@pages.post("/")
@needs(Role.LEAD)
def make() -> ResponseReturnValue:
    """Make a token, which is shown this once."""
    fields = Fields(request.form)
    teams = {str(team.id): team for team in teams_of(current_person())}
    name = fields.text("name", 120, _("Say what it is for."))
    only = next(iter(teams)) if len(teams) == 1 else ""
    team = fields.one_of("team", {"", *teams}, only)
    if not team and "team" not in fields.problems:
        fields.problems["team"] = _("Choose the team that keeps it.")
    if fields.problems:
        return _page(fields.problems, ""), 422
    _made, secret = make_token(teams[team], name, SCOPE, current_person())
    return _page({}, secret)


@pages.post("/<int:token_id>/revoke")
@needs(Role.LEAD)
def revoke(token_id: int) -> ResponseReturnValue:
    """Let it open nothing any more."""
    token = token_for_editor(current_person(), token_id)
    revoke_token(token, current_person())
    flash(_("“%(name)s” is revoked: it opens nothing any more.", name=token.name))
    return redirect(url_for("state_tokens.index"), 303)


def _page(problems: dict[str, str], secret: str) -> str:
    return render_template(
        "calendars/tokens.html",
        tokens=tokens_for(current_person()),
        teams=teams_of(current_person()),
        typed=request.form if problems else {},
        problems=problems,
        secret=secret,
        address=absolute("/api/v1/calendars/state"),
    )
