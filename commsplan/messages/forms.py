"""The composer's form: what was typed becomes a wish, or named problems beside the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable
from commsplan.messages.markdown import Fault, is_address, read_body
from commsplan.messages.queries import people_meant
from commsplan.messages.rules import (
    BODY_LIMIT,
    LINK_LIMIT,
    PREVIEW_LIMIT,
    SUBJECT_LIMIT,
    Content,
    MessageWish,
    Unknown,
    clean,
    one_line,
    unknown_fields,
)

WORDS_LIMIT = 300
ADDRESS_LIMIT = 1000
TYPED = (
    "subject",
    "preview",
    "body",
    "action_what",
    "action_due_on",
    "action_address",
    "action_otherwise",
    "audience",
    "activity",
    "contact",
    "mandatory",
    "mandated_by",
    "base",
)


@dataclass
class _Reading:
    """A form while it is read: values come out, problems stay."""

    form: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def line(self, name: str, limit: int) -> str:
        value = one_line(self.form.get(name, ""))
        if len(value) > limit:
            self.problems[name] = _(
                "This has %(count)s characters; at most %(limit)s fit.",
                count=len(value),
                limit=limit,
            )
        return value[:limit]

    def number(self, name: str) -> int | None:
        value = self.form.get(name, "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None

    def day(self, name: str) -> date | None:
        value = self.form.get(name, "").strip()
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problems[name] = _("This is not a date. Write it as 2026-10-09.")
            return None

    def person(self, name: str) -> int | None:
        typed = one_line(self.form.get(name, ""))
        found = people_meant(typed)
        if typed and not found:
            self.problems[name] = _("Nobody is called that. Write a full name or an e-mail.")
        if len(found) > 1:
            self.problems[name] = _(
                "%(count)s people have this name. Write the e-mail address.", count=len(found)
            )
        return found[0].id if len(found) == 1 else None


def typed_in(form: Mapping[str, str]) -> dict[str, object]:
    """Return what was typed, to be shown again."""
    return {name: form.get(name, "") for name in TYPED}


def read_message(
    form: Mapping[str, str], audience_ids: frozenset[int], activity_ids: frozenset[int]
) -> Unusable | MessageWish:
    """Read the composer's form.

    Args:
        form: what was sent.
        audience_ids: those the writer may choose from.
        activity_ids: those of the plan.
    """
    reading = _Reading(form)
    content = _content(reading)
    if not content.subject:
        reading.problems["subject"] = _("A message needs a subject.")
    audience_id, activity_id = reading.number("audience"), reading.number("activity")
    if form.get("audience") and audience_id not in audience_ids:
        reading.problems["audience"] = _("Choose one of the audiences in the list.")
    if form.get("activity") and activity_id not in activity_ids:
        reading.problems["activity"] = _("Choose one of the plan's activities.")
    mandatory = form.get("mandatory") == "1"
    contact_id = reading.person("contact")
    mandated_by_id = reading.person("mandated_by") if mandatory else None
    if mandatory and mandated_by_id is None:
        reading.problems.setdefault("mandated_by", _("Say who decided that everybody gets this."))
    if reading.problems:
        return Unusable(reading.problems, typed_in(form))
    return MessageWish(
        content=content,
        audience_id=audience_id,
        activity_id=activity_id,
        contact_id=contact_id,
        mandatory=mandatory,
        mandated_by_id=mandated_by_id,
        base=reading.number("base") or 0,
    )


def read_content(form: Mapping[str, str]) -> Content:
    """Return the text of a form as it is, for a preview: problems are for saving to name."""
    return _content(_Reading(form))


def _content(reading: _Reading) -> Content:
    body = clean(reading.form.get("body", "")).strip("\n")
    if len(body) > BODY_LIMIT:
        reading.problems["body"] = _(
            "The text has %(count)s characters; at most %(limit)s fit into one mail.",
            count=len(body),
            limit=BODY_LIMIT,
        )
        body = body[:BODY_LIMIT]
    content = Content(
        subject=reading.line("subject", SUBJECT_LIMIT),
        preview=reading.line("preview", PREVIEW_LIMIT),
        body=body,
        action_what=reading.line("action_what", WORDS_LIMIT),
        action_due_on=reading.day("action_due_on"),
        action_address=reading.line("action_address", ADDRESS_LIMIT),
        action_otherwise=reading.line("action_otherwise", WORDS_LIMIT),
    )
    if "body" not in reading.problems:
        _judge_text(content, reading.problems)
    _judge_action(content, reading.problems)
    return content


def _judge_text(content: Content, problems: dict[str, str]) -> None:
    said = {
        name: [_no_such_field(unknown) for unknown in unknown_fields(getattr(content, name))]
        for name in ("subject", "preview", "body")
    }
    body = read_body(content.body)
    said["body"] += [_fault(fault, where[:120]) for fault, where in body.faults]
    if len(body.links) > LINK_LIMIT:
        said["body"].append(
            _(
                "The text has %(count)s links; at most %(limit)s are counted.",
                count=len(body.links),
                limit=LINK_LIMIT,
            )
        )
    problems.update(
        {name: " ".join(sentences[:5]) for name, sentences in said.items() if sentences}
    )


def _no_such_field(unknown: Unknown) -> str:
    said: str = _(
        "There is no field “%(name)s”. Choose one from the list.", name=unknown.written[:60]
    )
    if unknown.meant:
        said = _(
            "There is no field “%(name)s”. Did you mean “%(meant)s”?",
            name=unknown.written[:60],
            meant=unknown.meant,
        )
    return said


def _fault(fault: Fault, where: str) -> str:
    said: str = _(
        "“%(where)s” is not an address. Links begin with https://, http:// or mailto:.",
        where=where,
    )
    if fault is Fault.PICTURE:
        said = _("Pictures are not sent: most mail programs hide them. Describe it, or link to it.")
    if fault is Fault.FIELD_IN_ADDRESS:
        said = _("A personal field cannot stand inside an address (%(where)s).", where=where)
    return said


def _judge_action(content: Content, problems: dict[str, str]) -> None:
    if content.action_address and not is_address(content.action_address):
        problems.setdefault("action_address", _("An address begins with https:// or mailto:."))
    if not content.action_what and (content.action_due_on or content.action_address):
        problems.setdefault("action_what", _("Say what to do, or leave date and address empty."))
    for name in ("action_what", "action_otherwise"):
        if "{{" in getattr(content, name):
            problems[name] = _("Personal fields work in subject, preview text and text only.")
