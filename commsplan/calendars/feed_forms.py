"""What somebody ticked for their calendar, and which calendar they want an address of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from commsplan.calendars.rules import SLUG, SLUG_LENGTH, Choice, FeedKind
from commsplan.foundation.errors import Absent, Unusable
from commsplan.plans.rules import KINDS


@dataclass(frozen=True)
class FeedWish:
    """Which calendar somebody wants an address of."""

    kind: FeedKind
    plan_id: int = 0
    audience_id: int = 0


def read_wish(form: MultiDict[str, str], kinds: Collection[FeedKind]) -> FeedWish:
    """Read which calendar is wanted; these come from buttons, so anything else is not there.

    Raises:
        Absent: there is no such calendar.
    """
    kind = form.get("kind", "")
    if kind not in (*kinds, FeedKind.PLAN, FeedKind.AUDIENCE):
        raise Absent
    return FeedWish(
        FeedKind(kind), form.get("plan", 0, type=int), form.get("audience", 0, type=int)
    )


def read_choice(form: MultiDict[str, str], plans: Collection[int]) -> Unusable | Choice:
    """Read what is ticked in the calendar of what concerns somebody.

    Args:
        plans: those that the form offered.
    """
    kinds = frozenset(form.getlist("kinds")) & frozenset(KINDS)
    shown = {int(one) for one in form.getlist("plans") if one.isdecimal() and len(one) < 19}
    choice = Choice(kinds, frozenset(plans) - shown)
    problems = {}
    if not kinds:
        problems["kinds"] = _("Tick at least one, or your calendar stays empty.")
    if plans and not shown & set(plans):
        problems["plans"] = _("Tick at least one plan, or your calendar stays empty.")
    return Unusable(problems, {"choice": choice}) if problems else choice


def read_slug(form: MultiDict[str, str]) -> Unusable | str:
    """Read the name under which everybody may have a plan's calendar."""
    slug = form.get("slug", "").strip().lower()
    if len(slug) <= SLUG_LENGTH and SLUG.fullmatch(slug):
        return slug
    problem = _("Use small letters, figures and single hyphens, as in “office-move-2027”.")
    return Unusable({"slug": problem}, {"slug": slug})
