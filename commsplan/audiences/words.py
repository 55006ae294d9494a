"""A rule in words: "Department is Operations or Sales, and country is Germany"."""

from __future__ import annotations

from datetime import date

from babel import Locale
from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commsplan.audiences.rules import ATTRIBUTE, Condition, Match, Operator, Rule
from commsplan.foundation.database import db
from commsplan.foundation.dates import city, show_day
from commsplan.people.models import Person

SHOWN_VALUES = 6  # a sentence with more of them is no sentence any more

FIELD_WORDS = {
    "department": _l("department"),
    "location": _l("location"),
    "country": _l("country"),
    "zone": _l("time zone"),
    "language": _l("language"),
    "title": _l("title"),
    "employment": _l("employment"),
    "name": _l("name"),
    "email": _l("e-mail address"),
    "started_on": _l("start date"),
    "manager": _l("manager"),
}

OPERATOR_WORDS = {
    Operator.IS: _l("is"),
    Operator.IS_NOT: _l("is not"),
    Operator.IS_ONE_OF: _l("is one of"),
    Operator.STARTS_WITH: _l("starts with"),
    Operator.CONTAINS: _l("contains"),
    Operator.IS_EMPTY: _l("is empty"),
    Operator.BEFORE: _l("is before"),
    Operator.AFTER: _l("is after"),
    Operator.IN_LINE_OF: _l("at any level is"),
    Operator.REPORTS_TO: _l("directly is"),
}

SENTENCES = {
    Operator.IS: _l("%(field)s is %(values)s"),
    Operator.IS_NOT: _l("%(field)s is not %(values)s"),
    Operator.IS_ONE_OF: _l("%(field)s is %(values)s"),
    Operator.STARTS_WITH: _l("%(field)s starts with %(values)s"),
    Operator.CONTAINS: _l("%(field)s contains %(values)s"),
    Operator.IS_EMPTY: _l("%(field)s is empty"),
    Operator.BEFORE: _l("%(field)s is before %(values)s"),
    Operator.AFTER: _l("%(field)s is after %(values)s"),
    Operator.IN_LINE_OF: _l("they are in the reporting line of %(values)s"),
    Operator.REPORTS_TO: _l("they report directly to %(values)s"),
}
REPORTS_TO_NOBODY = _l("they report to nobody")

MATCH_WORDS = {
    Match.ALL: _l("All of these hold"),
    Match.ANY: _l("At least one of these holds"),
    Match.NONE: _l("None of these holds"),
}


def field_words(field: str) -> str:
    """Return what people call a field; a custom attribute has its own name."""
    if field.startswith(ATTRIBUTE):
        return field.removeprefix(ATTRIBUTE)
    return str(FIELD_WORDS[field])


def describe(rule: Rule) -> str:
    """Say a rule as a sentence in the reader's language, without a full stop."""
    if not rule.parts:
        return str(_("Everybody who works here"))
    sentence = _group(rule)
    return sentence[:1].upper() + sentence[1:]


def _group(rule: Rule) -> str:
    parts = [_part(part, alone=len(rule.parts) == 1) for part in rule.parts]
    if rule.match is Match.ALL:
        return str(_(", and ").join(parts))
    if rule.match is Match.ANY:
        return str(_(", or ").join(parts))
    if len(parts) == 1:
        return str(_("not: %(what)s", what=parts[0]))
    return str(_("none of these: %(what)s", what="; ".join(parts)))


def _part(part: Condition | Rule, *, alone: bool) -> str:
    if isinstance(part, Condition):
        return _condition(part)
    simple = len(part.parts) == 1 and part.match is not Match.NONE
    return _group(part) if simple or alone else f"({_group(part)})"


def _condition(condition: Condition) -> str:
    sentence = SENTENCES[condition.operator]
    if condition.field == "manager" and condition.operator is Operator.IS_EMPTY:
        sentence = REPORTS_TO_NOBODY
    return str(sentence) % {
        "field": field_words(condition.field),
        "values": _values(condition),
    }


def _values(condition: Condition) -> str:
    said = [say_value(condition.field, value) for value in condition.values[:SHOWN_VALUES]]
    left = len(condition.values) - len(said)
    if left:
        said.append(_("one of %(count)s others", count=left))
    return str(format_list(said, style="or", locale=locale()))


def locale() -> Locale:
    """Return the locale of this page; English where there is none, as on the command line."""
    return get_locale() or Locale("en")


def say_value(field: str, value: str) -> str:
    """Return what people call a value: "Germany" for DE, a name for a manager."""
    if field == "country":
        return str(locale().territories.get(value, value))
    if field == "language":
        return str(locale().languages.get(value.replace("-", "_"), value))
    if field == "zone":
        return city(value)
    if field == "started_on":
        return show_day(date.fromisoformat(value))
    if field == "manager":
        person = db.session.get(Person, int(value))
        return person.name if person else str(_("somebody who is no longer in the directory"))
    return value
