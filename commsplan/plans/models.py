"""Plans, their goals, and their activities on a timeline."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from commsplan.audiences.models import Audience
from commsplan.foundation.database import Identity, Json, Moment, Table, WallClock
from commsplan.people.models import Person, Team


class Plan(Table):
    """Why and when we speak: one undertaking with one sponsor and one accountable owner."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint(
            "status in ('draft', 'active', 'done', 'archived')", name="status_is_known"
        ),
        CheckConstraint("privacy in ('aggregate', 'individual')", name="privacy_is_known"),
        CheckConstraint(
            "starts_on is null or ends_on is null or ends_on >= starts_on", name="ends_after_start"
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    """Which team owns it; its members see it."""
    title: Mapped[str] = mapped_column(String(200))
    """What it is called."""
    why: Mapped[str] = mapped_column(Text, default="")
    """Why we do this and what changes for people."""
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """The executive who stands for it."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """The one person accountable for it."""
    status: Mapped[str] = mapped_column(String(16), default="draft")
    """draft, active, done or archived."""
    starts_on: Mapped[date | None]
    """First day."""
    ends_on: Mapped[date | None]
    """Last day."""
    zone: Mapped[str] = mapped_column(String(64))
    """The zone its times are written in unless an activity says otherwise."""
    colour: Mapped[str] = mapped_column(String(16), default="teal")
    """One of the twelve plan colours, the same everywhere."""
    privacy: Mapped[str] = mapped_column(String(16), default="aggregate")
    """aggregate: only totals of opens and clicks; individual: each copy's may be seen."""
    may_unsubscribe: Mapped[bool] = mapped_column(default=False)
    """Whether people may leave this plan's mails (RFC 8058)."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""

    team: Mapped[Team] = relationship()
    sponsor: Mapped[Person | None] = relationship(foreign_keys=[sponsor_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    members: Mapped[list[PlanMember]] = relationship(cascade="all, delete-orphan")
    goals: Mapped[list[Goal]] = relationship(
        primaryjoin="and_(Plan.id == Goal.plan_id, Goal.removed_at.is_(None))",
        cascade="all, delete-orphan",
        order_by="Goal.position, Goal.id",
        back_populates="plan",
    )
    activities: Mapped[list[Activity]] = relationship(
        cascade="all, delete-orphan",
        order_by="Activity.starts_at, Activity.id",
        back_populates="plan",
    )


class PlanMember(Table):
    """Somebody who works on a plan."""

    __tablename__ = "plan_member"
    __table_args__ = (
        UniqueConstraint("plan_id", "person_id", name="one_membership_per_person_and_plan"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    """Which plan."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Who."""
    part: Mapped[str] = mapped_column(String(120), default="")
    """What they do in it, in words."""

    person: Mapped[Person] = relationship()


class Goal(Table):
    """Something measurable that the plan is for."""

    __tablename__ = "goal"
    __table_args__ = (CheckConstraint("target <> baseline", name="target_differs_from_baseline"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    """Of which plan."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""
    what: Mapped[str] = mapped_column(String(300))
    """The outcome, as a sentence."""
    unit: Mapped[str] = mapped_column(String(60))
    """What the numbers count, as "% of staff" or "hours"."""
    baseline: Mapped[float]
    """Where it stood at the start."""
    target: Mapped[float]
    """Where it should get."""
    due_on: Mapped[date]
    """By when."""
    how: Mapped[str] = mapped_column(String(300), default="")
    """How it is measured."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was taken off the plan; kept so that this can be undone."""

    plan: Mapped[Plan] = relationship(back_populates="goals")
    measurements: Mapped[list[GoalMeasurement]] = relationship(
        primaryjoin="and_(Goal.id == GoalMeasurement.goal_id,"
        " GoalMeasurement.removed_at.is_(None))",
        cascade="all, delete-orphan",
        order_by="GoalMeasurement.measured_on, GoalMeasurement.id",
        back_populates="goal",
    )


class GoalMeasurement(Table):
    """What was measured, when, by whom and from which source."""

    __tablename__ = "goal_measurement"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"), index=True)
    """Of which goal."""
    measured_on: Mapped[date]
    """On which day the value held."""
    value: Mapped[float]
    """In the goal's unit."""
    source: Mapped[str] = mapped_column(String(200))
    """Where the value comes from."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who entered it."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was taken back; kept so that this can be undone."""

    goal: Mapped[Goal] = relationship(back_populates="measurements")
    by: Mapped[Person | None] = relationship()


class Activity(Table):
    """One thing that happens: an announcement, a meeting, a deadline."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint(
            "kind in ('announcement', 'meeting', 'chat', 'training', 'survey', 'deadline')",
            name="kind_is_known",
        ),
        CheckConstraint(
            "status in ('planned', 'confirmed', 'done', 'cancelled')", name="status_is_known"
        ),
        CheckConstraint("ends_local >= starts_local", name="ends_not_before_start"),
        CheckConstraint("capacity is null or capacity > 0", name="capacity_is_positive"),
        Index("ix_activity_plan_starts", "plan_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    """In which plan."""
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    """Its UID in calendars: stable, never used again (RFC 5545 §3.8.4.7)."""
    kind: Mapped[str] = mapped_column(String(16))
    """announcement, meeting, chat, training, survey or deadline."""
    title: Mapped[str] = mapped_column(String(200))
    """What it is, in a few words."""
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id"))
    """For whom; none until the plan says."""
    audience_text: Mapped[str] = mapped_column(String(200), default="")
    """For whom in the planning spreadsheet's words, until an audience is chosen."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who sees to it."""
    owner_text: Mapped[str] = mapped_column(String(200), default="")
    """The owner in the planning spreadsheet's words, where nobody in the directory fits."""
    mechanism: Mapped[str] = mapped_column(String(120), default="")
    """Through what: "E-mail", "Town hall", in the team's words."""
    key_message: Mapped[str] = mapped_column(Text, default="")
    """What people should take away."""
    comments: Mapped[str] = mapped_column(Text, default="")
    """Notes of the team, not shown to the audience."""
    starts_local: Mapped[datetime] = mapped_column(WallClock)
    """Start on the wall clock of its zone."""
    ends_local: Mapped[datetime] = mapped_column(WallClock)
    """End on the wall clock of its zone; for all-day the last day, inclusive."""
    zone: Mapped[str] = mapped_column(String(64))
    """IANA zone of the two above, or "recipient" for each reader's own."""
    all_day: Mapped[bool] = mapped_column(default=False)
    """No hours, only days."""
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """Start as an instant, derived (for "recipient": in the plan's zone)."""
    ends_at: Mapped[datetime] = mapped_column(Moment)
    """End as an instant, derived; exclusive. Of a series the end of the last one, or 2100."""
    frequency: Mapped[str] = mapped_column(String(60), default="")
    """How often, in the spreadsheet's words: "weekly"."""
    recurrence: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """How it repeats, as in plans/recurrence.py: "FREQ=WEEKLY;BYDAY=TU"; empty for once."""
    place: Mapped[str] = mapped_column(String(200), default="")
    """Where, for meetings."""
    conference: Mapped[str] = mapped_column(String(500), default="")
    """Address to join at, https only."""
    capacity: Mapped[int | None]
    """How many people fit; none where there is room for everybody."""
    status: Mapped[str] = mapped_column(String(16), default="planned")
    """planned, confirmed, done or cancelled."""
    sequence: Mapped[int] = mapped_column(default=0)
    """+1 on every visible change (RFC 5545 §3.8.7.4)."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""
    revised_at: Mapped[datetime] = mapped_column(Moment)
    """When it last visibly changed."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was taken off the plan; feeds keep a tombstone for 60 days."""
    is_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Everybody in the organisation finds it in the change calendar."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """+1 whenever anything in this row changes, visible or not: caches hold on to it."""

    plan: Mapped[Plan] = relationship(back_populates="activities")
    audience: Mapped[Audience | None] = relationship()
    owner: Mapped[Person | None] = relationship()
    exceptions: Mapped[list[ActivityException]] = relationship(
        primaryjoin="and_(Activity.id == ActivityException.activity_id,"
        " ActivityException.removed_at.is_(None))",
        cascade="all, delete-orphan",
        order_by="ActivityException.occurrence_local, ActivityException.id",
        back_populates="activity",
    )


class ActivityException(Table):
    """One occurrence of a series that is cancelled, or otherwise than the others."""

    __tablename__ = "activity_exception"
    __table_args__ = (
        CheckConstraint("ends_local >= starts_local", name="ends_not_before_start"),
        CheckConstraint(
            "(starts_local is null) = (ends_local is null)", name="start_and_end_together"
        ),
        CheckConstraint("status in ('', 'planned', 'confirmed', 'done')", name="status_is_known"),
        UniqueConstraint("activity_id", "occurrence_local", name="one_exception_per_occurrence"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """Of which series."""
    occurrence_local: Mapped[datetime] = mapped_column(WallClock)
    """The wall-clock start it had when it was changed; its day tells which one it is."""
    cancelled: Mapped[bool] = mapped_column(default=False)
    """It does not take place."""
    starts_local: Mapped[datetime | None] = mapped_column(WallClock)
    """Start on the wall clock of the series' zone; none where only the rest differs."""
    ends_local: Mapped[datetime | None] = mapped_column(WallClock)
    """End on the same wall clock; for all-day the last day, inclusive."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """What it is; empty, like the three below, as the series has it."""
    place: Mapped[str] = mapped_column(String(200), default="")
    """Where."""
    conference: Mapped[str] = mapped_column(String(500), default="")
    """Address to join at, https only."""
    status: Mapped[str] = mapped_column(String(16), default="")
    """planned, confirmed or done."""
    sequence: Mapped[int]
    """The series' sequence when this one last changed."""
    revised_at: Mapped[datetime] = mapped_column(Moment)
    """When it last changed."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was put back to what the series says; kept so that this can be undone."""

    activity: Mapped[Activity] = relationship(back_populates="exceptions")


@event.listens_for(Activity, "before_update")
def _count_the_change(_mapper: object, _connection: object, activity: Activity) -> None:
    session = object_session(activity)
    if session and session.is_modified(activity, include_collections=False):
        activity.version = Activity.version + 1  # by the database: two at once count as two


class PlanChange(Table):
    """What one change of a plan or of something on it replaced: the way back."""

    __tablename__ = "plan_change"
    __table_args__ = (
        CheckConstraint(
            "thing in ('plan', 'activity', 'occurrence', 'goal', 'measurement')",
            name="thing_is_known",
        ),
        Index("ix_plan_change_thing", "thing", "thing_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    """In which plan."""
    thing: Mapped[str] = mapped_column(String(16))
    """What kind of thing changed."""
    thing_id: Mapped[int] = mapped_column(Identity)
    """Which one."""
    before: Mapped[dict[str, object]] = mapped_column(Json)
    """The values that changed, as they were."""
    after: Mapped[dict[str, object]] = mapped_column(Json)
    """The same values as this change left them; undoing asks that they still stand."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who changed it."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When."""

    plan: Mapped[Plan] = relationship()
    by: Mapped[Person | None] = relationship()


class PlanImport(Table):
    """A planning spreadsheet on its way into a plan."""

    __tablename__ = "plan_import"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    """Into which plan."""
    file_name: Mapped[str] = mapped_column(String(255))
    """The name it had on the uploader's machine."""
    stored_as: Mapped[str] = mapped_column(String(255))
    """Path below the data folder."""
    mapping: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    """Column → field, and the person's corrections, as plans/grid.py reads them."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who brought it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it came."""
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its rows became activities."""
    activity_count: Mapped[int] = mapped_column(default=0)
    """How many it made."""

    plan: Mapped[Plan] = relationship()
    by: Mapped[Person | None] = relationship()
