"""What can be done with an audience."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from commsplan.audiences.models import Audience, AudienceException
from commsplan.audiences.queries import audience_named
from commsplan.audiences.rules import Rule, check
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person, Team


class NameTaken(NotNow):
    """The team has an audience of that name already, perhaps an archived one."""


class ChangedMeanwhile(NotNow):
    """Somebody else changed the audience after this person began."""


def create_audience(
    team: Team, name: str, rule: Rule, note: str = "", by: Person | None = None
) -> Audience:
    """Make an audience of a team.

    Raises:
        NameTaken: the team uses the name already.
        BadRule: the rule cannot be used.
    """
    check(rule)
    with transaction() as database:
        if audience_named(team, name):
            raise NameTaken
        now = now_utc()
        audience = Audience(
            team_id=team.id,
            name=name.strip(),
            note=note,
            rule=rule.to_json(),
            created_at=now,
            revision=1,
            revised_at=now,
        )
        database.add(audience)
        database.flush()
        after: dict[str, object] = {"name": audience.name, "rule": audience.rule}
        record(_actor(by), "audience.created", f"audience {audience.id}", after=after)
    return audience


def change_audience(
    audience: Audience, *, name: str, rule: Rule, note: str, revision: int, by: Person
) -> None:
    """Write a new name, note and rule, unless somebody else was faster.

    Args:
        revision: the one this person began from.

    Raises:
        NameTaken, ChangedMeanwhile, BadRule.
    """
    check(rule)
    with transaction() as database:
        same_name = audience_named(audience.team, name)
        if same_name and same_name.id != audience.id:
            raise NameTaken
        before: dict[str, object] = {"name": audience.name, "rule": audience.rule}
        changed = database.scalar(
            update(Audience)
            .where(Audience.id == audience.id, Audience.revision == revision)
            .values(
                name=name.strip(),
                note=note,
                rule=rule.to_json(),
                revision=revision + 1,
                revised_at=now_utc(),
            )
            .returning(Audience.id)
        )
        if changed is None:
            raise ChangedMeanwhile
        after: dict[str, object] = {"name": name.strip(), "rule": rule.to_json()}
        record(_actor(by), "audience.changed", f"audience {audience.id}", before, after)


def set_exception(audience: Audience, person: Person, included: bool, why: str, by: Person) -> None:
    """Add somebody by hand, or leave them out; the last word counts."""
    with transaction() as database:
        found = database.scalar(
            select(AudienceException).where(
                AudienceException.audience_id == audience.id,
                AudienceException.person_id == person.id,
            )
        )
        if found is None:
            found = AudienceException(audience_id=audience.id, person_id=person.id)
            database.add(found)
        found.included, found.why = included, why
        action = "audience.person_added" if included else "audience.person_left_out"
        after: dict[str, object] = {"person": person.id, "why": why}
        record(_actor(by), action, f"audience {audience.id}", after=after)


def drop_exception(audience: Audience, person_id: int, by: Person) -> None:
    """Let the rule alone decide about somebody again."""
    with transaction() as database:
        database.execute(
            delete(AudienceException).where(
                AudienceException.audience_id == audience.id,
                AudienceException.person_id == person_id,
            )
        )
        before: dict[str, object] = {"person": person_id}
        record(_actor(by), "audience.exception_dropped", f"audience {audience.id}", before)


def archive(audience: Audience, by: Person) -> None:
    """Put an audience away; plans that use it keep it."""
    with transaction():
        audience.archived_at = now_utc()
        record(_actor(by), "audience.archived", f"audience {audience.id}")


def restore(audience: Audience, by: Person) -> None:
    """Take an archived audience out again."""
    with transaction():
        audience.archived_at = None
        record(_actor(by), "audience.restored", f"audience {audience.id}")


def _actor(by: Person | None) -> str:
    return f"person {by.id}" if by else "command line"
