"""How often something happens, in the fields of a form: never, weekly on days, monthly, …"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.plans.fields import Fields
from commsplan.plans.recurrence import (
    DAYS,
    LONGEST_PAUSE,
    MOST_TIMES,
    Recurrence,
    UnusableRule,
    WeekDay,
    canonical,
    first_date,
    parse,
)

NEVER, KEPT = "never", "kept"
CHOICES = {
    NEVER: lazy_gettext("never: it happens once"),
    "daily": lazy_gettext("daily"),
    "weekly": lazy_gettext("weekly"),
    "monthly": lazy_gettext("every month, on the same day"),
    "weekday": lazy_gettext("every month, on the same weekday (the second Tuesday)"),
    "last_weekday": lazy_gettext("every month, on the last such weekday"),
    "last_day": lazy_gettext("every month, on its last day"),
    "yearly": lazy_gettext("yearly"),
}
ENDS = {
    "never": lazy_gettext("never"),
    "after": lazy_gettext("after so many times"),
    "on": lazy_gettext("on a day"),
}
FIFTH = 5  # as many months have one as have not; the last is what people mean


def read_recurrence(fields: Fields, starts: datetime) -> str:
    """Read how often something happens that begins at a wall-clock time; empty for once."""
    chosen = fields.one_of("repeats", {*CHOICES, KEPT}, NEVER)
    if chosen == NEVER:
        return ""
    if chosen == KEPT:
        return _kept(fields)
    ends = fields.one_of("repeat_ends", ENDS, "never")
    after = _whole(fields, "repeat_count", MOST_TIMES) if ends == "after" else None
    until = fields.day("repeat_until", _("On which day does it end?")) if ends == "on" else None
    rule = _rule(fields, chosen, starts)
    return str(
        Recurrence(rule.frequency, rule.interval, rule.week_days, rule.month_days, after, until)
    )


def first_of(rule_text: str, starts: datetime) -> datetime | None:
    """Return the first day that fits the rule; None where it has ended before."""
    return first_date(parse(rule_text), starts)


def typed_recurrence(rule_text: str, starts: datetime) -> dict[str, object]:
    """Return a rule as the form would have been filled in."""
    if not rule_text:
        return {"repeats": NEVER}
    rule = parse(rule_text)
    chosen = _chosen(rule, starts)
    return {
        "repeats": chosen,
        "repeat_rule": rule_text,
        "repeat_every": rule.interval,
        "repeat_ends": "after" if rule.count else "on" if rule.until else "never",
        "repeat_count": rule.count or "",
        "repeat_until": rule.until.isoformat() if rule.until else "",
        **{f"on_{DAYS[one.day]}": "1" for one in rule.week_days if chosen == "weekly"},
    }


def _rule(fields: Fields, chosen: str, starts: datetime) -> Recurrence:
    every = _whole(fields, "repeat_every", LONGEST_PAUSE, 1)
    weekday, week = starts.weekday(), (starts.day - 1) // 7 + 1
    if chosen == "weekly":
        days = [WeekDay(day) for day, name in enumerate(DAYS) if fields.ticked(f"on_{name}")]
        return Recurrence("WEEKLY", every, tuple(days or [WeekDay(weekday)]))
    if chosen == "weekday":
        return Recurrence("MONTHLY", every, (WeekDay(weekday, -1 if week == FIFTH else week),))
    if chosen == "last_weekday":
        return Recurrence("MONTHLY", every, (WeekDay(weekday, -1),))
    if chosen == "last_day":
        return Recurrence("MONTHLY", every, month_days=(-1,))
    if chosen == "monthly":
        return Recurrence("MONTHLY", every, month_days=(starts.day,))
    return Recurrence("DAILY" if chosen == "daily" else "YEARLY", every)


def _chosen(rule: Recurrence, starts: datetime) -> str:
    """Return the choice that says this rule; "kept" for one that the form cannot say."""
    if rule.frequency != "MONTHLY":
        return rule.frequency.lower()
    week = (starts.day - 1) // 7 + 1
    said = {
        ((), (starts.day,)): "monthly",
        ((), ()): "monthly",
        ((), (-1,)): "last_day",
        ((WeekDay(starts.weekday(), -1),), ()): "last_weekday",
        ((WeekDay(starts.weekday(), week),), ()): "weekday",
    }
    return said.get((rule.week_days, rule.month_days), KEPT)


def _kept(fields: Fields) -> str:
    text = fields.text("repeat_rule", 120)
    try:
        return canonical(text)
    except UnusableRule:
        fields.problems["repeats"] = _("Choose how often it happens.")
        return ""


def _whole(fields: Fields, name: str, most: int, default: int = 0) -> int:
    """Return a whole number from 1; `default` where the field is empty and there is one."""
    raw = fields.text(name, 10)
    if not raw and default:
        return default
    if not (raw.isascii() and raw.isdigit()) or not 1 <= int(raw) <= most:
        fields.problems[name] = _("Write a whole number from 1 to %(most)s.", most=most)
        return 1
    return int(raw)
