"""One of everything, owned by the cast's team, so that every address of the application exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.calendars.blackout_models import Blackout, Override
from commsplan.calendars.invitation_models import Invitation, Meeting
from commsplan.calendars.models import Feed
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.state_rules import SCOPE
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.outlet_actions import make_outlet
from commsplan.delivery.outlet_models import BoardFeed, Posting
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.tokens import sign
from commsplan.messages.actions import write_message
from commsplan.messages.models import Message
from commsplan.messages.rules import Content, MessageWish
from commsplan.people.models import Grant, SignInLink, StaffImport
from commsplan.people.token_actions import make_token
from commsplan.plans.actions import add_activity, add_goal, create_plan, measure_goal
from commsplan.plans.import_actions import import_file
from commsplan.plans.models import Plan, PlanChange
from commsplan.plans.rules import ActivityWish, GoalWish, PlanWish
from commsplan.plans.series import name_of
from commsplan.surveys.models import Question, Survey
from tests.cast import Cast

TEAM_OWNED = {
    "plan_id",
    "activity_id",
    "goal_id",
    "measurement_id",
    "change_id",
    "message_id",
    "send_id",
    "audience_id",
    "survey_id",
    "delivery_id",
    "outlet_id",
    "posting_id",
}
"""Arguments that name a thing of one team: for another team it is not there."""

PURPOSES = {
    "/m/": "message",
    "/s/": "survey",
    "/l/": "link",
    "/o/": "open",
    "/u/": "unsubscribe",
    "/c/": "calendar",
    "/a/": "appeal",
    "/r/": "invitation",
    "/f/": "feed",
    "/board/feed/": "board",
    "/sign-in/link/": "sign-in",
}


@dataclass
class World:
    """The ids of one of everything, and who may see it."""

    app: Flask
    cast: Cast
    ids: dict[str, int]
    signed: dict[str, tuple[int, int]]
    """Purpose → identity and extra of a token that works."""

    def token(self, purpose: str) -> str:
        """Return a token that works for this purpose."""
        return sign(purpose, *self.signed[purpose])

    def address(self, rule: Rule, token: str = "") -> str:
        """Return a rule's address with ids of things that exist."""
        values: dict[str, object] = {}
        for name in rule.arguments:
            if name == "token":
                values[name] = token or self.token(purpose_of(rule))
            elif (items := getattr(rule._converters[name], "items", None)) is not None:
                values[name] = sorted(items)[0]
            else:
                of_a_plan = name == "import_id" and str(rule).startswith("/plans/")
                values[name] = self.ids.get("plan_import_id" if of_a_plan else name, 1)
        with self.app.test_request_context():
            return str(rule.build(values, append_unknown=False)[1])


def is_team_owned(rule: Rule) -> bool:
    """Tell whether a rule names a thing of one team."""
    return bool(rule.arguments & TEAM_OWNED) or str(rule).startswith("/plans/imports/")


def purpose_of(rule: Rule) -> str:
    """Return the purpose for which a rule's token is signed."""
    return next(purpose for prefix, purpose in PURPOSES.items() if str(rule).startswith(prefix))


def rules_of(app: Flask, method: str) -> Iterator[Rule]:
    """Return every rule that answers a method, except the files that never change."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and method in (rule.methods or ()):
            yield rule


def access_of(app: Flask, rule: Rule) -> frozenset[str]:
    """Return the roles a rule declares; empty for a public one."""
    return frozenset(app.view_functions[rule.endpoint].access)


def make_world(cast: Cast) -> World:
    """Put one of everything into the database."""
    now = now_utc()
    wish = PlanWish(
        title="Office move",
        status="active",
        zone="Europe/Berlin",
        may_unsubscribe=True,
        sponsor_id=cast.sponsor.id,
    )
    plan = create_plan(cast.team, wish, cast.lead)
    audience = create_audience(cast.team, "Everyone", EVERYONE, by=cast.lead)
    ids = {"plan_id": plan.id, "audience_id": audience.id, "person_id": cast.employee.id}
    held = db.session.query(Grant).filter_by(person_id=cast.lead.id).one()
    ids |= {"team_id": cast.team.id, "grant_id": held.id}
    ids |= _on_the_plan(plan, cast)
    message = _message(plan, audience.id, ids["activity_id"], cast)
    ids |= {"message_id": message.id, "number": 1, "version_id": message.latest.id}
    ids |= _sent(message, audience.id, cast)
    survey = Survey(
        message_id=message.id,
        closes_at=now + timedelta(days=9),
        reply_by=now.date() + timedelta(days=20),
        created_at=now,
    )
    survey.questions.append(Question(position=1, kind="rating", words="Clear?"))
    feed = Feed(person_id=cast.employee.id, plan_id=plan.id, created_at=now)
    link = SignInLink(person_id=cast.employee.id, expires_at=now + timedelta(hours=1))
    server = Relay(name="mail.example:25", seen_at=now)
    limit = RateLimit(
        scope="channel", name="email", per_minute=60, burst=10, tokens=10, refilled_at=now
    )
    lists = StaffImport(file_name="staff.csv", stored_as="staff.csv", created_at=now)
    sheet = Path(cast.app.config["DATA_DIR"]) / "sheet.csv"
    sheet.write_text("Date,Topic\n2026-12-01,Boxes\n")
    imported = import_file(plan, sheet, cast.lead)
    ids |= _posted(ids, cast)
    ids |= _invited(ids, cast)
    ids |= _closed(cast)
    board = BoardFeed(person_id=cast.employee.id, generation=1, created_at=now)
    held = SuppressedAddress(
        address=cast.employee.email, person_id=cast.employee.id, reason="hard bounce", since=now
    )
    db.session.add_all([survey, feed, link, lists, board, held, server, limit])
    db.session.commit()
    ids |= {
        "survey_id": survey.id,
        "feed_id": feed.id,
        "entry_id": held.id,
        "import_id": lists.id,
        "relay_id": server.id,
        "limit_id": limit.id,
        "plan_import_id": imported.id,
    }
    copy = ids["delivery_id"]
    signed = dict.fromkeys(("message", "survey", "open", "unsubscribe", "calendar"), (copy, 0))
    signed |= {
        "link": (copy, 1),
        "appeal": (held.id, 0),
        "invitation": (ids["invitation_id"], 0),
        "feed": (feed.id, feed.generation),
        "sign-in": (link.id, link.nonce),
        "board": (cast.employee.id, board.generation),
    }
    return World(cast.app, cast, ids, signed)


def _closed(cast: Cast) -> dict[str, int]:
    """Something that closes, in a calendar, and somebody's word against it."""
    now = now_utc()
    starts = now.replace(tzinfo=None, microsecond=0)
    calendar = SharedCalendar(
        slug="payments", name="Payments", kind="freeze", source="hand", team_id=cast.team.id,
        zone="UTC", created_at=now,
    )  # fmt: skip
    blackout = Blackout(
        uid="blackout@world", team_id=cast.team.id, title="Freeze", zone="UTC",
        starts_local=starts, ends_local=starts + timedelta(hours=1), starts_at=now,
        ends_at=now + timedelta(hours=1), created_at=now, revised_at=now,
    )  # fmt: skip
    override = Override(
        sponsor_id=cast.sponsor.id, reason="Fire.", starts_at=now, until_at=now + timedelta(hours=1)
    )
    db.session.add_all([calendar, blackout, override])
    db.session.commit()
    token, _secret = make_token(cast.team, "Shop", SCOPE, cast.lead)
    return {
        "calendar_id": calendar.id,
        "blackout_id": blackout.id,
        "override_id": override.id,
        "token_id": token.id,
    }


def _posted(ids: dict[str, int], cast: Cast) -> dict[str, int]:
    now = now_utc()
    address = "https://intranet.northwind.example/in"
    webhook = make_outlet(cast.team, "Intranet", "webhook", address, cast.lead).outlet
    board = make_outlet(cast.team, "Board", "board", "", cast.lead).outlet
    doubtful, notice = (
        Posting(
            send_id=ids["send_id"],
            message_id=ids["message_id"],
            outlet_id=outlet.id,
            state=state,
            not_before=now,
            settled_at=now,
            accepted_at=now if state == "accepted" else None,
        )
        for outlet, state in ((webhook, "uncertain"), (board, "accepted"))
    )
    db.session.add_all([doubtful, notice])
    db.session.flush()
    return {"outlet_id": webhook.id, "posting_id": doubtful.id, "notice_id": notice.id}


def _invited(ids: dict[str, int], cast: Cast) -> dict[str, int]:
    now = now_utc()
    meeting = Meeting(activity_id=ids["activity_id"], created_at=now, seen_sequence=0)
    row = Invitation(
        activity_id=ids["activity_id"],
        session_id=ids["activity_id"],
        person_id=cast.employee.id,
        answer="needs-action",
        told={},
        created_at=now,
    )
    db.session.add_all([meeting, row])
    db.session.flush()
    return {"invitation_id": row.id}


def _on_the_plan(plan: Plan, cast: Cast) -> dict[str, int | str]:
    now = now_utc()
    starts = (now + timedelta(days=2)).replace(tzinfo=None, microsecond=0)
    wish = ActivityWish(
        kind="announcement",
        title="Boxes",
        starts_local=starts,
        zone="UTC",
        recurrence="FREQ=WEEKLY",
    )
    activity = add_activity(plan, wish, cast.lead)
    day = now.date()
    goal_wish = GoalWish(
        what="Desks", unit="%", baseline=0, target=100, due_on=day + timedelta(days=30)
    )
    goal = add_goal(plan, goal_wish, cast.lead)
    measurement = measure_goal(goal, 40, day, "Desk list", cast.lead)
    change = db.session.query(PlanChange).order_by(PlanChange.id.desc()).first()
    return {
        "activity_id": activity.id,
        "name": name_of(starts, all_day=False),
        "goal_id": goal.id,
        "measurement_id": measurement.id,
        "change_id": change.id if change else 1,
    }


def _message(plan: Plan, audience_id: int, activity_id: int, cast: Cast) -> Message:
    content = Content(
        subject="Pack your boxes", body="See [the list](https://northwind.example/l)."
    )
    wish = MessageWish(content=content, audience_id=audience_id, activity_id=activity_id)
    message = write_message(plan, wish, cast.lead)
    message.state = "sent"
    return message


def _sent(message: Message, audience_id: int, cast: Cast) -> dict[str, int]:
    now = now_utc()
    send = Send(
        message_id=message.id,
        version_id=message.latest.id,
        audience_id=audience_id,
        state="finished",
        due_at=now,
        scheduled_at=now,
        started_at=now,
        finished_at=now,
        addressed=1,
    )
    db.session.add(send)
    db.session.flush()
    copy = Delivery(
        send_id=send.id,
        message_id=message.id,
        person_id=cast.employee.id,
        address=cast.employee.email,
        state="accepted",
        not_before=now,
        accepted_at=now,
        settled_at=now,
    )
    db.session.add(copy)
    db.session.flush()
    return {"send_id": send.id, "delivery_id": copy.id}
