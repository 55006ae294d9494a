"""A plan, an audience and a believable message for the tests of this step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.messages.actions import write_message
from commsplan.messages.models import Message
from commsplan.messages.rendering import Places, Reader
from commsplan.messages.rules import Content, MessageWish
from commsplan.plans.models import Activity, Plan
from tests.cast import Cast

BODY = """Hello {{ first_name | there }},

from **Monday 12 October** every team in {{ department }} raises a concern the same way: one page,
one button, an answer within two hours. Please read
[the procedure](https://intranet.northwind.example/escalation)
and try
[the form](https://raise.northwind.example/?from=mail&lang=en) once.

## What changes for you

- You write **one sentence**; the rest can wait.
- Your manager, {{ manager_name | your manager }}, hears of it, *and nobody can hold it back*.
- After two hours without an answer it goes one level up.

1. Read
2. Try
3. Ask

> Whoever raises a concern in good faith is protected.

[Answer three questions]({{ survey_link }})

| Level | Who | Until |
|---|---|---|
| 1 | Team lead | 2 h |
| 2 | Head of operations | 4 h |

Write to [the safety desk](mailto:safety@northwind.example).
"""

CONTENT = Content(
    subject="{{ first_name | Everybody }}, raise concerns on one page from 12 October",
    preview="One page, one button, an answer within two hours",
    body=BODY,
    action_what="Read the procedure and confirm that you have read it",
    action_due_on=date(2026, 10, 9),
    action_address="https://intranet.northwind.example/escalation/read",
    action_otherwise="Your manager asks you in the week after",
)

READER = Reader(
    first_name="Zoë",
    name="Zoë O'Hara",
    title="Signaller",
    department="Operations & Safety",
    location="Berlin",
    country="DE",
    manager_name="Sigrid Sponsor",
    language="en",
)

PLACES = Places(
    page="https://plan.northwind.example/m/abc",
    link=lambda position: f"https://plan.northwind.example/l/abc{position}",
    pixel="https://plan.northwind.example/o/abc.gif",
    unsubscribe="https://plan.northwind.example/u/abc",
    survey="https://plan.northwind.example/s/abc",
    calendar="https://plan.northwind.example/c/abc",
)


def make_plan(cast: Cast, title: str = "One way to escalate") -> Plan:
    """Add a plan of the cast's team."""
    plan = Plan(
        team_id=cast.team.id,
        title=title,
        sponsor_id=cast.sponsor.id,
        owner_id=cast.lead.id,
        zone="Europe/Berlin",
        created_at=now_utc(),
    )
    db.session.add(plan)
    db.session.commit()
    return plan


def make_activity(plan: Plan, **values: str) -> Activity:
    """Put an announcement on a plan."""
    start = datetime(2026, 10, 6, 9)
    activity = Activity(
        plan_id=plan.id,
        uid="a@northwind.example",
        kind="announcement",
        starts_local=start,
        ends_local=start,
        zone="Europe/Berlin",
        starts_at=now_utc(),
        ends_at=now_utc(),
        created_at=now_utc(),
        revised_at=now_utc(),
        **values,
    )
    db.session.add(activity)
    db.session.commit()
    return activity


def make_message(cast: Cast, plan: Plan | None = None, **changes: object) -> Message:
    """Write the message; anything of its content may be changed by name."""
    wish = MessageWish(content=replace(CONTENT, **changes), contact_id=cast.lead.id)  # type: ignore[arg-type]
    message = write_message(plan or make_plan(cast), wish, cast.lead)
    message.has_survey = True
    db.session.commit()
    return message
