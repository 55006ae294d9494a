"""A sponsor answers for a change in a closed time by name; it stays open until somebody else has
looked at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from commsplan.calendars.blackout_models import Override
from commsplan.calendars.blackout_rules import OverrideWish, ReviewWish
from commsplan.calendars.override_actions import end_override, override, review
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotAllowed, NotNow
from tests.calendars.shared import NOW, blackout, calendar
from tests.calendars.test_state import IN_BERLIN
from tests.cast import Cast

HOUR = timedelta(hours=1)
TYPED = {"until_date": "2026-11-23", "until_time": "19:00", "reason": "Card payments are down."}
FOUND = {"verdict": "needed", "finding": "The card terminal got its new certificate."}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made(cast: Cast) -> Override:
    blackout(cast, IN_BERLIN, 8)
    return override(OverrideWish(None, NOW + 2 * HOUR, "Card payments are down."), cast.sponsor)


def only() -> Override:
    return db.session.scalars(select(Override)).one()


def test_a_sponsor_opens_what_is_closed_by_name(cast: Cast) -> None:
    blackout(cast, IN_BERLIN, 8)
    answer = cast.as_(cast.sponsor).post("/calendars/overrides/new", data=TYPED)
    assert answer.status_code == 303
    assert (only().sponsor_id, only().until_at) == (cast.sponsor.id, NOW + 2 * HOUR)
    page = cast.as_(cast.lead).get("/calendars/").text
    assert "Open by an override of Sigrid Sponsor until Mon 23 Nov, 19:00 (Berlin)." in page


def test_who_it_was_and_until_when_stands_in_the_audit_trail(made: Override, cast: Cast) -> None:
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "override.made")).one()
    assert entry.actor == f"person {cast.sponsor.id}"
    assert entry.after == {"calendar": None, "until": "2026-11-23T18:00:00+00:00", "verdict": ""}


@pytest.mark.parametrize("who", ["lead", "employee", "outsider"])
def test_nobody_else_overrides(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    assert cast.as_(person).post("/calendars/overrides/new", data=TYPED).status_code == 403
    with pytest.raises(NotAllowed):
        override(OverrideWish(None, NOW + HOUR, "Fire."), person)
    assert db.session.scalar(select(Override)) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "Say why it cannot wait."),
        ({"until_date": ""}, "Until when?"),
        ({"until_date": "2026-11-22"}, "This moment is past."),
        ({"until_date": "2026-11-30", "until_time": "17:01"}, "Seven days at most."),
        ({"calendar": "77"}, "Choose one of those offered."),
    ],
)
def test_what_cannot_be_is_said(cast: Cast, change: dict[str, str], said: str) -> None:
    answer = cast.as_(cast.sponsor).post("/calendars/overrides/new", data={**TYPED, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(Override)) is None


def test_everybody_who_plans_may_end_it(made: Override, cast: Cast) -> None:
    cast.as_(cast.outsider).post(f"/calendars/overrides/{made.id}/end")
    assert only().ended_at == NOW
    assert cast.as_(cast.lead).post(f"/calendars/overrides/{made.id}/end").status_code == 409


def test_home_asks_for_the_review_until_it_is_done(
    made: Override, cast: Cast, clock: time_machine.Traveller
) -> None:
    lead = cast.as_(cast.lead)
    assert "Overridden" in lead.get("/").text
    clock.shift(2 * HOUR)
    assert "Review it" in lead.get("/").text
    assert "Somebody else has to review it." in cast.as_(cast.sponsor).get("/goals").text
    lead.post(f"/calendars/overrides/{made.id}/review", data=FOUND)
    assert "Override" not in lead.get("/").text
    assert "Waits for a review" not in cast.as_(cast.sponsor).get("/goals").text


def test_a_review_says_what_was_done_and_whether_it_was_needed(
    made: Override, cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.shift(2 * HOUR)
    lead = cast.as_(cast.lead)
    page = lead.post(f"/calendars/overrides/{made.id}/review", data=FOUND, follow_redirects=True)
    assert "The card terminal got its new certificate." in page.text
    assert "It was needed" in page.text
    assert "Lena Lead" in page.text


def test_a_review_needs_both_answers(
    made: Override, cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.shift(2 * HOUR)
    answer = cast.as_(cast.lead).post(f"/calendars/overrides/{made.id}/review", data={})
    assert answer.status_code == 422
    assert "Say whether it was needed." in answer.text
    assert "Say what was done, and what follows from it." in answer.text


def test_nobody_reviews_what_they_answered_for(
    made: Override, cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.shift(2 * HOUR)
    sponsor = cast.as_(cast.sponsor)
    assert sponsor.post(f"/calendars/overrides/{made.id}/review", data=FOUND).status_code == 403
    assert "Somebody else has to review it" in sponsor.get(f"/calendars/overrides/{made.id}").text
    with pytest.raises(IntegrityError):
        _reviewed_by_the_sponsor(made)


def _reviewed_by_the_sponsor(made: Override) -> None:
    """What no page offers, the table refuses."""
    with transaction():
        made.reviewed_at, made.reviewer_id, made.verdict = NOW, made.sponsor_id, "needed"


def test_what_still_holds_is_not_reviewed_yet(made: Override, cast: Cast) -> None:
    wish = ReviewWish("needed", "Done.")
    with pytest.raises(NotNow):
        review(made, wish, cast.lead)
    end_override(made, cast.lead)
    review(made, wish, cast.lead)
    with pytest.raises(NotNow):
        review(made, wish, cast.teammate)


def test_a_review_can_be_taken_back_by_whoever_made_it(
    made: Override, cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.shift(2 * HOUR)
    review(made, ReviewWish("avoidable", "Hm."), cast.lead)
    address = f"/calendars/overrides/{made.id}/reopen"
    assert cast.as_(cast.teammate).post(address).status_code == 403
    assert cast.as_(cast.lead).post(address).status_code == 303
    assert (only().verdict, only().reviewed_at) == ("", None)


def test_of_one_calendar_it_says_which(cast: Cast) -> None:
    payments = calendar(cast)
    typed = {**TYPED, "calendar": str(payments.id)}
    cast.as_(cast.sponsor).post("/calendars/overrides/new", data=typed)
    assert "Override: Payments" in cast.as_(cast.lead).get("/").text
    assert "Payments" in cast.as_(cast.lead).get("/calendars/overrides/").text


def test_the_list_of_none_says_what_it_is_for(cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/calendars/overrides/").text
    assert "Nobody overrode anything yet" in page
