"""Single occurrences of a series move, are cancelled and come back, and calendars hear of it."""

from datetime import UTC, datetime

import pytest

from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.plans import actions
from commsplan.plans.models import Activity, Plan, PlanChange
from commsplan.plans.queries import occurrences_of
from commsplan.plans.rules import ActivityWish, OccurrenceWish
from commsplan.plans.series_actions import cancel_occurrence, move_occurrence, restore_occurrence
from tests.cast import Cast

SECOND = "20261201T0900"


@pytest.fixture
def weekly(plan: Plan, cast: Cast) -> Activity:
    wish = ActivityWish(
        "meeting",
        "Stand-up",
        datetime(2026, 11, 24, 9),
        datetime(2026, 11, 24, 10),
        recurrence="FREQ=WEEKLY;COUNT=4",
    )
    return actions.add_activity(plan, wish, cast.lead)


def told(activity: Activity) -> list[tuple[str, datetime, bool]]:
    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)
    return [
        (one.name, one.starts_local, one.cancelled)
        for one in occurrences_of(activity, since, until)
    ]


def test_a_series_ends_with_its_last_occurrence(weekly: Activity) -> None:
    assert weekly.ends_at == datetime(2026, 12, 15, 9, tzinfo=UTC)
    assert len(told(weekly)) == 4


def test_a_cancelled_occurrence_raises_the_sequence(weekly: Activity, cast: Cast) -> None:
    assert cancel_occurrence(weekly, SECOND, cast.lead)
    assert told(weekly)[1] == (SECOND, datetime(2026, 12, 1, 9), True)
    assert (weekly.sequence, weekly.exceptions[0].sequence) == (1, 1)


def test_a_moved_occurrence_keeps_its_name(weekly: Activity, cast: Cast) -> None:
    move_occurrence(weekly, SECOND, OccurrenceWish(datetime(2026, 12, 2, 14)), cast.lead)
    assert told(weekly)[1] == (SECOND, datetime(2026, 12, 2, 14), False)


def test_a_last_one_that_moves_moves_the_end(weekly: Activity, cast: Cast) -> None:
    move_occurrence(weekly, "20261215T0900", OccurrenceWish(datetime(2026, 12, 20, 9)), cast.lead)
    assert weekly.ends_at == datetime(2026, 12, 20, 9, tzinfo=UTC)


def test_putting_one_back_makes_it_like_the_others(weekly: Activity, cast: Cast) -> None:
    cancel_occurrence(weekly, SECOND, cast.lead)
    restore_occurrence(weekly, SECOND, cast.lead)
    assert told(weekly)[1] == (SECOND, datetime(2026, 12, 1, 9), False)
    assert weekly.sequence == 2
    assert restore_occurrence(weekly, SECOND, cast.lead) is None


def test_each_change_has_its_way_back(weekly: Activity, cast: Cast) -> None:
    before = told(weekly)
    for change in (
        cancel_occurrence(weekly, SECOND, cast.lead),
        move_occurrence(weekly, SECOND, OccurrenceWish(datetime(2026, 12, 2, 14)), cast.lead),
        restore_occurrence(weekly, SECOND, cast.lead),
    ):
        assert change
    for change in db.session.query(PlanChange).order_by(PlanChange.id.desc()).limit(3).all():
        actions.undo(change, cast.lead)
    assert told(weekly) == before


def test_a_cancelled_one_can_still_be_moved(weekly: Activity, cast: Cast) -> None:
    cancel_occurrence(weekly, SECOND, cast.lead)
    move_occurrence(weekly, SECOND, OccurrenceWish(datetime(2026, 12, 2, 14)), cast.lead)
    assert told(weekly)[1] == (SECOND, datetime(2026, 12, 2, 14), False)


def test_a_renamed_one_goes_along_when_the_series_moves(weekly: Activity, cast: Cast) -> None:
    wish = OccurrenceWish(datetime(2026, 12, 1, 9), title="Stand-up with cake")
    move_occurrence(weekly, SECOND, wish, cast.lead)
    later = ActivityWish(
        "meeting",
        "Stand-up",
        datetime(2026, 11, 24, 10),
        datetime(2026, 11, 24, 11),
        recurrence="FREQ=WEEKLY;COUNT=4",
    )
    actions.change_activity(weekly, later, cast.lead)
    assert told(weekly)[1] == ("20261201T1000", datetime(2026, 12, 1, 10), False)


def test_a_day_that_the_series_does_not_have_is_refused(weekly: Activity, cast: Cast) -> None:
    for name in ("20261202T0900", "20270101T0900", "", "rubbish"):
        with pytest.raises(NotNow):
            cancel_occurrence(weekly, name, cast.lead)


def test_what_happens_once_has_no_occurrences_to_change(activity: Activity, cast: Cast) -> None:
    with pytest.raises(NotNow):
        cancel_occurrence(activity, "20261124T0900", cast.lead)


def test_taking_the_rule_away_and_back_keeps_what_was_said(weekly: Activity, cast: Cast) -> None:
    cancel_occurrence(weekly, SECOND, cast.lead)
    once = ActivityWish("meeting", "Stand-up", weekly.starts_local, weekly.ends_local)
    change = actions.change_activity(weekly, once, cast.lead)
    assert [name for name, *_rest in told(weekly)] == [""]
    assert change
    actions.undo(change, cast.lead)
    assert told(weekly)[1] == (SECOND, datetime(2026, 12, 1, 9), True)
