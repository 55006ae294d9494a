"""What an administrator types on the settings pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable
from commsplan.people.models import Person, Team
from commsplan.people.queries import find_people, person_by_email, team_named
from commsplan.people.rules import Role

LONGEST_NAME = 120  # characters, as the table keeps


@dataclass(frozen=True)
class TeamName:
    """What a team is to be called."""

    name: str


def read_team_name(form: Mapping[str, str], team: Team | None) -> TeamName | Unusable:
    """Read a team's name, which no other team may have."""
    name = " ".join(form.get("name", "").split())
    problem = ""
    if not name:
        problem = _("Give the team a name.")
    elif len(name) > LONGEST_NAME:
        problem = _("Use at most %(count)s characters.", count=LONGEST_NAME)
    elif (other := team_named(name)) and other != team:
        problem = _("There is a team of this name already.")
    return Unusable({"name": problem}, {"name": name}) if problem else TeamName(name)


@dataclass(frozen=True)
class RoleWish:
    """Which role somebody is to have, and where."""

    person: Person
    role: Role
    team: Team | None


@dataclass(frozen=True)
class Several:
    """More people than one fit what was typed: choose."""

    people: list[Person]
    typed: dict[str, str]


def read_role(form: Mapping[str, str]) -> RoleWish | Several | Unusable:
    """Read who is to have which role; a name that fits several people asks which."""
    typed = {key: form.get(key, "").strip() for key in ("who", "role", "team")}
    problems: dict[str, str] = {}
    if typed["role"] not in (Role.ADMIN, Role.LEAD, Role.SPONSOR):
        problems["role"] = _("Choose a role.")
    team = db.session.get(Team, int(typed["team"])) if typed["team"].isdecimal() else None
    if typed["role"] == Role.LEAD and team is None:
        problems["team"] = _("A lead works in a team: choose which one.")
    fitting = _people(typed["who"], form.get("person_id", ""))
    if not fitting:
        problems["who"] = _("Nobody in the directory fits. Type a name or an e-mail address.")
    if problems:
        return Unusable(problems, dict(typed))
    if len(fitting) > 1:
        return Several(fitting, typed)
    return RoleWish(fitting[0], Role(typed["role"]), None if typed["role"] == Role.ADMIN else team)


def _people(who: str, person_id: str) -> list[Person]:
    if person_id.isdecimal():
        chosen = db.session.get(Person, int(person_id))
        return [chosen] if chosen and chosen.left_on is None else []
    if not who:
        return []
    exact = person_by_email(who)
    return [exact] if exact and exact.left_on is None else find_people(who)
