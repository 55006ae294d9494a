"""Who may open a page. Every view declares it; a test fails for one that does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import quote

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from commsplan.foundation.errors import NotAllowed
from commsplan.foundation.languages import speak
from commsplan.people.models import Person
from commsplan.people.queries import language_of, roles_of
from commsplan.people.rules import Role
from commsplan.people.sessions import person_of_session

Arguments = ParamSpec("Arguments")
View = Callable[Arguments, ResponseReturnValue]

PUBLIC = frozenset[Role]()
"""Declared by a page that needs no sign-in: it is public or guarded by its own token."""


WITHOUT_VISITOR = frozenset(
    {
        "static",
        "feeds.fetch",
        "feeds.fetch_public",
        "board_feeds.fetch",
        "receipts.opened",
        "receipts.follow",
        "metrics.show",
    }
)
"""Files, and addresses that programs fetch: the same for whoever asks, so no cookie is read."""


def load_visitor() -> None:
    """Find out who asks, before every request that may depend on it."""
    g.person = None if request.endpoint in WITHOUT_VISITOR else person_of_session()
    g.roles = roles_of(g.person) if g.person else frozenset()
    if g.person:
        speak(language_of(g.person))


def current_person() -> Person:
    """Return who is signed in; only for views that declared a need."""
    return cast(Person, g.person)


def current_roles() -> frozenset[Role]:
    """Return the roles of whoever is signed in."""
    return cast(frozenset[Role], g.roles)


def needs(*roles: Role) -> Callable[[View[Arguments]], View[Arguments]]:
    """Declare that a view is for people with one of these roles; an admin may open everything."""
    wanted = frozenset(roles)

    def declare(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ResponseReturnValue:
            if g.person is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else "/"
                return redirect(f"/sign-in?next={quote(back, safe='')}", 303)
            if not (wanted | {Role.ADMIN}) & current_roles():
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.access = wanted  # type: ignore[attr-defined]  # read by the test over the URL map
        return guarded

    return declare


def public(view: View[Arguments]) -> View[Arguments]:
    """Declare that a view needs no sign-in: public, or guarded by the token in its address."""
    view.access = PUBLIC  # type: ignore[attr-defined]  # read by the test over the URL map
    return view
