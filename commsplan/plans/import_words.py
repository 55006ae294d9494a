"""What the import's pages say: why a row cannot be used, what a column holds."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commsplan.plans.grid import Trouble

PROBLEMS = {
    "no_date": _l("There is no date."),
    "date_open": _l("The date is not fixed yet (“%(said)s”)."),
    "date_quarter": _l("“%(said)s” is a quarter, not a day."),
    "date_month": _l("“%(said)s” is a month; the day is missing."),
    "date_vague": _l("“%(said)s” leaves the day open."),
    "date_impossible": _l("There is no such day as “%(said)s”."),
    "date_month_first": _l(
        "There is no such day as “%(said)s” if the day is written first; is the month first?"
    ),
    "date_day_first": _l(
        "There is no such day as “%(said)s” if the month is written first; is the day first?"
    ),
    "date_backwards": _l("“%(said)s” ends before it begins."),
    "date_far": _l("“%(said)s” is too far away; look at the year."),
    "date_unreadable": _l("“%(said)s” could not be read as a date."),
    "time_unreadable": _l("“%(said)s” could not be read as a time."),
    "end_unreadable": _l("“%(said)s” could not be read as an end."),
    "ends_early": _l("It ends before it starts."),
    "no_title": _l("It has no title."),
    "cell_error": _l("The spreadsheet shows the error %(said)s there."),
    "time_open": _l("The time is not fixed yet, so it is the usual one."),
    "time_in_words": _l("“%(said)s” was read as a time; look whether it fits."),
    "status_unknown": _l("“%(said)s” is no state we know, so it is planned."),
    "zone_unknown": _l("“%(said)s” is no time zone we know, so it is the usual one."),
    "weekday": _l("“%(said)s” falls on another weekday; look at the year and the day."),
    "text_cut": _l("“%(said)s…” was too long; all of it is in the comments."),
}
FIELDS = {
    "date": _l("Date"),
    "time": _l("Time"),
    "end": _l("End"),
    "zone": _l("Time zone"),
    "title": _l("Activity"),
    "kind": _l("Kind"),
    "audience": _l("Audience"),
    "mechanism": _l("Mechanism"),
    "key_message": _l("Key message"),
    "owner": _l("Owner"),
    "status": _l("Status"),
    "frequency": _l("Frequency"),
    "comments": _l("Comments"),
    "place": _l("Place"),
    "conference": _l("Link to join"),
    "section": _l("Phase"),
}
KINDS = {
    "announcement": _l("Announcement"),
    "meeting": _l("Meeting"),
    "chat": _l("Chat post"),
    "training": _l("Training"),
    "survey": _l("Survey"),
    "deadline": _l("Deadline"),
}
STATUSES = {
    "planned": _l("planned"),
    "confirmed": _l("confirmed"),
    "done": _l("done"),
    "cancelled": _l("cancelled"),
}


def in_words(trouble: Trouble) -> str:
    """Say what is wrong with a row, or what was taken with a grain of salt."""
    said = " ".join(trouble.said.split())[:60]
    return str(PROBLEMS[trouble.code]) % {"said": said}


def too_many(count: int, limit: int) -> str:
    """Say that a file holds more activities than a plan takes."""
    words = _(
        "This file holds %(count)s activities; a plan takes %(limit)s at most. Keep those of this "
        "plan, please.",
        count=f"{count:,}",
        limit=f"{limit:,}",
    )
    return str(words)
