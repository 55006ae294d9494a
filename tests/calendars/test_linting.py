"""The linter finds in a calendar what made real programs stumble, and names the line."""

import pytest
from click.testing import CliRunner

from commsplan.calendars.linting import complaints
from commsplan.cli_calendars import calendars

GOOD = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//commsplan//commsplan//EN
CALSCALE:GREGORIAN
NAME:Plan
SOURCE;VALUE=URI:https://x.example/feed
REFRESH-INTERVAL;VALUE=DURATION:PT1H
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:one@x
DTSTAMP:20260901T080000Z
SEQUENCE:2
DTSTART;TZID=Europe/Berlin:20261006T090000
DTEND;TZID=Europe/Berlin:20261006T100000
RRULE:FREQ=WEEKLY;UNTIL=20261231T080000Z
EXDATE;TZID=Europe/Berlin:20261013T090000
SUMMARY:Stand-up\\, with cake
CATEGORIES:a,b
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
UID:one@x
DTSTAMP:20260901T080000Z
SEQUENCE:2
RECURRENCE-ID;TZID=Europe/Berlin:20261020T090000
DTSTART;TZID=Europe/Berlin:20261021T090000
DTEND;TZID=Europe/Berlin:20261021T100000
SUMMARY:Later
END:VEVENT
END:VCALENDAR
"""
BERLIN = ";TZID=Europe/Berlin:"
CHANGE = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
RUBBISH = [b"", b"\x00" * 50, b"\xff\xfe", b"BEGIN:VCALENDAR" * 99, b"<html>"]


def raw(text: str = GOOD) -> bytes:
    return text.replace("\n", "\r\n").encode()


def said(data: bytes) -> str:
    return "\n".join(map(str, complaints(data)))


def test_a_good_calendar_has_nothing_wrong() -> None:
    assert said(raw()) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("VERSION:2.0\n", "", "VERSION does not come first"),
        ("PRODID:-//commsplan//commsplan//EN\n", "", "PRODID stands there 0 times"),
        ("NAME:Plan", "NAME:Plan\nUID:x", "a UID of the calendar"),
        ("NAME:Plan", "NAME:", "NAME is empty"),
        ("NAME:Plan", "NAME:Plan; one", "NAME is not escaped: ;"),
        ("NAME:Plan", "NAME:Pl\x00an", "NAME holds a control character"),
        ("NAME:Plan", "just words", "no property: 'just words'"),
        ("NAME:Plan", "NAME:" + "x" * 75, "80 octets in a line"),
        ("SOURCE;VALUE=URI", "SOURCE", "SOURCE needs VALUE=URI"),
        ("https://x.example/feed", "https://x.example/a feed", "SOURCE is no address"),
        ("DURATION:PT1H", "DURATION:1 hour", "REFRESH-INTERVAL is no duration"),
        ("DURATION:PT1H", "DURATION:P", "REFRESH-INTERVAL is no duration"),
        ("TZID:Europe/Berlin", "TZID:Europe/Paris", "0 VTIMEZONEs for TZID Europe/Berlin"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+1", "STANDARD without one good TZOFFSETTO"),
        ("DTSTART:19701025T030000", "DTSTART:19701025", "without one good DTSTART"),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
            "RDATE:20261025T030000,20271031T030000",
            "only the first RDATE",
        ),
        ("UID:one@x\n", "", "UID stands there 0 times"),
        ("DTSTAMP:20260901T080000Z", "DTSTAMP:20260901T080000", "DTSTAMP is not in UTC"),
        ("SEQUENCE:2", "SEQUENCE:two", "SEQUENCE is no number"),
        ("SEQUENCE:2", "SEQUENCE:3", "a lower SEQUENCE than its series"),
        (
            "DTEND;TZID=Europe/Berlin:20261006T100000",
            "DTEND:20261006T100000Z",
            "DTEND is of another kind",
        ),
        (
            "DTEND;TZID=Europe/Berlin:20261006T100000",
            "DTEND;TZID=Europe/Berlin:20261006T090000",
            "it ends at",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20261006T090000",
            "DTSTART;TZID=Europe/Berlin:20261306T090000",
            "which is no DATE-TIME",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20261006T090000",
            "DTSTART;TZID=Europe/Berlin:20261006T090000Z",
            "has a TZID and needs none",
        ),
        ("UNTIL=20261231T080000Z", "UNTIL=20261231", "UNTIL is of another kind"),
        ("FREQ=WEEKLY;UNTIL", "FREQ=WEEKLY;BYDAY=MO;UNTIL", "DTSTART does not fit RRULE"),
        ("FREQ=WEEKLY;UNTIL", "FREQ=SOMETIMES;UNTIL", "RRULE cannot be read"),
        (
            "EXDATE;TZID=Europe/Berlin:20261013T090000",
            "EXDATE:20261013T070000Z",
            "EXDATE is of another kind",
        ),
        (
            "RECURRENCE-ID;TZID=Europe/Berlin:20261020T090000",
            "RECURRENCE-ID;VALUE=DATE:20261020",
            "RECURRENCE-ID is of another kind",
        ),
        ("RECURRENCE-ID;TZID=Europe/Berlin:20261020T090000\n", "", "a UID twice"),
        ("RRULE:FREQ=WEEKLY;UNTIL=20261231T080000Z\n", "", "an occurrence of what does not repeat"),
        ("STATUS:CONFIRMED", "STATUS:CANCELLED", "cancelled and still busy"),
        ("STATUS:CONFIRMED", "STATUS:DONE", "STATUS is 'DONE'"),
        ("TRANSP:OPAQUE", "ORGANIZER:mailto:a@b.example", "ORGANIZER has no place in a feed"),
        (
            "TRANSP:OPAQUE",
            "BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM",
            "VALARM has no place in a feed",
        ),
        ("END:VEVENT\nEND:VCALENDAR", "END:VCALENDAR", "END:VCALENDAR ends nothing"),
        ("END:VCALENDAR\n", "", "VCALENDAR does not end"),
    ],
)
def test_each_fault_is_found(right: str, wrong: str, complaint: str) -> None:
    assert right in GOOD
    assert complaint in said(raw(GOOD.replace(right, wrong, 1)))


def test_the_line_is_named() -> None:
    assert said(raw(GOOD.replace("NAME:Plan", "NAME:"))) == "line 5: NAME is empty"


def test_an_empty_calendar_is_refused_by_real_programs() -> None:
    begin, end = GOOD.index("BEGIN:VEVENT"), GOOD.index("END:VCALENDAR")
    assert "no event" in said(raw(GOOD[:begin] + GOOD[end:]))


def test_lines_that_end_in_a_line_feed_alone_are_wrong() -> None:
    assert "a line does not end in CRLF" in said(GOOD.encode())


def test_a_character_cut_in_two_is_wrong() -> None:
    half = "ä".encode()[:1]
    cut = raw().replace(b"NAME:Plan", b"NAME:" + half + b"\r\n " + "ä".encode()[1:])
    assert "no UTF-8" in said(cut)


def test_an_invitation_may_name_its_organiser() -> None:
    invited = GOOD.replace("CALSCALE:GREGORIAN", "METHOD:REQUEST").replace(
        "TRANSP:OPAQUE", "ORGANIZER:mailto:a@b.example"
    )
    assert said(raw(invited)) == ""


@pytest.mark.parametrize(
    "rubbish", [b"", b"\x00" * 50, b"\xff\xfe", b"BEGIN:VCALENDAR" * 99, b"<html>"]
)
def test_rubbish_is_no_calendar(rubbish: bytes) -> None:
    assert complaints(rubbish)


def test_the_command_says_so_and_ends_with_one() -> None:
    result = CliRunner().invoke(calendars, ["lint", "-"], input=GOOD.encode())
    assert (result.exit_code, "CRLF" in result.output) == (1, True)


def test_the_command_is_content_with_a_good_one() -> None:
    result = CliRunner().invoke(calendars, ["lint", "-"], input=raw())
    assert (result.exit_code, result.output) == (0, "")
