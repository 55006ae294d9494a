"""Tokens for programs: made, shown once, revoked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import hash_token, new_token
from commsplan.people.models import Person, Team
from commsplan.people.queries import teams_of
from commsplan.people.token_models import ApiToken

MARK = "cmp_"
"""How our tokens begin, so that scanners find one that was published by mistake."""
SHOWN = 10  # characters by which a token is known again, the mark included


def make_token(team: Team, name: str, scope: str, by: Person) -> tuple[ApiToken, str]:
    """Make a token; return it with its secret, which is known now and never again."""
    secret = MARK + new_token()
    with transaction() as database:
        made = ApiToken(
            team_id=team.id,
            name=name,
            scope=scope,
            token_hash=hash_token(secret),
            beginning=secret[:SHOWN],
            created_at=now_utc(),
            created_by_id=by.id,
        )
        database.add(made)
        database.flush()
        _record(made, "token.made", by)
    return made, secret


def revoke_token(token: ApiToken, by: Person) -> None:
    """Let a token open nothing any more; there is no way back, a new one is made at once."""
    with transaction():
        if token.revoked_at is None:
            token.revoked_at = now_utc()
            _record(token, "token.revoked", by)


def tokens_for(person: Person) -> list[ApiToken]:
    """Return the tokens of this person's teams: those that work first, the newest before others."""
    teams = [team.id for team in teams_of(person)]
    return list(
        db.session.scalars(
            select(ApiToken)
            .where(ApiToken.team_id.in_(teams))
            .options(joinedload(ApiToken.team), joinedload(ApiToken.created_by))
            .order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())
        )
    )


def token_for_editor(person: Person, token_id: int) -> ApiToken:
    """Return a token of one of this person's teams, or raise Absent."""
    found = db.session.get(ApiToken, token_id)
    if found is None or found.team_id not in {team.id for team in teams_of(person)}:
        raise Absent
    return found


def _record(token: ApiToken, action: str, by: Person) -> None:
    after: dict[str, object] = {"name": token.name, "scope": token.scope, "team": token.team_id}
    record(f"person {by.id}", action, f"token {token.id}", None, after)
