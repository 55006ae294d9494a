"""Which programs may ask the REST API: with a token of a team, or as somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotAllowed, Unidentified
from commsplan.foundation.tokens import hash_token
from commsplan.people.access import current_roles
from commsplan.people.rules import Role
from commsplan.people.token_models import ApiToken

Arguments = ParamSpec("Arguments")
View = Callable[Arguments, ResponseReturnValue]

NOTED_EVERY = timedelta(minutes=5)
"""How often the use of a token is written down: one small write, not one per question."""
LONGEST_TOKEN = 200


def asks(scope: str, *roles: Role) -> Callable[[View[Arguments]], View[Arguments]]:
    """Declare that a view answers programs that hold a token for `scope`, and people with a role.

    Without either the answer is 401, with the wrong one 403, both as application/problem+json.
    """
    wanted = frozenset(roles)

    def declare(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ResponseReturnValue:
            if request.headers.get("Authorization"):
                _admit_token(scope)
            elif g.get("person") is None:
                raise Unidentified("Send a token: Authorization: Bearer …")
            elif not (wanted | {Role.ADMIN}) & current_roles():
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.access = wanted  # type: ignore[attr-defined]  # read by the test over the URL map
        return guarded

    return declare


def problem_for_programs(status: int, title: str, detail: str) -> Response:
    """Return an error as a program reads it (RFC 9457)."""
    answer = jsonify(type="about:blank", title=str(title), status=status, detail=detail)
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    if status == Unidentified.status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _admit_token(scope: str) -> None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
        raise Unidentified("Send a token: Authorization: Bearer …")
    found = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_token(token)))
    if found is None or found.revoked_at is not None:
        raise Unidentified("This token is not valid.")
    if found.scope != scope:
        raise NotAllowed
    _note_use(found)


def _note_use(token: ApiToken) -> None:
    now = now_utc()
    if token.used_at is None or now - token.used_at >= NOTED_EVERY:
        with transaction():
            token.used_at = now
