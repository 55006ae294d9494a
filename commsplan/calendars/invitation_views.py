"""The invitations of one meeting: who is invited, who has not answered, what went wrong."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.calendars import invitation_page
from commsplan.calendars.answering import answer
from commsplan.calendars.guest_list import SHOWN
from commsplan.calendars.invitation_forms import (
    read_day,
    read_invite,
    read_session,
)
from commsplan.calendars.invitation_queries import (
    head_of,
    invitation_in,
    not_invited_yet,
    sessions_of,
)
from commsplan.calendars.invitation_rules import GIVEN, Answer, Via
from commsplan.calendars.inviting import invite, remind, send_newest, withdraw
from commsplan.calendars.meeting_changes import keep_quiet, tell_change
from commsplan.calendars.outbox import resolve
from commsplan.calendars.session_actions import add_session
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans import words
from commsplan.plans.models import Activity
from commsplan.plans.queries import activity_for_editor, activity_for_reader, may_edit

pages = Blueprint("invitations", __name__)

HERE = "/plans/<int:plan_id>/activities/<int:activity_id>/invitations"


@pages.get(HERE)
@needs(Role.EMPLOYEE)
def show(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Who comes, who has not answered, is anything wrong?"""
    activity = activity_for_reader(current_person(), plan_id, activity_id)
    head = head_of(activity)
    if head.id != activity.id:
        return redirect(_address(head), 303)
    return _page(activity)


@pages.post(f"{HERE}/invite")
@needs(Role.LEAD)
def send(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Invite the audience, or one person."""
    activity, day = _mine(plan_id, activity_id), read_day(request.form)
    match read_invite(request.form):
        case Unusable(problems, typed):
            return _page(activity, problems, typed), 422
        case wish:
            people = [wish.person_id] if wish.person_id is not None else _audience(activity, day)
    number = invite(activity, people, current_person(), day)
    if number:
        said = ngettext(
            "%(num)s person is invited; the mail goes out now.",
            "%(num)s people are invited; the mails go out now.",
            number,
        )
        flash(said)
    else:
        flash(_("They are invited already, so nothing is sent."), "info")
    return redirect(_address(activity, day), 303)


@pages.post(f"{HERE}/remind")
@needs(Role.LEAD)
def remind_silent(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Remind those who have not answered."""
    activity = _mine(plan_id, activity_id)
    number = remind(activity, current_person())
    if not number:
        flash(_("There is nobody to remind today."), "info")
    else:
        said = ngettext("%(num)s person is reminded.", "%(num)s people are reminded.", number)
        flash(said)
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/tell")
@needs(Role.LEAD)
def tell(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Send what changed at once, send everybody the newest version, or send nothing this time."""
    activity = _mine(plan_id, activity_id)
    match request.form.get("what"):
        case "changes":
            number = tell_change(activity.id, current_person())
        case "newest":
            number = send_newest(activity, current_person())
        case "nothing":
            keep_quiet(activity, current_person())
            flash(_("This change is not mailed. The next one tells everything."))
            return redirect(_address(activity), 303)
        case _other:
            raise NotNow(_("Choose one of those offered."))
    flash(ngettext("%(num)s person is told.", "%(num)s people are told.", number))
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/doubt")
@needs(Role.LEAD)
def end_doubt(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Send mails that went wrong once more, or take the doubtful ones as arrived."""
    activity = _mine(plan_id, activity_id)
    again = request.form.get("what") == "again"
    number = resolve([one.id for one in sessions_of(activity)], again, current_person())
    if again:
        flash(ngettext("%(num)s mail goes out again.", "%(num)s mails go out again.", number))
    else:
        said = ngettext(
            "%(num)s mail is taken as arrived.", "%(num)s mails are taken as arrived.", number
        )
        flash(said)
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/session")
@needs(Role.LEAD)
def offer_session(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Offer the meeting at one more time."""
    activity = _mine(plan_id, activity_id)
    match read_session(request.form):
        case Unusable(problems, typed):
            return _page(activity, problems, typed), 422
        case wish:
            add_session(activity, wish.starts_local, wish.place, current_person())
    flash(_("One more session is offered. Everybody who is invited can choose it."))
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/<int:invitation_id>/withdraw")
@needs(Role.LEAD)
def take_back(plan_id: int, activity_id: int, invitation_id: int) -> ResponseReturnValue:
    """Take one invitation back, with a way back."""
    activity = _mine(plan_id, activity_id)
    row = invitation_in(activity, invitation_id)
    name = row.person.name
    withdraw(row, current_person())
    way_back = url_for(
        ".invite_again", plan_id=plan_id, activity_id=activity_id, invitation_id=invitation_id
    )
    text = _("%(name)s is no longer invited.", name=name)
    flash({"text": text, "undo_href": way_back})  # type: ignore[arg-type]  # _flashes.html reads it
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/<int:invitation_id>/again")
@needs(Role.LEAD)
def invite_again(plan_id: int, activity_id: int, invitation_id: int) -> ResponseReturnValue:
    """Invite somebody again whose invitation was taken back."""
    activity = _mine(plan_id, activity_id)
    row = invitation_in(activity, invitation_id)
    invite(activity, [row.person_id], current_person(), row.occurrence)
    flash(_("%(name)s is invited again.", name=row.person.name))
    return redirect(_address(activity), 303)


@pages.post(f"{HERE}/<int:invitation_id>/answer")
@needs(Role.LEAD)
def write_answer(plan_id: int, activity_id: int, invitation_id: int) -> ResponseReturnValue:
    """Write down what somebody said by another way."""
    activity, day = _mine(plan_id, activity_id), read_day(request.form)
    row = invitation_in(activity, invitation_id)
    said = request.form.get("say", "")
    if said not in GIVEN:
        raise NotNow(_("Choose yes, maybe or no."))
    who = f"person {current_person().id}"
    answer(row, Answer(said), Via.TEAM, day=day, by=who)
    flash(_("The answer of %(name)s is written down.", name=row.person.name))
    return redirect(_address(activity, day), 303)


def _mine(plan_id: int, activity_id: int) -> Activity:
    return activity_for_editor(current_person(), plan_id, activity_id)


def _audience(activity: Activity, day: str) -> list[int]:
    return list(db.session.scalars(not_invited_yet(activity, day)))


def _address(activity: Activity, day: str = "") -> str:
    return url_for(".show", plan_id=activity.plan_id, activity_id=activity.id, day=day or None)


def _page(
    activity: Activity,
    problems: dict[str, str] | None = None,
    typed: dict[str, object] | None = None,
) -> str:
    show = request.args.get("show", "")
    number = request.args.get("page", "1")
    person = current_person()
    page = invitation_page.page_of(
        activity,
        read_day(request.values),
        show if show in SHOWN else "all",
        int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1,
        zone_of(person),
    )
    return render_template(
        "calendars/invitations.html",
        plan=activity.plan,
        page=page,
        words=words,
        verdicts=invitation_page.VERDICTS,
        mail_states=invitation_page.MAIL_STATES,
        editable=may_edit(person, activity.plan),
        problems=problems or {},
        typed=typed or {},
    )
