"""How often something happens, in words: "every week on Tuesday and Thursday, until Tue 22 Dec"."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date, get_day_names
from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from commsplan.foundation.dates import show_day
from commsplan.plans.recurrence import Recurrence, WeekDay, parse


def often(rule_text: str, starts: datetime) -> str:
    """Say how often something happens that begins at a wall-clock time; "once" without a rule."""
    if not rule_text:
        return str(_("once"))
    rule = parse(rule_text)
    said = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[
        rule.frequency
    ](rule, starts)
    if rule.count:
        times = ngettext("%(num)s time", "%(num)s times", rule.count)
        return str(_("%(often)s, %(times)s", often=said, times=times))
    if rule.until:
        return str(_("%(often)s, until %(day)s", often=said, day=show_day(rule.until)))
    return said


def weekday_name(day: int) -> str:
    """Return what a day of the week is called; Monday is 0."""
    return str(get_day_names("wide", locale=get_locale() or "en")[day])


def _daily(rule: Recurrence, _starts: datetime) -> str:
    return str(ngettext("every day", "every %(num)s days", rule.interval))


def _weekly(rule: Recurrence, starts: datetime) -> str:
    days = rule.week_days or (WeekDay(starts.weekday()),)
    week = ngettext("every week", "every %(num)s weeks", rule.interval)
    names = _listed([weekday_name(one.day) for one in days])
    return str(_("%(often)s on %(days)s", often=week, days=names))


def _monthly(rule: Recurrence, starts: datetime) -> str:
    month = ngettext("every month", "every %(num)s months", rule.interval)
    if rule.week_days:
        days = [_nth(one) for one in rule.week_days]
    else:
        days = [_day_of_month(day) for day in rule.month_days or (starts.day,)]
    return str(_("%(often)s on %(days)s", often=month, days=_listed(days)))


def _yearly(rule: Recurrence, starts: datetime) -> str:
    year = ngettext("every year", "every %(num)s years", rule.interval)
    day = format_date(starts, "d MMMM", locale=get_locale() or "en")
    return str(_("%(often)s on %(days)s", often=year, days=day))


def _nth(day: WeekDay) -> str:
    name = weekday_name(day.day)
    said = {
        1: _("the first %(weekday)s", weekday=name),
        2: _("the second %(weekday)s", weekday=name),
        3: _("the third %(weekday)s", weekday=name),
        4: _("the fourth %(weekday)s", weekday=name),
        5: _("the fifth %(weekday)s", weekday=name),
        -1: _("the last %(weekday)s", weekday=name),
    }
    if day.ordinal in said:
        return str(said[day.ordinal])
    return str(_("the %(weekday)s, counted back: %(number)s", weekday=name, number=-day.ordinal))


def _day_of_month(day: int) -> str:
    return str(_("the last day") if day < 0 else _("day %(number)s", number=day))


def _listed(names: list[str]) -> str:
    return str(format_list(names, locale=get_locale() or "en"))
