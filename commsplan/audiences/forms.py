"""What a person typed about an audience, as values or as named problems."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from commsplan.audiences.draft import Draft, DraftCondition, DraftGroup, read_draft
from commsplan.audiences.rules import EVERYONE, BadRule, Condition, Match, Operator, Rule, check
from commsplan.audiences.values import NotUnderstood, clean, read_value
from commsplan.foundation.errors import Unusable

NAME_LENGTH = 120
NOTE_LENGTH = 2000
WHY_LENGTH = 300
MAY_BE_PART = (Operator.STARTS_WITH, Operator.CONTAINS)


@dataclass(frozen=True)
class AudienceWish:
    """An audience as a person wants it."""

    team_id: int
    name: str
    note: str
    rule: Rule
    revision: int


@dataclass(frozen=True)
class ExceptionWish:
    """Somebody to add or to leave out."""

    person_id: int
    included: bool
    why: str


@dataclass
class Reading:
    """A draft as a rule of its complete rows, and what is wrong with the others."""

    rule: Rule
    problems: dict[str, str] = field(default_factory=dict)


def read_audience(form: MultiDict[str, str]) -> Unusable | AudienceWish:
    """Read the form of a new or a changed audience."""
    reading = read_rule(read_draft(form))
    name, note = clean(form.get("name", "")), form.get("note", "").strip()
    problems: dict[str, str] = {}
    if not name:
        problems["name"] = _("Give the audience a name, as plans will call it.")
    elif len(name) > NAME_LENGTH:
        problems["name"] = _("Use at most %(count)s characters.", count=NAME_LENGTH)
    if len(note) > NOTE_LENGTH:
        problems["note"] = _("Use at most %(count)s characters.", count=NOTE_LENGTH)
    problems |= reading.problems
    if problems:
        return Unusable(problems)
    return AudienceWish(
        _number(form.get("team", "")), name, note, reading.rule, _number(form.get("revision", ""))
    )


def read_rule(draft: Draft) -> Reading:
    """Turn rows into a rule; rows that are not complete are named and left out."""
    reading = Reading(EVERYONE)
    reading.rule = _group(draft.root, reading.problems)
    if not reading.rule.parts:
        reading.rule = EVERYONE
    try:
        check(reading.rule)
    except BadRule:
        reading.problems["rule"] = _("This rule is too large: use fewer conditions or values.")
        reading.rule = EVERYONE
    return reading


def read_exception(form: MultiDict[str, str]) -> Unusable | ExceptionWish:
    """Read whom to add or leave out, and why."""
    why = clean(form.get("why", ""))
    if len(why) > WHY_LENGTH:
        return Unusable({"why": _("Use at most %(count)s characters.", count=WHY_LENGTH)})
    return ExceptionWish(_number(form.get("person", "")), form.get("how") != "out", why)


def _group(draft: DraftGroup, problems: dict[str, str]) -> Rule:
    parts: list[Condition | Rule] = []
    for part in draft.parts:
        if isinstance(part, DraftGroup):
            inner = _group(part, problems)
            if inner.parts:
                parts.append(inner)
            elif not part.parts:
                problems[f"match-{part.key}"] = _("Add a condition to this group, or remove it.")
        elif condition := _condition(part, problems):
            parts.append(condition)
    return Rule(draft.match, tuple(parts))


def _condition(draft: DraftCondition, problems: dict[str, str]) -> Condition | None:
    if draft.operator is Operator.IS_EMPTY:
        return Condition(draft.field, draft.operator)
    several = draft.operator is Operator.IS_ONE_OF
    raw = ";".join(draft.values).split(";") if several else draft.values[:1]
    typed = [text for text in map(clean, raw) if text]
    try:
        whole = draft.operator not in MAY_BE_PART
        values = tuple(dict.fromkeys(read_value(draft.field, text, whole=whole) for text in typed))
        condition = Condition(draft.field, draft.operator, values)
        check(Rule(Match.ALL, (condition,)))
    except NotUnderstood as error:
        problems[f"value-{draft.key}"] = _which_person(error.found)
    except BadRule as error:
        problems[f"value-{draft.key}"] = _missing(draft.field, error.why)
    else:
        return condition
    return None


def _which_person(found: int) -> str:
    if found:
        count: str = ngettext(
            "%(num)s person has this name: write the e-mail address instead.",
            "%(num)s people have this name: write the e-mail address instead.",
            found,
        )
        return count
    return str(_("Nobody in the directory has this name or e-mail address."))


def _missing(wanted: str, why: str) -> str:
    if why == "not a date" or wanted == "started_on":
        return str(_("Write a date, such as 2026-10-06."))
    if why == "no value":
        return str(_("Say which value this is compared with, or remove the condition."))
    return str(_("This value is too long."))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0
