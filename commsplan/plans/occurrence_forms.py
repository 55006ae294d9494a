"""One occurrence of a series read from its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable
from commsplan.plans.fields import Fields
from commsplan.plans.forms import read_conference
from commsplan.plans.happenings import Happening
from commsplan.plans.rules import OccurrenceWish


def read_occurrence(form: Mapping[str, str], one: Happening) -> Unusable | OccurrenceWish:
    """Read when and how one occurrence is; what equals the series is not kept for it."""
    fields = Fields(form)
    starts = _moment(fields, "starts", one.all_day) or one.starts_local
    ends = _moment(fields, "ends", one.all_day, starts)
    if ends is not None and ends < starts:
        fields.problems["ends"] = _("The end is before the start.")
    series = one.activity
    wish = OccurrenceWish(
        starts_local=starts,
        ends_local=ends,
        title=_own(fields.text("title", 200), series.title),
        place=_own(fields.text("place", 200), series.place),
        conference=_own(read_conference(fields), series.conference),
    )
    return fields.unusable() if fields.problems else wish


def typed_occurrence(one: Happening) -> dict[str, object]:
    """Return an occurrence as its form would have been filled in; no end is as the others last."""
    series = one.activity
    lasts = series.ends_local - series.starts_local
    own_end = one.ends_local if one.ends_local - one.starts_local != lasts else None
    return {
        "starts_date": one.starts_local.date().isoformat(),
        "starts_time": "" if one.all_day else f"{one.starts_local:%H:%M}",
        "ends_date": own_end.date().isoformat() if own_end else "",
        "ends_time": f"{own_end:%H:%M}" if own_end and not one.all_day else "",
        "title": one.title,
        "place": one.place,
        "conference": one.conference,
    }


def _moment(
    fields: Fields, name: str, all_day: bool, begins: datetime | None = None
) -> datetime | None:
    """Return a wall-clock time; an end may be left out, and one without a day is on the first."""
    day = fields.day(f"{name}_date", "" if begins else _("On which day?"))
    hour = fields.hour(f"{name}_time")
    if begins is None and not all_day and hour is None:
        fields.problems.setdefault(f"{name}_time", _("At what time?"))
    if day is None and (begins is None or hour is None):
        return None
    if begins is not None and hour is None and not all_day:
        fields.problems.setdefault(f"{name}_time", _("Until what time?"))
    known = day or (begins.date() if begins else date.max)
    return datetime.combine(known, time() if all_day else hour or time())


def _own(value: str, of_series: str) -> str:
    return "" if value == of_series else value
