"""What repeats is said in a form, read back in words, and changed one by one on its page."""

from datetime import datetime

import pytest
from werkzeug.test import TestResponse

from commsplan.foundation.database import db
from commsplan.plans import actions
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish
from commsplan.plans.series_actions import cancel_occurrence
from tests.cast import Cast

SECOND = "20261201T0900"
ONCE = {"kind": "meeting", "title": "Stand-up", "starts_date": "2026-11-24", "starts_time": "09:00"}


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


def address(weekly: Activity, name: str = "", what: str = "") -> str:
    page = f"/plans/{weekly.plan_id}/activities/{weekly.id}"
    return f"{page}/occurrences/{name}{what}" if name else page


def added(cast: Cast, plan: Plan, **fields: str) -> TestResponse:
    form = {**ONCE, **fields}
    return cast.as_(cast.lead).post(f"/plans/{plan.id}/activities/new", data=form)


def newest() -> Activity:
    return db.session.query(Activity).order_by(Activity.id.desc()).first()


@pytest.mark.parametrize(
    ("fields", "rule", "said"),
    [
        ({"repeats": "never"}, "", "once"),
        ({"repeats": "daily", "repeat_every": "2"}, "FREQ=DAILY;INTERVAL=2", "every 2 days"),
        (
            {"repeats": "weekly", "on_TU": "1", "on_TH": "1"},
            "FREQ=WEEKLY;BYDAY=TU,TH",
            "every week on Tuesday and Thursday",
        ),
        ({"repeats": "weekly"}, "FREQ=WEEKLY;BYDAY=TU", "every week on Tuesday"),
        ({"repeats": "monthly"}, "FREQ=MONTHLY;BYMONTHDAY=24", "every month on day 24"),
        (
            {"repeats": "weekday"},
            "FREQ=MONTHLY;BYDAY=4TU",
            "every month on the fourth Tuesday",
        ),
        (
            {"repeats": "last_weekday", "repeat_ends": "after", "repeat_count": "3"},
            "FREQ=MONTHLY;BYDAY=-1TU;COUNT=3",
            "every month on the last Tuesday, 3 times",
        ),
        (
            {"repeats": "last_day", "repeat_ends": "on", "repeat_until": "2027-01-31"},
            "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270131",
            "every month on the last day, until Sun 31 Jan 2027",
        ),
        ({"repeats": "yearly"}, "FREQ=YEARLY", "every year on 24 November"),
    ],
)
def test_what_is_chosen_is_kept_and_said_back(
    cast: Cast, plan: Plan, fields: dict[str, str], rule: str, said: str
) -> None:
    assert added(cast, plan, **fields).status_code == 303
    activity = newest()
    assert activity.recurrence == rule
    assert said in cast.as_(cast.lead).get(address(activity)).text


@pytest.mark.parametrize(
    "fields",
    [
        {"repeats": "hourly"},
        {"repeats": "daily", "repeat_every": "0"},
        {"repeats": "daily", "repeat_every": "²"},
        {"repeats": "daily", "repeat_ends": "after"},
        {"repeats": "daily", "repeat_ends": "after", "repeat_count": "1001"},
        {"repeats": "daily", "repeat_ends": "on"},
        {"repeats": "daily", "repeat_ends": "on", "repeat_until": "2026-11-01"},
        {"repeats": "daily", "repeat_ends": "sometimes"},
        {"repeats": "kept", "repeat_rule": "FREQ=SECONDLY"},
    ],
)
def test_what_cannot_be_is_refused_in_words(cast: Cast, plan: Plan, fields: dict[str, str]) -> None:
    answer = added(cast, plan, **fields)
    assert answer.status_code == 422
    assert 'class="problem"' in answer.text
    assert db.session.query(Activity).count() == 0


def test_a_series_begins_on_the_first_day_that_fits(cast: Cast, plan: Plan) -> None:
    added(cast, plan, repeats="weekly", on_TH="1", lasts="60")
    assert newest().starts_local == datetime(2026, 11, 26, 9)
    assert newest().ends_local == datetime(2026, 11, 26, 10)


def test_the_form_shows_the_rule_as_it_was_chosen(cast: Cast, plan: Plan) -> None:
    added(cast, plan, repeats="weekly", on_TU="1", on_TH="1", repeat_every="2")
    page = cast.as_(cast.lead).get(f"{address(newest())}/edit").text
    assert '<option value="weekly" selected>' in page
    assert page.count(" checked") == 2


def test_a_rule_that_the_form_cannot_say_stays(cast: Cast, plan: Plan, weekly: Activity) -> None:
    weekly.recurrence = "FREQ=MONTHLY;BYMONTHDAY=1,24"
    db.session.commit()
    page = cast.as_(cast.lead).get(f"{address(weekly)}/edit").text
    assert "every month on day 1 and day 24" in page
    form = {**ONCE, "repeats": "kept", "repeat_rule": weekly.recurrence, "lasts": "60"}
    cast.as_(cast.lead).post(f"{address(weekly)}/edit", data=form)
    db.session.refresh(weekly)
    assert weekly.recurrence == "FREQ=MONTHLY;BYMONTHDAY=1,24"


def test_the_page_lists_what_comes_next(cast: Cast, weekly: Activity) -> None:
    page = cast.as_(cast.lead).get(address(weekly)).text
    assert page.count('id="occurrence-2026') == 4


def test_a_reader_sees_them_without_buttons(cast: Cast, weekly: Activity) -> None:
    page = cast.as_(cast.sponsor).get(address(weekly)).text
    assert 'id="occurrence-20261201T0900"' in page
    assert "/cancel" not in page


def test_one_is_moved_and_the_page_says_so(cast: Cast, weekly: Activity) -> None:
    form = {"starts_date": "2026-12-02", "starts_time": "14:00", "title": "Stand-up", "place": "B2"}
    assert cast.as_(cast.lead).post(address(weekly, SECOND), data=form).status_code == 303
    page = cast.as_(cast.lead).get(address(weekly)).text
    assert "Wed 2 Dec, 14:00–15:00" in page
    assert "Moved" in page
    assert weekly.exceptions[0].title == ""


def test_the_form_of_one_shows_what_it_is(cast: Cast, weekly: Activity) -> None:
    page = cast.as_(cast.lead).get(address(weekly, SECOND)).text
    assert 'value="2026-12-01"' in page
    assert "every week on Tuesday, 4 times" in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"starts_date": "2026-12-02"},
        {"starts_date": "yesterday", "starts_time": "9:00"},
        {
            "starts_date": "2026-12-02",
            "starts_time": "14:00",
            "ends_date": "2026-12-01",
            "ends_time": "9:00",
        },
        {"starts_date": "2026-12-02", "starts_time": "14:00", "ends_date": "2026-12-02"},
        {"starts_date": "2026-12-02", "starts_time": "14:00", "conference": "http://x.example"},
    ],
)
def test_a_move_that_cannot_be_is_refused(
    cast: Cast, weekly: Activity, form: dict[str, str]
) -> None:
    answer = cast.as_(cast.lead).post(address(weekly, SECOND), data=form)
    assert answer.status_code == 422
    assert weekly.exceptions == []


def test_one_is_cancelled_and_undone(cast: Cast, weekly: Activity) -> None:
    browser = cast.as_(cast.lead)
    page = browser.post(address(weekly, SECOND, "/cancel"), follow_redirects=True).text
    assert "This one is cancelled" in page
    assert "is-cancelled" in page
    undo = page.split('action="/plans/')[1].split('"')[0]
    page = browser.post(f"/plans/{undo}", follow_redirects=True).text
    assert "is-cancelled" not in page


def test_one_is_put_back(cast: Cast, weekly: Activity) -> None:
    cancel_occurrence(weekly, SECOND, cast.lead)
    browser = cast.as_(cast.lead)
    page = browser.post(address(weekly, SECOND, "/restore"), follow_redirects=True).text
    assert "is-cancelled" not in page


@pytest.mark.parametrize("what", ["", "/cancel", "/restore"])
def test_outsiders_and_readers_change_nothing(cast: Cast, weekly: Activity, what: str) -> None:
    assert cast.as_(cast.outsider).post(address(weekly, SECOND, what)).status_code == 404
    assert cast.as_(cast.sponsor).post(address(weekly, SECOND, what)).status_code == 403
    assert weekly.exceptions == []


@pytest.mark.parametrize("what", ["", "/cancel", "/restore"])
def test_a_forged_form_is_refused(cast: Cast, weekly: Activity, what: str) -> None:
    browser = cast.as_(cast.lead)
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(address(weekly, SECOND, what)).status_code == 400


@pytest.mark.parametrize("name", ["20261202T0900", "20270101T0900", "rubbish", "20261332"])
def test_a_day_that_the_series_does_not_have_is_absent(
    cast: Cast, weekly: Activity, name: str
) -> None:
    assert cast.as_(cast.lead).get(address(weekly, name)).status_code == 404


def test_what_happens_once_has_no_occurrences(cast: Cast, activity: Activity) -> None:
    assert cast.as_(cast.lead).get(address(activity, "20261124T0900")).status_code == 404


def test_the_calendar_shows_each_of_them(cast: Cast, weekly: Activity) -> None:
    cancel_occurrence(weekly, SECOND, cast.lead)
    page = cast.as_(cast.lead).get("/calendar?day=2026-12-01").text
    assert page.count("Stand-up") >= 3
    assert "(cancelled)" in page


def test_the_week_at_home_shows_the_one_of_the_week(cast: Cast, weekly: Activity) -> None:
    assert "Stand-up" in cast.as_(cast.lead).get("/").text


def test_the_timeline_shows_each_of_them(cast: Cast, weekly: Activity) -> None:
    page = cast.as_(cast.lead).get(f"/plans/{weekly.plan_id}/timeline").text
    assert page.count("Week of") == 4
