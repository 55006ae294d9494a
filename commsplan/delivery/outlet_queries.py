"""Which outlets there are, who may see them, and what was posted there."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commsplan.delivery.models import Send
from commsplan.delivery.outlet_models import MessageOutlet, Outlet, Posting
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.messages.models import Message
from commsplan.people.models import Person, Team
from commsplan.people.queries import teams_of
from commsplan.plans.queries import plan_for_editor


def outlets_for(person: Person) -> list[Outlet]:
    """Return the outlets of the teams this person leads: those in use first, by name."""
    teams = [team.id for team in teams_of(person)]
    return list(
        db.session.scalars(
            select(Outlet)
            .where(Outlet.team_id.in_(teams))
            .options(joinedload(Outlet.team))
            .order_by(Outlet.switched_off_at.is_not(None), func.lower(Outlet.name), Outlet.id)
        )
    )


def outlet_for_editor(person: Person, outlet_id: int) -> Outlet:
    """Return an outlet of one of this person's teams; anything else is absent."""
    found = db.session.get(Outlet, outlet_id)
    if found is None or found.team_id not in {team.id for team in teams_of(person)}:
        raise Absent
    return found


def outlet_named(team: Team, name: str) -> Outlet | None:
    """Return a team's outlet by its name."""
    return db.session.scalar(
        select(Outlet).where(Outlet.team_id == team.id, Outlet.name == name.strip())
    )


def board_of(team: Team) -> Outlet | None:
    """Return a team's notice board, switched off or not."""
    return db.session.scalar(
        select(Outlet).where(Outlet.team_id == team.id, Outlet.kind == "board").limit(1)
    )


def offered_for(message: Message) -> list[Outlet]:
    """Return the outlets a message may also go to: those in use by the plan's team."""
    return list(
        db.session.scalars(
            select(Outlet)
            .where(Outlet.team_id == message.plan.team_id, Outlet.switched_off_at.is_(None))
            .order_by(func.lower(Outlet.name), Outlet.id)
        )
    )


def chosen_for(message: Message) -> set[int]:
    """Return the ids of the outlets a message also goes to."""
    return set(
        db.session.scalars(
            select(MessageOutlet.outlet_id).where(MessageOutlet.message_id == message.id)
        )
    )


def postings_of(send: Send) -> list[Posting]:
    """Return what a send posts elsewhere, by the outlet's name."""
    return list(
        db.session.scalars(
            select(Posting)
            .join(Posting.outlet)
            .where(Posting.send_id == send.id)
            .options(joinedload(Posting.outlet))
            .order_by(func.lower(Outlet.name), Posting.id)
        )
    )


def posted_at(outlet: Outlet, limit: int = 20) -> list[Posting]:
    """Return what was posted at an outlet, the newest first."""
    return list(
        db.session.scalars(
            select(Posting)
            .where(Posting.outlet_id == outlet.id)
            .options(joinedload(Posting.send).joinedload(Send.version))
            .order_by(Posting.id.desc())
            .limit(limit)
        )
    )


def posting_for_editor(person: Person, posting_id: int) -> Posting:
    """Return a posting of a send that this person may resolve; anything else is absent."""
    found = db.session.get(Posting, posting_id)
    if found is None:
        raise Absent
    plan_for_editor(person, found.message.plan_id)
    return found
