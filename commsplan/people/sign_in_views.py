"""Signing in and out, one's password, and the browsers one is signed in with."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import RequestLimit

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent, Unusable
from commsplan.foundation.limits import limiter
from commsplan.people.access import current_person, needs, public
from commsplan.people.actions import set_password
from commsplan.people.models import Credential
from commsplan.people.rules import Role, local_path, normalise_email
from commsplan.people.sessions import (
    end_all_sessions,
    end_session,
    is_this_browser,
    sessions_of,
    start_session,
)
from commsplan.people.sign_in import ask_for_link, link_of, person_with_password, use_link
from commsplan.people.sign_in_forms import read_new_password, read_sign_in

pages = Blueprint("sign_in", __name__)

TRIES = "10 per 15 minutes"  # wrong passwords for one account; the one-time link stays open
ADDRESS_TRIES = "100 per 15 minutes"  # a whole office may share one address
LINKS = "60 per 15 minutes"


def _account() -> str:
    return "account " + normalise_email(request.form.get("email", ""))


def _me() -> str:
    return f"person {g.person.id}" if g.person else "nobody"


def _was_refused(response: Response) -> bool:
    return response.status_code == 422


def _rest(_limit: RequestLimit) -> Response:
    problems = {
        "": _(
            "Too many wrong passwords. Wait a quarter of an hour, or have a one-time link sent:"
            " that always works."
        )
    }
    return make_response(_page(problems, request.form.to_dict()), 429)


def _page(problems: dict[str, str], typed: dict[str, str]) -> str:
    return render_template("sign_in/show.html", problems=problems, typed=typed)


@pages.get("/sign-in")
@public
def show() -> ResponseReturnValue:
    """How do I get in?"""
    next_path = local_path(request.args.get("next", ""))
    if g.person:
        return redirect(next_path, 303)
    return _page({}, {"email": "", "next": next_path})


@pages.post("/sign-in")
@limiter.limit(ADDRESS_TRIES, deduct_when=_was_refused, on_breach=_rest)
@limiter.limit(TRIES, key_func=_account, deduct_when=_was_refused, on_breach=_rest)
@public
def enter() -> ResponseReturnValue:
    """Sign in by password."""
    wish = read_sign_in(request.form, needs_password=True)
    if isinstance(wish, Unusable):
        return _page(wish.problems, request.form.to_dict()), 422
    person = person_with_password(wish.email, wish.password)
    if person is None:
        wrong = _("This address and password do not go together. A one-time link works as well.")
        return _page({"password": wrong}, request.form.to_dict()), 422
    start_session(person)
    return redirect(wish.next_path, 303)


@pages.post("/sign-in/link")
@limiter.limit(LINKS)
@public
def send_link() -> ResponseReturnValue:
    """Have a one-time link mailed; the answer is the same whether or not the address is known."""
    wish = read_sign_in(request.form, needs_password=False)
    if isinstance(wish, Unusable):
        return _page(wish.problems, request.form.to_dict()), 422
    ask_for_link(wish.email, wish.next_path)
    return redirect("/sign-in/sent", 303)


@pages.get("/sign-in/sent")
@public
def sent() -> ResponseReturnValue:
    """What happens next?"""
    return render_template("sign_in/sent.html")


@pages.get("/sign-in/link/<token>")
@public
def show_link(token: str) -> ResponseReturnValue:
    """Show the button that signs in; a mail scanner that looks here uses nothing up."""
    try:
        link = link_of(token)
    except Absent:
        return render_template("sign_in/gone.html"), 404
    return render_template("sign_in/link.html", link=link)


@pages.post("/sign-in/link/<token>")
@public
def use(token: str) -> ResponseReturnValue:
    """Sign in by a one-time link."""
    try:
        link = use_link(token)
    except Absent:
        return render_template("sign_in/gone.html"), 404
    next_path = local_path(link.next_path)
    start_session(link.person)
    return redirect(next_path, 303)


@pages.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """Sign out of this browser."""
    end_session()
    flash(_("You are signed out."))
    return redirect("/sign-in", 303)


@pages.get("/me/password")
@needs(Role.EMPLOYEE)
def show_password() -> ResponseReturnValue:
    """What may my password be?"""
    credential = db.session.get(Credential, current_person().id)
    return render_template("sign_in/password.html", has_one=credential is not None, problems={})


@pages.post("/me/password")
@limiter.limit(TRIES, key_func=_me, deduct_when=_was_refused)
@needs(Role.EMPLOYEE)
def change_password() -> ResponseReturnValue:
    """Set my password; every other browser is signed out."""
    person = current_person()
    credential = db.session.get(Credential, person.id)
    wish = read_new_password(request.form, person, credential)
    if isinstance(wish, Unusable):
        has_one = credential is not None
        page = render_template("sign_in/password.html", has_one=has_one, problems=wish.problems)
        return page, 422
    set_password(person, wish.password, by=person)
    start_session(person)
    flash(_("Your password is set. Every other browser was signed out."))
    return redirect("/me", 303)


@pages.get("/me/sessions")
@needs(Role.EMPLOYEE)
def show_sessions() -> ResponseReturnValue:
    """Where am I signed in?"""
    found = sessions_of(current_person().id)
    return render_template("sign_in/sessions.html", sessions=found, is_here=is_this_browser)


@pages.post("/me/sessions/end")
@needs(Role.EMPLOYEE)
def leave_everywhere() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    end_all_sessions(current_person().id)
    end_session()
    flash(_("You are signed out everywhere."))
    return redirect("/sign-in", 303)
