"""How closed times and shared calendars are spoken of."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.calendars.closing import LONG_AGO, NEVER_READ, TOO_FAR
from commsplan.calendars.import_lines import Flaw
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.state_rules import State

KINDS = {
    "freeze": lazy_gettext("Freeze: nothing is changed"),
    "quiet": lazy_gettext("Quiet time: nothing is announced"),
    "holiday": lazy_gettext("Holidays: people are away"),
    "room": lazy_gettext("Room: it is taken"),
    "window": lazy_gettext("Windows: changes only then"),
}
SOURCES = {
    "address": lazy_gettext("Read from an address"),
    "file": lazy_gettext("From a file"),
    "hand": lazy_gettext("Kept here by hand"),
}
SCOPES = {
    "everywhere": lazy_gettext("Everybody"),
    "country": lazy_gettext("People in a country"),
    "location": lazy_gettext("People at a location"),
    "department": lazy_gettext("People in a department"),
    "place": lazy_gettext("A room or a place"),
}
STATES = {
    State.OPEN: lazy_gettext("Open"),
    State.CLOSED: lazy_gettext("Closed"),
    State.UNKNOWN: lazy_gettext("Cannot tell"),
}
STATE_KINDS = {State.OPEN: "good", State.CLOSED: "bad", State.UNKNOWN: "warn"}
STATE_ICONS = {State.OPEN: "check", State.CLOSED: "lock", State.UNKNOWN: "warning"}
VERDICTS = {
    "needed": lazy_gettext("It was needed"),
    "avoidable": lazy_gettext("It could have been avoided"),
}
DOUBTS = {
    NEVER_READ: lazy_gettext("It was never read."),
    LONG_AGO: lazy_gettext("Its address has not answered for too long."),
    TOO_FAR: lazy_gettext("This moment is too far away to work out in time."),
}
FLAWS = {
    Flaw.NO_LINE: lazy_gettext("This is no line of a calendar."),
    Flaw.LONG_LINE: lazy_gettext("This line is too long."),
    Flaw.UNFINISHED: lazy_gettext("What begins here does not end."),
    Flaw.LONG_EVENT: lazy_gettext("The entry that begins here is too long."),
    Flaw.TOO_MANY: lazy_gettext("The calendar has too many entries; this one is left out."),
    Flaw.VALUE: lazy_gettext("This value cannot be understood."),
    Flaw.NO_START: lazy_gettext("This entry does not say when it begins."),
    Flaw.YEAR: lazy_gettext("This year is too far away."),
    Flaw.TOO_OFTEN: lazy_gettext("It repeats several times a day; only the first time counts."),
    Flaw.NEVER: lazy_gettext("This rule fits no day; only the first time counts."),
    Flaw.MANY_TIMES: lazy_gettext("It happens too often; only the first times count."),
    Flaw.ZONE: lazy_gettext("Nobody knows this time zone; the calendar’s is taken."),
    Flaw.TIME: lazy_gettext("There was no time left to read on from here."),
    Flaw.ENCODING: lazy_gettext("The file is not UTF-8; it was read as Western European."),
}
FAILURES = {
    "page": lazy_gettext("A web page came instead of a calendar. Does the address need a sign-in?"),
    "empty": lazy_gettext("It is empty."),
    "other": lazy_gettext("It is no calendar (.ics)."),
    "private": lazy_gettext("The address leads into a private network, which is not allowed."),
    "insecure": lazy_gettext("The address does not begin with https://."),
    "incomplete": lazy_gettext("This is no complete address, such as https://example.org/a.ics."),
    "unusable": lazy_gettext("The address cannot be used."),
    "unverified": lazy_gettext("Its certificate cannot be verified."),
    "unreachable": lazy_gettext("It cannot be reached."),
    "silent": lazy_gettext("There was no answer in time."),
    "broken": lazy_gettext("The line broke in the middle of the answer."),
    "too large": lazy_gettext("It is too large."),
    "redirects": lazy_gettext("The address leads on and on."),
}


def failure_words(failure: str) -> str:
    """Say how a look failed."""
    if failure.startswith("status "):
        return str(_("The server answered %(number)s.", number=failure.removeprefix("status ")))
    return str(FAILURES.get(failure, _("It cannot be read.")))


def flaw_words(problem: Mapping[str, object]) -> str:
    """Say why a line cannot be used."""
    try:
        return str(FLAWS[Flaw(str(problem.get("flaw", "")))])
    except ValueError:
        return str(_("This value cannot be understood."))


def standing(calendar: SharedCalendar) -> tuple[str, str]:
    """Return how reading a calendar goes, as a kind and a few words."""
    if calendar.removed_at is not None:
        return "neutral", _("Taken away")
    if calendar.source == "hand":
        return "good", _("Kept by hand")
    if calendar.failures:
        return "bad" if calendar.read_at is None else "warn", _("Cannot be read")
    if calendar.read_at is None:
        return ("info", _("Being read")) if calendar.next_at else ("warn", _("Waits for a file"))
    if calendar.problem_count:
        return "warn", _("Read, with problems")
    return "good", _("Read")


def scope_words(scope: str, value: str) -> str:
    """Say whom something concerns."""
    if scope == "place":
        return value or _("the place that each entry names")
    return value if value and scope != "everywhere" else str(SCOPES["everywhere"])
