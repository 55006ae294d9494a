"""Is it ready to go? Small named rules over what a message says: clear, actionable, in time.

Each rule returns what it found, as a kind, a sentence and what to do; the SOP's "timely, clear and
actionable" is the measure. Pure but for the words, which are in the writer's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.messages.markdown import read_body
from commsplan.messages.rules import Content, fields_in, plain, unknown_fields

SUBJECT_GOOD = 60  # characters a phone shows, about; longer ones are cut
WORDS_PER_MINUTE = 200  # adults reading prose on a screen: Brysbaert (2019), rounded down
WORDS_LONG = 450
SENTENCE_LONG = 28  # words; plain-language guides advise 15 to 20 on average
LEAD_DAYS = 3  # working days between the message and what it asks for

GOOD, WARN, BAD = "good", "warn", "bad"
VAGUE = {"click here", "here", "this link", "link", "more", "read more", "hier", "ici", "aquí"}
_BARE_ADDRESS = re.compile(r"(?<![(<\w/@.])(?:https?://|www\.)\S+", re.IGNORECASE)
_SHOUTED = re.compile(r"\b[A-ZÄÖÜÉ]{4,}(?:\s+[A-ZÄÖÜÉ]{4,})+\b|!{2,}")


@dataclass(frozen=True)
class Check:
    """What one rule found."""

    kind: str
    """good, warn (worth a look) or bad (must be settled before it goes out)."""
    name: str
    """Of the rule, stable."""
    text: str
    """What was found, as a sentence."""
    fix: str = ""
    """What to do about it."""
    field: str = ""
    """The field of the form where that is done."""


@dataclass(frozen=True)
class Draft:
    """A message as the rules see it."""

    content: Content
    today: date
    goes_out_on: date | None = None
    """When it is meant to go out, as far as is known."""
    audience_name: str = ""
    audience_count: int | None = None
    """How many people it has; none when no audience is chosen."""
    contact_name: str = ""
    contact_has_left: bool = False
    missing: tuple[tuple[str, int], ...] = ()
    """Personal fields that are empty for how many of the audience."""
    against: tuple[str, ...] = ()
    """What speaks against the moment at which it goes out: freezes, quiet times, holidays."""


def check(draft: Draft) -> list[Check]:
    """Apply every rule; what must be settled comes first."""
    rules = (
        subject,
        preview,
        text,
        audience,
        action,
        due_date,
        moment,
        contact,
        length,
        sentences,
        links,
        tone,
        personal_fields,
    )
    order = {BAD: 0, WARN: 1, GOOD: 2}
    return sorted((rule(draft) for rule in rules), key=lambda found: order[found.kind])


def subject(draft: Draft) -> Check:
    """A subject that a phone shows whole."""
    words, name = plain(draft.content.subject), "subject"
    if not words.strip():
        return Check(BAD, name, _("There is no subject."), _("Say what it is about."), name)
    if len(words) > SUBJECT_GOOD:
        found = _("The subject has %(count)s characters; phones cut it.", count=len(words))
        return Check(WARN, name, found, _("Say the same in %(n)s.", n=SUBJECT_GOOD), name)
    return Check(GOOD, name, _("The subject fits on a phone."))


def preview(draft: Draft) -> Check:
    """Words for the inbox, so that it does not show the first line instead."""
    if not draft.content.preview.strip():
        found = _("There is no preview text: inboxes will show the first line.")
        return Check(WARN, "preview", found, _("Add one sentence."), "preview")
    return Check(GOOD, "preview", _("Inboxes have a preview text to show."))


def text(draft: Draft) -> Check:
    """Something to read."""
    if not read_body(draft.content.body).word_count:
        return Check(BAD, "text", _("There is no text yet."), _("Write it."), "body")
    return Check(GOOD, "text", _("There is a text."))


def audience(draft: Draft) -> Check:
    """Somebody to read it."""
    if draft.audience_count is None:
        found, fix = _("Nobody is addressed yet."), _("Choose an audience.")
        return Check(BAD, "audience", found, fix, "audience")
    if draft.audience_count == 0:
        found = _("“%(name)s” has no members today.", name=draft.audience_name)
        return Check(BAD, "audience", found, _("Choose another audience."), "audience")
    return Check(
        GOOD,
        "audience",
        ngettext(
            "“%(name)s”: %(num)s person.",
            "“%(name)s”: %(num)s people.",
            draft.audience_count,
            name=draft.audience_name,
        ),
    )


def action(draft: Draft) -> Check:
    """Actionable: what to do, by when, and what happens otherwise."""
    content = draft.content
    if not content.action_what:
        found = _("Nothing is asked of the reader.")
        fix = _("If something is, say it as a call to action; if not, this is fine.")
        return Check(WARN, "action", found, fix, "action_what")
    if content.action_due_on is None:
        found = _("The call to action has no date.")
        return Check(BAD, "action", found, _("Say by when."), "action_due_on")
    if not content.action_otherwise:
        found = _("It does not say what happens to those who do nothing.")
        return Check(WARN, "action", found, _("One sentence is enough."), "action_otherwise")
    return Check(GOOD, "action", _("It says what to do, by when, and what happens otherwise."))


def due_date(draft: Draft) -> Check:
    """Timely: the date lies ahead and leaves people enough working days."""
    due, name = draft.content.action_due_on, "action_due_on"
    if due is None:
        return Check(GOOD, "due date", _("No date has to be kept."))
    if due < draft.today:
        return Check(BAD, "due date", _("The date is past."), _("Choose a later day."), name)
    goes_out = max(draft.goes_out_on or draft.today, draft.today)
    if due < goes_out:
        found = _("The date lies before the day on which the message goes out.")
        return Check(BAD, "due date", found, _("Choose a later day, or send it earlier."), name)
    days = working_days(goes_out, due)
    found = ngettext(
        "People have %(num)s working day to do it.",
        "People have %(num)s working days to do it.",
        days,
    )
    if days < LEAD_DAYS:
        fix = _("Give them at least %(n)s, or send it earlier.", n=LEAD_DAYS)
        return Check(WARN, "due date", found, fix, name)
    return Check(GOOD, "due date", found)


def moment(draft: Draft) -> Check:
    """Timely: nothing else is going on that would drown it, or forbid it."""
    if draft.against:
        fix = _("Choose another time, unless this is about just that.")
        return Check(WARN, "moment", " ".join(draft.against), fix)
    return Check(GOOD, "moment", _("Nothing speaks against the time at which it goes out."))


def contact(draft: Draft) -> Check:
    """Somebody to ask."""
    if not draft.contact_name:
        found = _("Nobody is named whom people can ask.")
        return Check(WARN, "contact", found, _("Name a contact."), "contact")
    if draft.contact_has_left:
        found = _("%(name)s has left the organisation.", name=draft.contact_name)
        return Check(BAD, "contact", found, _("Name another contact."), "contact")
    return Check(GOOD, "contact", _("%(name)s answers questions.", name=draft.contact_name))


def length(draft: Draft) -> Check:
    """Short enough to be read where it arrives."""
    words = read_body(draft.content.body).word_count
    minutes = max(1, round(words / WORDS_PER_MINUTE))
    found = ngettext(
        "%(words)s words, about %(num)s minute to read.",
        "%(words)s words, about %(num)s minutes to read.",
        minutes,
        words=words,
    )
    if words > WORDS_LONG:
        fix = _("Keep what people must know, link to the rest.")
        return Check(WARN, "length", found, fix, "body")
    return Check(GOOD, "length", found)


def sentences(draft: Draft) -> Check:
    """Clear: no sentence that has to be read twice."""
    prose = re.sub(r"\]\([^)]*\)|\{\{[^}]*\}\}", "", draft.content.body)
    parts = [part.split() for part in re.split(r"[.!?:](?:\s|$)|\n\s*\n|\n[-*>#\d]", prose)]
    longest = max(parts, key=len, default=[])
    if len(longest) > SENTENCE_LONG:
        found = _(
            "A sentence has %(count)s words: “%(beginning)s …”",
            count=len(longest),
            beginning=" ".join(longest[:6]),
        )
        return Check(WARN, "sentences", found, _("Make two of it."), "body")
    return Check(GOOD, "sentences", _("No sentence is too long."))


def links(draft: Draft) -> Check:
    """Links that say where they lead, and are counted."""
    found = read_body(draft.content.body).links
    for link in found:
        if link.words.lower().strip(" .!»→") in VAGUE:
            problem = _("A link says only “%(words)s”.", words=link.words)
            return Check(WARN, "links", problem, _("Name what one finds there."), "body")
    bare = _BARE_ADDRESS.search(draft.content.body)
    if bare:
        problem = _("%(address)s is not a link.", address=bare[0][:60])
        return Check(WARN, "links", problem, _("Write [words](address)."), "body")
    plain = [link.address for link in found if link.address.lower().startswith("http://")]
    if plain:
        problem = _("%(address)s is not encrypted.", address=plain[0][:60])
        return Check(WARN, "links", problem, _("Use https:// if it answers there."), "body")
    return Check(
        GOOD,
        "links",
        ngettext("%(num)s link, well named.", "%(num)s links, well named.", len(found))
        if found
        else _("The text has no links."),
    )


def tone(draft: Draft) -> Check:
    """A calm voice."""
    for field, words in (("subject", draft.content.subject), ("body", draft.content.body)):
        shouted = _SHOUTED.search(words)
        if shouted:
            found = _("“%(words)s” reads as shouting.", words=shouted[0][:40])
            return Check(WARN, "tone", found, _("Write it in small letters."), field)
    return Check(GOOD, "tone", _("Nothing shouts."))


def personal_fields(draft: Draft) -> Check:
    """Placeholders that stand for something for everybody who is addressed."""
    texts = (draft.content.subject, draft.content.preview, draft.content.body)
    unknown = unknown_fields(*texts)
    if unknown:
        found = _("There is no field “%(name)s”.", name=unknown[0].written.strip())
        return Check(BAD, "personal fields", found, _("Choose one from the list."), "body")
    used = fields_in(*texts)
    for name, count in draft.missing:
        if name in used and not used[name] and count:
            found = ngettext(
                "“%(name)s” is empty for %(num)s person.",
                "“%(name)s” is empty for %(num)s people.",
                count,
                name=name,
            )
            fix = _("Say what stands there instead: {{ %(name)s | your team }}.", name=name)
            return Check(WARN, "personal fields", found, fix, "body")
    return Check(GOOD, "personal fields", _("Every personal field is known and filled."))


def working_days(start: date, end: date) -> int:
    """Count Mondays to Fridays after `start` up to and with `end`."""
    days = (end - start).days
    return sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, min(days, 366) + 1))
