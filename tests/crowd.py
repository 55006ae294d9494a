"""Invented staff in any number, and the message they all get: six fields, counted links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import insert

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import EVERYONE, Condition, Match, Operator, Rule
from commsplan.delivery.actions import schedule
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.messages.actions import write_message
from commsplan.messages.rules import Content, MessageWish
from commsplan.people.actions import create_team, grant
from commsplan.people.models import Person, Team
from commsplan.people.rules import Role
from commsplan.plans.models import Plan

WARM = 500
SIZES = (WARM, 10_000, 40_000, 100_000)
"""An audience exists for the first so many people; everybody is an audience too."""
LEAD = "lena.lead@northwind.example"
COLUMNS = (
    "email", "name", "first_name", "title", "department", "location", "country", "zone",
    "language", "employment", "manager_id", "attributes", "updated_at",
)  # fmt: skip
FIRST = ("Anna", "Jördis", "Zoë", "Müşerref", "Callum", "Ximena", "Bo", "Noël", "Ada", "Tomasz")
LAST = ("Bergström", "Okafor", "Nguyễn", "Smith", "García", "Peters", "Öztürk", "van Dijk")
PLACES = (("Berlin", "DE"), ("Leeds", "GB"), ("Zürich", "CH"), ("Lyon", "FR"))

BODY = """Hello {{ first_name | there }},

from **Monday 12 October** every team in {{ department }} at {{ location }} raises a concern the
same way: one page, one button, an answer within two hours. As {{ title | a colleague }} you can
start today: read [the procedure](https://intranet.northwind.example/escalation) and try
[the form](https://raise.northwind.example/?from=mail&lang=en) once.

## What changes for you

- You write **one sentence**; the rest can wait.
- Your manager, {{ manager_name | your manager }}, hears of it, *and nobody can hold it back*.
- After two hours without an answer it goes one level up.

| Level | Who | Until |
|---|---|---|
| 1 | Team lead | 2 h |
| 2 | Head of operations | 4 h |

> Whoever raises a concern in good faith is protected.

Questions? [Ask the safety desk](https://intranet.northwind.example/safety). This copy is for
{{ name }}.
"""


def employ(number: int) -> None:
    """Put so many people into an empty directory, with a lead, a team, a plan and audiences."""
    with transaction() as database:
        lead = Person(
            email=LEAD, name="Lena Lead", employment="lead", updated_at=now_utc(), attributes={}
        )
        database.add(lead)
        database.flush()
        lead_id = lead.id
    (_copy_in if not is_sqlite() else _insert)(number, lead_id)
    team = create_team("Internal communications", None)
    grant(lead, Role.LEAD, team, None)
    for size in SIZES:
        if size <= number:
            create_audience(team, str(size), _first(size))
    create_audience(team, "everybody", EVERYONE)
    _plan(lead, team)


def _first(size: int) -> Rule:
    """Return the rule for the first so many people: they are marked by the group they begin in."""
    groups = tuple(str(one) for one in SIZES if one <= size)
    return Rule(Match.ALL, (Condition("employment", Operator.IS_ONE_OF, groups),))


def _people(number: int, lead_id: int) -> Iterator[tuple[object, ...]]:
    now = now_utc()
    for n in range(number):
        first, last = FIRST[n % len(FIRST)], LAST[n // 10 % len(LAST)]
        place, country = PLACES[n % len(PLACES)]
        group = next((str(size) for size in SIZES if n < size), "rest")
        yield (
            f"person.{n:07}@northwind.example", f"{first} {last} {n}", first, f"Signaller {n % 60}",
            f"Operations & Safety {n % 14}", place, country, "Europe/Berlin", "en", group,
            lead_id, "{}", now,
        )  # fmt: skip


def _copy_in(number: int, lead_id: int) -> None:
    connection = db.engine.raw_connection()
    try:
        with connection.cursor().copy(f"COPY person ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in _people(number, lead_id):
                copy.write_row(row)
        connection.commit()
        connection.cursor().execute("ANALYZE person")  # as autovacuum does within a minute
        connection.commit()
    finally:
        connection.close()


def _insert(number: int, lead_id: int) -> None:
    rows = [
        dict(zip(COLUMNS, row, strict=True)) | {"attributes": {}}
        for row in _people(number, lead_id)
    ]
    with transaction() as database:
        database.execute(insert(Person), rows)


def _plan(lead: Person, team: Team) -> None:
    with transaction() as database:
        plan = Plan(
            team_id=team.id, title="One way to escalate", sponsor_id=lead.id, owner_id=lead.id,
            zone="Europe/Berlin", status="active", created_at=now_utc(),
        )  # fmt: skip
        database.add(plan)


def write_and_schedule(audience: str) -> int:
    """Write a new message to an audience and schedule it for now; return the send's id."""
    lead = db.session.query(Person).filter_by(email=LEAD).one()
    content = Content(
        subject="{{ first_name | Everybody }}, raise concerns on one page from 12 October",
        preview="One page, one button, an answer within two hours",
        body=BODY,
        action_what="Read the procedure and confirm that you have read it",
        action_due_on=date.today() + timedelta(days=7),
        action_address="https://intranet.northwind.example/escalation/read",
        action_otherwise="Your manager asks you in the week after",
    )
    message = write_message(
        db.session.query(Plan).one(), MessageWish(content=content, contact_id=lead.id), lead
    )
    with transaction():
        message.audience_id = db.session.query(Audience.id).filter_by(name=audience).scalar()
    return int(schedule(message, now_utc(), lead).id)
