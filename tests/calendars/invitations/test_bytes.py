"""The bytes of invitations, kept; and whatever people write stays inside of its own property."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path

import pytest
from icalendar import Calendar

from commsplan.calendars.invitation_events import Scheduling, calendar_part
from commsplan.calendars.itip import Party
from commsplan.calendars.linting import complaints
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.models import Activity, ActivityException
from tests.calendars.conftest import Scene
from tests.calendars.invitations.conftest import Meet, body_of, calendar_of, events_of
from tests.cast import Cast, make_person

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = "https://comms.northwind.example/r/token"
WRITTEN = datetime(2026, 9, 2, 7, 30, tzinfo=UTC)
NASTY = [
    'Quote " colon : semi ; comma , back \\ slash',
    "Two\r\nlines and BEGIN:VEVENT\r\nEND:VCALENDAR",
    "Bell \x07 and \x85 next line",
    "=?utf-8?q?=0ABcc:_evil=40example.org?=",
    "Family 👨‍👩‍👧‍👦 and ﷽ and \u202eright to left",
    "x" * 180,
]


def wanted(activity: Activity, method: str = "REQUEST", **changes: object) -> Scheduling:
    """Return what a mail about an activity to one person shall say."""
    party = Party(
        organiser="meetings+i7.abcdefghijklmnop@northwind.example",
        organiser_name="Lena Lead",
        attendee="anna@northwind.example",
        attendee_name='Anna "Ann" Arnold',
    )
    asked = Scheduling(
        method=method,
        activity=activity,
        day="",
        party=party,
        sequence=2,
        stamp=WRITTEN,
        zone="Europe/Berlin",
        url=ANSWERS,
    )
    return replace(asked, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


@pytest.fixture
def single(scene: Scene) -> Activity:
    return scene.add(
        "Town hall; all stations",
        datetime(2026, 10, 24, 10),
        place="Hall 2, Berlin",
        conference="https://meet.northwind.example/th",
        key_message="Why now,\nand when",
    )


@pytest.fixture
def weekly(scene: Scene) -> Activity:
    """Across the end of summer time, with one day moved and one called off."""
    activity = scene.add(
        "Office hour", datetime(2026, 10, 13, 9), recurrence="FREQ=WEEKLY;UNTIL=20261124"
    )
    common = {"activity_id": activity.id, "sequence": 1, "revised_at": WRITTEN}
    moved = ActivityException(
        occurrence_local=datetime(2026, 10, 27, 9),
        starts_local=datetime(2026, 10, 28, 14),
        ends_local=datetime(2026, 10, 28, 15),
        place="Room 9",
        **common,
    )
    off = ActivityException(occurrence_local=datetime(2026, 11, 10, 9), cancelled=True, **common)
    db.session.add_all([moved, off])
    db.session.commit()
    db.session.expire(activity)
    return activity


def compare(name: str, raw: bytes) -> None:
    assert complaints(raw) == []
    assert raw.decode() == (GOLDEN / name).read_bytes().decode()


def test_a_request(single: Activity) -> None:
    compare("request.ics", calendar_part(wanted(single)))


def test_a_request_for_a_series(weekly: Activity) -> None:
    compare("request-series.ics", calendar_part(wanted(weekly)))


def test_a_request_for_one_day(weekly: Activity) -> None:
    compare("request-day.ics", calendar_part(wanted(weekly, day="20261027")))


def test_a_cancellation(single: Activity) -> None:
    compare("cancel.ics", calendar_part(wanted(single, "CANCEL")))


def test_a_cancellation_of_one_day(weekly: Activity) -> None:
    compare("cancel-day.ics", calendar_part(wanted(weekly, "CANCEL", day="20261110")))


def test_one_person_let_go(single: Activity) -> None:
    raw = calendar_part(wanted(single, "CANCEL", for_everybody=False))
    assert b"\r\nSTATUS" not in raw
    assert complaints(raw) == []


def test_a_proposal_declined(single: Activity) -> None:
    raw = calendar_part(wanted(single, "DECLINECOUNTER", comment="Tue 6 Oct, 14:00; later?"))
    # our linter asks for a DTSTART, as feeds need one; RFC 5546 §3.2.8 forbids it here
    assert raw.decode() == (GOLDEN / "decline-counter.ics").read_bytes().decode()


def test_a_meeting_of_whole_days(scene: Scene) -> None:
    days = scene.add(
        "Offsite", datetime(2026, 11, 2), ends_local=datetime(2026, 11, 4), all_day=True
    )
    (event,) = Calendar.from_ical(calendar_part(wanted(days))).walk("VEVENT")
    assert (f"{event['DTSTART'].dt}", f"{event['DTEND'].dt}") == ("2026-11-02", "2026-11-05")


@pytest.mark.parametrize("text", NASTY)
def test_what_people_write_stays_in_its_property(meet: Meet, text: str, cast: Cast) -> None:
    guest = make_person(text[:190], email="guest@northwind.example")
    db.session.get_one(Activity, meet.activity.id).title = text
    db.session.get_one(Activity, meet.activity.id).key_message = text
    db.session.get_one(Person, cast.lead.id).name = text[:190]
    db.session.commit()
    meet.invite(guest)
    mail = meet.last(guest)
    assert {"Bcc", "Cc"}.isdisjoint(mail.keys())
    assert parseaddr(mail["To"])[1] == "guest@northwind.example"
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    assert complaints(part.get_payload(decode=True)) == []
    (event,) = events_of(mail)
    assert "Answer here" in event["DESCRIPTION"]
    assert str(event["ATTENDEE"]) == "mailto:guest@northwind.example"
    assert len(calendar_of(mail).subcomponents) == 1
    assert "Hello" in body_of(mail)
