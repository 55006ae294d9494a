"""What was typed on the sign-in and password pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable
from commsplan.people.models import Credential, Person
from commsplan.people.passwords import LONGEST, SHORTEST, fits, is_easy_to_guess
from commsplan.people.rules import local_path, normalise_email


@dataclass(frozen=True)
class SignIn:
    """Who wants in, with what, and where to go then."""

    email: str
    password: str
    next_path: str


def read_sign_in(form: Mapping[str, str], needs_password: bool) -> SignIn | Unusable:
    """Read the sign-in form."""
    wish = SignIn(
        normalise_email(form.get("email", "")),
        form.get("password", ""),
        local_path(form.get("next", "")),
    )
    problems: dict[str, str] = {}
    if "@" not in wish.email:
        problems["email"] = _("Type your e-mail address at work, as name@organisation.")
    if needs_password and not wish.password:
        problems["password"] = _("Type your password, or have a one-time link sent to you.")
    return Unusable(problems, {"email": wish.email, "next": wish.next_path}) if problems else wish


@dataclass(frozen=True)
class NewPassword:
    """A password that may be used from now on."""

    password: str


def read_new_password(
    form: Mapping[str, str], person: Person, credential: Credential | None
) -> NewPassword | Unusable:
    """Read the password form; the present password is asked for where there is one."""
    new, again = form.get("new", ""), form.get("again", "")
    problems: dict[str, str] = {}
    if credential and not fits(credential.password_hash, form.get("current", "")):
        problems["current"] = _("This is not your present password.")
    if len(new) < SHORTEST:
        problems["new"] = _(
            "Use at least %(count)s characters; a few words in a row are easy to remember.",
            count=SHORTEST,
        )
    elif len(new) > LONGEST:
        problems["new"] = _("Use at most %(count)s characters.", count=LONGEST)
    elif is_easy_to_guess(new, person.email, person.name):
        problems["new"] = _(
            "This one is easy to guess. Choose words that have nothing to do with you."
        )
    if not problems and new != again:
        problems["again"] = _("The two are not the same. Type the new password twice.")
    return Unusable(problems) if problems else NewPassword(new)
