"""What a feed shows, and in which detail: one statement, however many activities there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audience_for_reader, audiences_with
from commsplan.calendars.models import EventBytes, Feed
from commsplan.calendars.rules import (
    ABOUT_ME,
    KINDS_SHOWN,
    OPEN_PLANS,
    TOMBSTONE,
    Choice,
    FeedKind,
)
from commsplan.calendars.telling import View
from commsplan.foundation.database import Moment, db
from commsplan.foundation.dates import RECIPIENTS_ZONE
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import readable_by

Owner = aliased(Person)
BETWEEN = " · "


@dataclass(frozen=True)
class Shown:
    """Which activities a feed shows, as tests over `Activity` joined with `Plan`."""

    which: ColumnElement[bool]
    detail: ColumnElement[str]
    names_plan: bool


def shown_by(feed: Feed, now: datetime) -> Shown:
    """Return what a feed shows at a moment: tombstones of 60 days included."""
    whole, mine = _eyes(feed)
    is_open = Plan.status.in_(OPEN_PLANS)
    details: list[tuple[ColumnElement[bool], View]]
    details = [(whole, View.WHOLE), (and_(mine, is_open), View.ADDRESSED)]
    kind, choice = FeedKind(feed.kind), Choice.from_json(feed.choice)
    if kind is FeedKind.PLAN:
        which = and_(Activity.plan_id == feed.plan_id, or_(whole, and_(mine, is_open)))
    elif kind is FeedKind.PUBLIC:
        which = and_(Activity.plan_id == feed.plan_id, is_open)
        details = [(literal(True), View.OPEN)]
    elif kind in ABOUT_ME:
        which = and_(mine, or_(is_open, and_(whole, Plan.status != "archived")))
        which = and_(which, _chosen(kind, choice))
    elif kind is FeedKind.AUDIENCE:
        which = _of_audience(feed, is_open, whole)
    elif kind is FeedKind.CHANGES:
        which = and_(is_open, or_(literal(choice.others_busy), Activity.is_change))
        details.append((and_(Activity.is_change), View.OPEN))
    else:
        which = false()
    several = kind not in (FeedKind.PLAN, FeedKind.PUBLIC)
    detail = case(*((test, literal(str(one))) for test, one in details), else_=str(View.BUSY))
    return Shown(and_(which, _still_there(now), _not_long_ago(now, several)), detail, several)


def _eyes(feed: Feed) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the tests for what the feed's person reads as a whole, and for what concerns them."""
    if feed.person is None:
        return false(), false()
    used = select(Activity.audience_id).where(Activity.audience_id.is_not(None))
    if feed.plan_id is not None:
        used = used.where(Activity.plan_id == feed.plan_id)
    audiences = db.session.scalars(select(Audience).where(Audience.id.in_(used))).all()
    mine = audiences_with(feed.person.id, audiences)
    concerns = or_(Activity.audience_id.in_(mine), Activity.owner_id == feed.person.id)
    return readable_by(feed.person), func.coalesce(concerns, false())


def _chosen(kind: FeedKind, choice: Choice) -> ColumnElement[bool]:
    if kind is not FeedKind.MINE:
        return Activity.kind.in_(KINDS_SHOWN[kind])
    return and_(Activity.kind.in_(choice.kinds), Plan.id.not_in(choice.without))


def _of_audience(
    feed: Feed, is_open: ColumnElement[bool], whole: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What is for an audience, as long as the person works with it; other teams' without words."""
    try:
        audience_for_reader(feed.person, feed.audience_id or 0) if feed.person else None
    except Absent:
        return false()
    of_it = Activity.audience_id == feed.audience_id
    return and_(of_it, Plan.status != "archived", or_(is_open, whole))


def _still_there(now: datetime) -> ColumnElement[bool]:
    since = now - TOMBSTONE
    return and_(
        or_(Activity.removed_at.is_(None), Activity.removed_at > since),
        or_(Activity.status != "cancelled", Activity.revised_at > since),
    )


def _not_long_ago(now: datetime, several: bool) -> ColumnElement[bool]:
    """A calendar of several plans begins with last year, so that it does not grow for ever."""
    if not several:
        return literal(True)
    return Activity.ends_at >= datetime(now.year - 1, 1, 1, tzinfo=UTC)


def bounds(shown: Shown, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when anything of it last visibly changed, and when time alone changes it next.

    Time alone lets a tombstone go, and begins a year.
    """
    gone = case(
        (Activity.removed_at.is_not(None), Activity.removed_at),
        (Activity.status == "cancelled", Activity.revised_at),
    )
    first_gone = func.min(gone, type_=Moment())
    revised, first = db.session.execute(
        select(func.max(Activity.revised_at), first_gone).join(Activity.plan).where(shown.which)
    ).one()
    moments = [first + TOMBSTONE] if first else []
    if shown.names_plan:
        moments.append(datetime(now.year + 1, 1, 1, tzinfo=UTC))
    return revised, min(moments, default=None)


def rows(
    shown: Shown, language: str, zone: str, edition: str
) -> Select[int, int, str, str, str, bytes | None, str | None]:
    """Return, in order of time, each activity with its bytes, or with none where they are old.

    Columns: id, version, view, detail, beside; body and zones as they were kept.
    """
    plan = "+" if shown.names_plan else ""
    own = case((Activity.zone == RECIPIENTS_ZONE, f".{zone}"), else_="")
    view = shown.detail + literal(f"{plan}.{language}") + own
    beside = func.coalesce(Owner.name, "") + literal(BETWEEN) + Plan.title
    fits = and_(
        EventBytes.activity_id == Activity.id,
        EventBytes.view == view,
        EventBytes.version == Activity.version,
        EventBytes.beside == beside,
        EventBytes.edition == edition,
    )
    return (
        select(
            Activity.id,
            Activity.version,
            view.label("view"),
            shown.detail.label("detail"),
            beside.label("beside"),
            EventBytes.body,
            EventBytes.zones,
        )
        .join(Activity.plan)
        .outerjoin(Owner, Owner.id == Activity.owner_id)
        .outerjoin(EventBytes, fits)
        .where(shown.which)
        .order_by(Activity.starts_at, Activity.id)
    )
