"""Whether things may change: what every calendar says together, now or at any other time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from commsplan.calendars.blackout_actions import lift_blackout
from commsplan.calendars.blackout_rules import OverrideWish
from commsplan.calendars.override_actions import end_override, override
from commsplan.calendars.shared_actions import take_away
from commsplan.calendars.state import Verdict, asked_for, state_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import Absent
from tests.calendars.foreign import event_of
from tests.calendars.shared import NOW, blackout, calendar, from_file
from tests.cast import Cast

HOUR = timedelta(hours=1)
IN_BERLIN = datetime(2026, 11, 23, 17)  # what clocks in Berlin show at NOW


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def ask(*slugs: str, at: datetime = NOW) -> Verdict:
    return state_of(asked_for(slugs, "Northwind Rail"), at, now_utc())


def brief(verdict: Verdict) -> tuple[str, str]:
    turn = verdict.answer.turn
    return str(verdict.answer.state), f"{turn.at:%m-%d %H:%M} {turn.to}" if turn else ""


def test_nothing_closes_an_empty_year(cast: Cast) -> None:
    assert brief(ask()) == ("open", "")


def test_a_freeze_closes_from_its_first_to_before_its_last_moment(cast: Cast) -> None:
    blackout(cast, IN_BERLIN + HOUR)
    assert brief(ask()) == ("open", "11-23 17:00 closed")
    assert brief(ask(at=NOW + HOUR)) == ("closed", "11-23 19:00 open")
    assert brief(ask(at=NOW + 3 * HOUR - timedelta(microseconds=1)))[0] == "closed"
    assert brief(ask(at=NOW + 3 * HOUR)) == ("open", "")


def test_whole_days_are_days_in_the_blackouts_zone(cast: Cast) -> None:
    day = datetime(2026, 12, 24)  # a day has no zone
    blackout(cast, day, 24, all_day=True)
    assert brief(ask()) == ("open", "12-23 23:00 closed")
    assert brief(ask(at=datetime(2026, 12, 25, 22, 59, tzinfo=UTC)))[0] == "closed"
    assert brief(ask(at=datetime(2026, 12, 25, 23, tzinfo=UTC)))[0] == "open"


def test_a_quiet_time_and_one_for_some_people_close_nothing(cast: Cast) -> None:
    blackout(cast, IN_BERLIN, kind="quiet")
    blackout(cast, IN_BERLIN, scope="country", scope_value="FR")
    assert brief(ask()) == ("open", "")


def test_a_calendar_closes_alone(cast: Cast) -> None:
    payments = calendar(cast)
    blackout(cast, IN_BERLIN, calendar_id=payments.id)
    assert brief(ask("payments")) == ("closed", "11-23 18:00 open")
    assert brief(ask("organisation")) == ("open", "")


def test_what_closes_everybody_closes_each(cast: Cast) -> None:
    calendar(cast)
    blackout(cast, IN_BERLIN)
    assert brief(ask("payments")) == ("closed", "11-23 18:00 open")
    assert ask("payments").said[0].because[0].title == "Year-end freeze"


def test_several_are_open_only_when_all_are_and_change_when_the_last_does(cast: Cast) -> None:
    one, other = calendar(cast, name="One"), calendar(cast, name="Other")
    blackout(cast, IN_BERLIN, 2, calendar_id=one.id)
    blackout(cast, IN_BERLIN + HOUR, 3, calendar_id=other.id)
    assert brief(ask("other")) == ("open", "11-23 17:00 closed")
    assert brief(ask("one", "other")) == ("closed", "11-23 20:00 open")
    assert [str(said.answer.state) for said in ask("one", "other").said] == ["closed", "open"]


def test_a_name_that_nobody_knows_is_an_error_not_a_yes(cast: Cast) -> None:
    take_away(calendar(cast), cast.lead)
    for slug in ("payment", "payments"):
        with pytest.raises(Absent):
            ask("organisation", slug)


def test_a_lifted_blackout_closes_nothing(cast: Cast) -> None:
    lift_blackout(blackout(cast, IN_BERLIN), cast.lead)
    assert brief(ask()) == ("open", "")


def test_a_calendar_from_elsewhere_closes_during_its_entries(cast: Cast) -> None:
    from_file(cast, event_of("DTSTART:20261123T150000Z", "DURATION:PT2H"))
    assert brief(ask("payments")) == ("closed", "11-23 17:00 open")
    assert brief(ask()) == ("open", "")


def test_one_that_closes_everybody_does(cast: Cast) -> None:
    from_file(cast, event_of("DTSTART:20261123T150000Z", "DURATION:PT2H"), closes_all=True)
    calendar(cast, name="Shop")
    assert brief(ask()) == ("closed", "11-23 17:00 open")
    assert brief(ask("shop")) == ("closed", "11-23 17:00 open")


def test_windows_are_open_and_everything_else_is_not(cast: Cast) -> None:
    weekly = ("DTSTART;TZID=Europe/Berlin:20261103T200000", "DURATION:PT3H", "RRULE:FREQ=WEEKLY")
    from_file(cast, event_of(*weekly), kind="window")
    assert brief(ask("payments")) == ("closed", "11-24 19:00 open")
    inside = datetime(2026, 11, 24, 20, tzinfo=UTC)
    assert brief(ask("payments", at=inside)) == ("open", "11-24 22:00 closed")


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2019, 12, 25, 12, tzinfo=UTC), "closed"),
        (datetime(2019, 12, 27, 12, tzinfo=UTC), "open"),
        (datetime(2045, 12, 25, 12, tzinfo=UTC), "closed"),
        (datetime(2045, 6, 25, 12, tzinfo=UTC), "open"),
    ],
)
def test_any_time_can_be_asked_far_outside_of_what_is_kept(
    cast: Cast, at: datetime, state: str
) -> None:
    from_file(cast, event_of("DTSTART;VALUE=DATE:20001225", "RRULE:FREQ=YEARLY"))
    found = ask("payments", at=at)
    assert str(found.answer.state) == state
    assert found.answer.turn is not None


def test_a_change_beyond_what_was_looked_at_is_not_made_up(cast: Cast) -> None:
    from_file(cast, kind="window")
    assert brief(ask("payments")) == ("closed", "")


def test_one_that_was_never_read_cannot_tell(cast: Cast) -> None:
    calendar(cast, source="file")
    found = ask("payments")
    assert brief(found) == ("unknown", "")
    assert found.said[0].doubt == "never read"


def test_one_whose_address_is_silent_for_days_cannot_tell(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    made = from_file(cast)
    with transaction():
        made.source, made.sealed = "address", "sealed"
    assert brief(ask("payments"))[0] == "open"
    clock.shift(timedelta(days=2, seconds=1))
    assert brief(ask("payments")) == ("unknown", "")
    assert ask("payments").said[0].doubt == "not read lately"


def test_what_is_certainly_closed_stays_closed_in_doubt(cast: Cast) -> None:
    calendar(cast, source="file")
    blackout(cast, IN_BERLIN)
    assert brief(ask("payments"))[0] == "closed"


def test_lines_that_could_not_be_read_are_mentioned(cast: Cast) -> None:
    from_file(cast, event_of("DTSTART:tomorrow"))
    assert ask("payments").said[0].unread_lines == 1


def test_an_override_opens_one_calendar_against_everybody(cast: Cast) -> None:
    payments = calendar(cast)
    blackout(cast, IN_BERLIN, 5)
    override(OverrideWish(payments.id, NOW + HOUR, "Card payments are down."), cast.sponsor)
    assert brief(ask("payments")) == ("open", "11-23 17:00 closed")
    assert brief(ask())[0] == "closed"
    said = ask("payments").said[0].override
    assert said is not None
    assert said.reason == "Card payments are down."


def test_an_override_of_everybody_leaves_each_calendars_own_times(cast: Cast) -> None:
    payments = calendar(cast)
    blackout(cast, IN_BERLIN, 5)
    blackout(cast, IN_BERLIN, 5, calendar_id=payments.id)
    override(OverrideWish(None, NOW + HOUR, "Fire."), cast.sponsor)
    assert brief(ask()) == ("open", "11-23 17:00 closed")
    assert brief(ask("payments"))[0] == "closed"


def test_an_override_of_a_calendar_that_closes_all_opens_all_of_it(cast: Cast) -> None:
    lasting = event_of("DTSTART:20261123T150000Z", "DURATION:PT5H")
    made = from_file(cast, lasting, closes_all=True)
    override(OverrideWish(made.id, NOW + HOUR, "Fire."), cast.sponsor)
    assert brief(ask()) == ("open", "11-23 17:00 closed")


def test_an_override_that_was_ended_opens_nothing(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    blackout(cast, IN_BERLIN, 5)
    made = override(OverrideWish(None, NOW + 4 * HOUR, "Fire."), cast.sponsor)
    clock.shift(HOUR)
    end_override(made, cast.lead)
    assert brief(ask(at=now_utc()))[0] == "closed"
    assert brief(ask(at=NOW))[0] == "open"
