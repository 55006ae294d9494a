"""What a feed says about itself, and the single notes it may consist of."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import gettext as _

from commsplan.calendars.ics import Event, Head
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import may_read
from commsplan.calendars.rules import COLOURS, FeedKind, Standing
from commsplan.foundation.addresses import absolute, calendar_uid, feed_address, public_feed_address
from commsplan.people.queries import zone_of
from commsplan.plans.models import Plan


def zone_of_feed(feed: Feed) -> str:
    """Return the zone a feed's reader lives in; of a public one, the plan's."""
    if feed.person:
        return zone_of(feed.person)
    return feed.plan.zone if feed.plan else str(current_app.config["DEFAULT_ZONE"])


def address_of(feed: Feed) -> str:
    """Return the address of a feed."""
    if feed.slug is not None:
        return public_feed_address(feed.slug)
    return feed_address(feed.id, feed.generation)


def name_of(feed: Feed) -> str:
    """Return what a calendar calls itself."""
    organisation = str(current_app.config["ORGANISATION"])
    names = {
        FeedKind.MINE: _("What concerns me (%(organisation)s)", organisation=organisation),
        FeedKind.DEADLINES: _("My deadlines (%(organisation)s)", organisation=organisation),
        FeedKind.MEETINGS: _("My meetings (%(organisation)s)", organisation=organisation),
        FeedKind.SURVEYS: _("My surveys (%(organisation)s)", organisation=organisation),
        FeedKind.CHANGES: _("Change calendar (%(organisation)s)", organisation=organisation),
        FeedKind.BLACKOUTS: _("No changes (%(organisation)s)", organisation=organisation),
    }
    if feed.plan:
        return str(feed.plan.title)
    if feed.audience:
        return str(_("For: %(audience)s", audience=feed.audience.name))
    return str(names[FeedKind(feed.kind)])


def head_of(feed: Feed, revised: datetime | None) -> Head:
    """Return the head of a live feed.

    Args:
        revised: when anything it shows last visibly changed.
    """
    plan = feed.plan
    whole = plan is not None and feed.person is not None and may_read(feed.person, plan)
    colour, apple_colour = COLOURS.get(plan.colour if plan else "", ("", ""))
    return Head(
        name=name_of(feed),
        description=plan.why if plan and whole else "",
        zone=zone_of_feed(feed),
        modified=max(filter(None, (settled(feed), revised))),
        source=address_of(feed),
        url=_page_of(feed, plan if whole else None),
        colour=colour,
        apple_colour=apple_colour,
        categories=(plan.title if plan else str(current_app.config["ORGANISATION"]),),
    )


def _page_of(feed: Feed, plan: Plan | None) -> str:
    if plan:
        return absolute(f"/plans/{plan.id}")
    if feed.person is None:
        return address_of(feed)
    return absolute("/me" if feed.plan_id else "/me/calendars")


def farewell(feed: Feed, standing: Standing, asked: int) -> tuple[Head, Event]:
    """Return head and only event of an address that has ended."""
    if standing is Standing.REPLACED:
        name = _("This calendar address was replaced")
        advice = _("Subscribe again with the new address, or remove this calendar.")
    else:
        name = _("This calendar feed was switched off")
        advice = _("You can remove this calendar from your programme.")
    moment = (feed.renewed_at if standing is Standing.REPLACED else feed.revoked_at) or (
        feed.created_at
    )
    head = Head(
        name=name,
        description=advice,
        zone=zone_of_feed(feed),
        modified=moment,
        source=address_of(feed) if feed.slug else feed_address(feed.id, asked),
        refresh="P1D",
    )
    return head, _note(f"ended-{feed.id}-{asked}", moment, moment.date(), (name, advice))


def nothing(feed: Feed) -> Event:
    """A calendar is never empty: vdirsyncer and strict readers refuse one without an event."""
    day = (feed.plan.starts_on if feed.plan else None) or feed.created_at.date()
    if feed.plan:
        about = _("This plan has nothing for you in the calendar yet.")
    else:
        about = _("This calendar has nothing for you yet.")
    return _note(f"nothing-{feed.id}", settled(feed), day, (_("Nothing scheduled"), about))


def settled(feed: Feed) -> datetime:
    """Return the moment before which nothing of this feed's own changed."""
    return feed.renewed_at or feed.created_at


def _note(key: str, moment: datetime, day: date, words: tuple[str, str]) -> Event:
    return Event(
        uid=calendar_uid(key),
        revised=moment,
        created=moment,
        summary=words[0],
        description=words[1],
        starts=day,
        ends=day + timedelta(days=1),
    )
