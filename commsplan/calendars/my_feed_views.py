"""Calendars to subscribe to: everything that concerns me, each with my own secret address."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.audiences.queries import audience_for_reader
from commsplan.calendars.actions import (
    choose_for,
    open_audience_feed,
    open_feed,
    open_own,
    renew_feed,
    restore_feed,
    revoke_feed,
)
from commsplan.calendars.feed_forms import FeedWish, read_choice, read_wish
from commsplan.calendars.feed_words import ABOUT, TITLES
from commsplan.calendars.models import Feed
from commsplan.calendars.my_feeds import (
    MyFeeds,
    my_feed,
    my_feeds,
    plans_concerning,
    subscribable_plans,
)
from commsplan.calendars.offers import clients
from commsplan.calendars.rules import PERSONAL, Choice, FeedKind
from commsplan.foundation.dates import show_moment
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans.models import Plan
from commsplan.plans.words import KINDS

pages = Blueprint("my_feeds", __name__)


@pages.get("/me/calendars")
@needs(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """Which calendars can I have in my own, and do they arrive there?"""
    return _page({}, None)


@pages.post("/me/calendars/feeds")
@needs(Role.EMPLOYEE)
def begin() -> ResponseReturnValue:
    """Make me a secret address."""
    feed = _opened(read_wish(request.form, PERSONAL))
    flash(_("Your address is ready. Subscribe to it once; it stays up to date by itself."))
    return _back(feed)


@pages.post("/me/calendars/mine")
@needs(Role.EMPLOYEE)
def choose() -> ResponseReturnValue:
    """Keep what I ticked, and make the address if there is none."""
    offered = [plan.id for plan in plans_concerning(current_person())]
    match read_choice(request.form, offered):
        case Unusable(problems, typed):
            choice = typed["choice"]
            return _page(problems, choice if isinstance(choice, Choice) else None), 422
        case choice:
            feed = open_own(current_person(), FeedKind.MINE, choice)
            choose_for(feed, choice)
            flash(_("Your calendar shows what you ticked. The address stays the same."))
            return _back(feed)


@pages.post("/me/calendars/feeds/<int:feed_id>/others")
@needs(Role.EMPLOYEE)
def choose_others(feed_id: int) -> ResponseReturnValue:
    """Show in the change calendar, or not, when other plans are busy."""
    feed = my_feed(current_person(), feed_id)
    choose_for(feed, Choice(others_busy="others_busy" in request.form))
    flash(_("Your calendar shows what you ticked. The address stays the same."))
    return _back(feed)


@pages.post("/me/calendars/feeds/<int:feed_id>/renew")
@needs(Role.EMPLOYEE)
def renew(feed_id: int) -> ResponseReturnValue:
    """Replace an address of mine; whoever has the old one learns nothing more."""
    feed = renew_feed(my_feed(current_person(), feed_id))
    flash(_("The old address has ended. Subscribe to the new one."))
    return _back(feed)


@pages.post("/me/calendars/feeds/<int:feed_id>/revoke")
@needs(Role.EMPLOYEE)
def revoke(feed_id: int) -> ResponseReturnValue:
    """Switch an address of mine off, with a way back."""
    feed = revoke_feed(my_feed(current_person(), feed_id))
    undo = url_for(".restore", feed_id=feed_id)
    flash({"text": _("The address has ended."), "undo_href": undo})  # type: ignore[arg-type]  # our flashes may be records
    return _back(feed)


@pages.post("/me/calendars/feeds/<int:feed_id>/restore")
@needs(Role.EMPLOYEE)
def restore(feed_id: int) -> ResponseReturnValue:
    """Switch an address of mine on again."""
    feed = restore_feed(my_feed(current_person(), feed_id))
    flash(_("The address works again."))
    return _back(feed)


def _opened(wish: FeedWish) -> Feed:
    me = current_person()
    if wish.kind is FeedKind.AUDIENCE:
        return open_audience_feed(me, audience_for_reader(me, wish.audience_id))
    if wish.kind is FeedKind.PLAN:
        return open_feed(me, _plan(wish.plan_id))
    return open_own(me, wish.kind)


def _plan(plan_id: int) -> Plan:
    me = current_person()
    for plan in subscribable_plans(me, plans_concerning(me), {}):
        if plan.id == plan_id:
            return plan
    raise Absent


def _back(feed: Feed) -> ResponseReturnValue:
    return redirect(url_for(".show", _anchor=feed.subject.replace(" ", "-")), 303)


def _page(problems: dict[str, str], typed: Choice | None) -> str:
    mine = my_feeds(current_person(), PERSONAL)
    choice = typed or mine.personal[0].choice
    return render_template(
        "calendars/mine.html",
        mine=mine,
        answer=_answer(mine),
        choice=choice,
        plans=[(plan.id, plan.title) for plan in mine.concerning],
        kinds=list(KINDS.items()),
        problems=problems,
        titles=TITLES,
        about=ABOUT,
        clients=clients(),
    )


def _answer(mine: MyFeeds) -> str:
    """Say in a sentence how many addresses there are, and whether they are fetched."""
    if not mine.live:
        return str(_("You have no address yet. Make one below, and subscribe to it once."))
    count = ngettext("You have one address.", "You have %(num)s addresses.", len(mine.live))
    last = mine.last_fetched
    if last is None:
        return f"{count} {_('No calendar has fetched it yet.')}"
    when = show_moment(last.fetched_at, zone_of(current_person()))
    client = last.fetched_by or _("a programme we do not know")
    return f"{count} {_('Last fetched %(when)s by %(client)s.', when=when, client=client)}"
