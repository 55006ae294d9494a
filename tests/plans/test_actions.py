"""Plans, activities and goals change with a way back, and calendars hear of what shows."""

from datetime import UTC, date, datetime

import pytest

from commsplan.foundation.audit import AuditEntry, first_broken_entry
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.plans import actions, history
from commsplan.plans.models import Activity, Plan, PlanChange
from commsplan.plans.queries import activities_of
from commsplan.plans.rules import ActivityWish, GoalWish, Part, PlanWish
from tests.cast import Cast, make_person


def wish(**fields: object) -> ActivityWish:
    values = {"kind": "announcement", "title": "What changes", **fields}
    values.setdefault("starts_local", datetime(2026, 11, 24, 9))
    return ActivityWish(**values)


def last_change() -> PlanChange:
    return db.session.query(PlanChange).order_by(PlanChange.id.desc()).first()


def test_a_title_is_enough_to_begin(plan: Plan) -> None:
    assert (plan.status, plan.zone, plan.colour) == ("draft", "Europe/Berlin", "teal")


def test_creating_is_in_the_audit_trail(plan: Plan, cast: Cast) -> None:
    entry = db.session.query(AuditEntry).one()
    assert (entry.actor, entry.action) == (f"person {cast.lead.id}", "plan.created")


def test_an_activity_takes_the_zone_of_its_plan(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    assert activity.starts_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert activity.ends_at == activity.starts_at


def test_a_whole_day_ends_at_the_next_midnight(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(all_day=True), cast.lead)
    assert activity.starts_at == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert activity.ends_at == datetime(2026, 11, 24, 23, tzinfo=UTC)


def test_each_readers_own_time_is_placed_by_the_plans_zone(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(zone="recipient"), cast.lead)
    assert activity.starts_at == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_moving_the_plans_zone_moves_readers_own_times_unseen(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(zone="recipient"), cast.lead)
    actions.change_plan(plan, PlanWish("New VPN", zone="Asia/Tokyo"), cast.lead)
    assert activity.starts_at == datetime(2026, 11, 24, 0, tzinfo=UTC)
    assert activity.sequence == 0


def test_a_time_that_clocks_skip_moves_by_the_gap(plan: Plan, cast: Cast) -> None:
    skipped = wish(starts_local=datetime(2027, 3, 28, 2, 30))
    activity = actions.add_activity(plan, skipped, cast.lead)
    assert activity.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_an_end_inside_the_hour_that_comes_twice_is_not_before_its_start(plan, cast) -> None:
    odd = wish(starts_local=datetime(2027, 3, 28, 2, 30), ends_local=datetime(2027, 3, 28, 3, 0))
    activity = actions.add_activity(plan, odd, cast.lead)
    assert activity.ends_at >= activity.starts_at


def test_every_activity_has_a_uid_of_its_own(plan: Plan, cast: Cast) -> None:
    one, two = (actions.add_activity(plan, wish(), cast.lead) for _ in range(2))
    assert one.uid != two.uid
    assert one.uid.endswith("@127.0.0.1")


def test_a_visible_change_raises_the_sequence(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    actions.change_activity(activity, wish(title="What changes for you"), cast.lead)
    assert activity.sequence == 1
    assert activity.revised_at > activity.created_at


def test_a_note_of_the_team_raises_no_sequence(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    actions.change_activity(activity, wish(comments="Ask Ines first"), cast.lead)
    assert (activity.comments, activity.sequence) == ("Ask Ines first", 0)


def test_saving_without_a_difference_changes_nothing(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    assert actions.change_activity(activity, wish(), cast.lead) is None
    assert activity.sequence == 0


def test_the_second_of_two_editors_is_told(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    seen = history.fingerprint(activity)
    actions.change_activity(activity, wish(title="Mine"), cast.lead, seen)
    with pytest.raises(NotNow, match="Somebody else"):
        actions.change_activity(activity, wish(title="Yours"), cast.teammate, seen)
    assert activity.title == "Mine"


def test_removing_hides_and_undoing_brings_back(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    removal = actions.remove_activity(activity, cast.lead)
    assert (activities_of(plan), activity.sequence) == ([], 1)
    actions.undo(removal, cast.lead)
    assert (activities_of(plan), activity.sequence) == ([activity], 2)


def test_undoing_an_addition_removes_it(plan: Plan, cast: Cast) -> None:
    actions.add_activity(plan, wish(), cast.lead)
    actions.undo(last_change(), cast.lead)
    assert activities_of(plan) == []


def test_undoing_a_move_puts_the_old_time_back(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    moved = wish(starts_local=datetime(2026, 11, 25, 9))
    actions.undo(actions.change_activity(activity, moved, cast.lead), cast.lead)
    assert activity.starts_local == datetime(2026, 11, 24, 9)
    assert activity.starts_at == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_what_was_changed_again_is_not_undone(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    mine = actions.change_activity(activity, wish(title="Mine"), cast.lead)
    actions.change_activity(activity, wish(title="Yours"), cast.teammate)
    with pytest.raises(NotNow, match="changed again"):
        actions.undo(mine, cast.lead)


def test_undo_leaves_later_changes_of_other_values_alone(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    cancelled = actions.set_activity_status(activity, "cancelled", cast.lead)
    actions.change_activity(activity, wish(title="Renamed", status="cancelled"), cast.lead)
    actions.undo(cancelled, cast.lead)
    assert (activity.title, activity.status) == ("Renamed", "planned")


def test_members_change_in_place_and_back(plan: Plan, cast: Cast) -> None:
    def people() -> list[tuple[int, str]]:
        db.session.refresh(plan)
        return sorted((member.person_id, member.part) for member in plan.members)

    actions.set_members(plan, (Part(cast.lead.id, "writes"),), cast.lead)
    both = (Part(cast.lead.id, "edits"), Part(cast.employee.id, "trains"))
    change = actions.set_members(plan, both, cast.lead)
    assert people() == [(cast.lead.id, "edits"), (cast.employee.id, "trains")]
    actions.undo(change, cast.lead)
    assert people() == [(cast.lead.id, "writes")]


def test_a_plan_becomes_active_and_a_draft_again(plan: Plan, cast: Cast) -> None:
    change = actions.set_plan_status(plan, "active", cast.lead)
    assert plan.status == "active"
    actions.undo(change, cast.lead)
    assert plan.status == "draft"


def test_a_removed_goal_is_no_longer_on_the_plan(plan: Plan, cast: Cast) -> None:
    goal = actions.add_goal(plan, GoalWish("Sign in", "%", 12, 90, date(2027, 1, 31)), cast.lead)
    actions.measure_goal(goal, 40, date(2026, 11, 20), "Sign-in log", cast.lead)
    removal = actions.remove_goal(goal, cast.lead)
    db.session.expire_all()
    assert plan.goals == []
    actions.undo(removal, cast.lead)
    db.session.expire_all()
    assert [row.value for row in plan.goals[0].measurements] == [40]


def test_a_measurement_taken_back_no_longer_counts(plan: Plan, cast: Cast) -> None:
    goal = actions.add_goal(plan, GoalWish("Sign in", "%", 12, 90, date(2027, 1, 31)), cast.lead)
    measurement = actions.measure_goal(goal, 40, date(2026, 11, 20), "Log", cast.lead)
    actions.remove_measurement(measurement, cast.lead)
    db.session.expire_all()
    assert goal.measurements == []


def test_the_audit_trail_quotes_no_body_text_and_holds(plan: Plan, cast: Cast) -> None:
    activity = actions.add_activity(plan, wish(), cast.lead)
    actions.change_activity(activity, wish(key_message="Confidential words"), cast.lead)
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert entries[-1].after == {"key_message": "…"}
    assert first_broken_entry() is None


def test_the_command_line_may_act_without_a_person(cast: Cast) -> None:
    plan = actions.create_plan(cast.team, PlanWish("From the shell"), None)
    actions.add_activity(plan, wish(), None)
    assert db.session.query(Activity).count() == 1


def test_undo_does_not_bring_back_somebody_who_was_erased(plan: Plan, cast: Cast) -> None:
    gone = make_person("Gone Away")
    first = PlanWish("New VPN", zone=plan.zone, owner_id=gone.id)
    actions.change_plan(plan, first, cast.lead)
    change = actions.change_plan(plan, PlanWish("New VPN", zone=plan.zone), cast.lead)
    db.session.delete(gone)
    db.session.commit()
    actions.undo(change, cast.lead)
    assert plan.owner_id is None
