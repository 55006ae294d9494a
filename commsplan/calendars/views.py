"""A plan's tab "Feed": my secret calendar address, and how many people subscribe."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars.actions import (
    open_feed,
    publish,
    publish_again,
    renew_feed,
    restore_feed,
    revoke_feed,
    unpublish,
)
from commsplan.calendars.feed_forms import read_slug
from commsplan.calendars.freshness import recent_changes, render_panels
from commsplan.calendars.heads import address_of
from commsplan.calendars.models import Feed
from commsplan.calendars.offers import clients, offer
from commsplan.calendars.queries import feed_of, public_feed_of, shows_dates, subscribers
from commsplan.calendars.rules import slug_of
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import words
from commsplan.plans.models import Plan
from commsplan.plans.queries import may_edit, plan_for_editor, plan_for_reader

pages = Blueprint("calendars", __name__)


@pages.get("/plans/<int:plan_id>/feed")
@needs(Role.EMPLOYEE)
def show(plan_id: int) -> ResponseReturnValue:
    """How do I get this plan into my own calendar?"""
    return _page(plan_for_reader(current_person(), plan_id), {}, "")


@pages.post("/plans/<int:plan_id>/feed")
@needs(Role.EMPLOYEE)
def begin(plan_id: int) -> ResponseReturnValue:
    """Make my address of this plan's calendar."""
    open_feed(current_person(), plan_for_reader(current_person(), plan_id))
    flash(_("Your address is ready. Subscribe to it once; it stays up to date by itself."))
    return _back(plan_id)


@pages.post("/plans/<int:plan_id>/feed/renew")
@needs(Role.EMPLOYEE)
def renew(plan_id: int) -> ResponseReturnValue:
    """Replace my address; whoever has the old one learns nothing more."""
    renew_feed(_my_feed(plan_id))
    flash(_("You have a new address. Subscribe again: the old one no longer shows the plan."))
    return _back(plan_id)


@pages.post("/plans/<int:plan_id>/feed/revoke")
@needs(Role.EMPLOYEE)
def revoke(plan_id: int) -> ResponseReturnValue:
    """Switch my address off, with a way back."""
    revoke_feed(_my_feed(plan_id))
    undo = url_for("calendars.restore", plan_id=plan_id)
    flash({"text": _("Your address is switched off."), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return _back(plan_id)


@pages.post("/plans/<int:plan_id>/feed/restore")
@needs(Role.EMPLOYEE)
def restore(plan_id: int) -> ResponseReturnValue:
    """Switch my address on again."""
    restore_feed(_my_feed(plan_id))
    flash(_("Your address works again."))
    return _back(plan_id)


@pages.post("/plans/<int:plan_id>/feed/public")
@needs(Role.LEAD)
def publish_plan(plan_id: int) -> ResponseReturnValue:
    """Let everybody have this plan's calendar; once more where it was taken back."""
    plan = plan_for_editor(current_person(), plan_id)
    if before := public_feed_of(plan):
        publish_again(before, current_person())
        flash(_("The public calendar works again."))
        return _back(plan_id)
    match read_slug(request.form):
        case Unusable(problems, typed):
            return _page(plan, problems, str(typed["slug"])), 422
        case slug:
            if publish(plan, slug, current_person()) is None:
                return _page(plan, {"slug": _("Another calendar has this name.")}, slug), 422
            flash(_("Everybody who knows the address can subscribe now."))
            return _back(plan_id)


@pages.post("/plans/<int:plan_id>/feed/public/end")
@needs(Role.LEAD)
def unpublish_plan(plan_id: int) -> ResponseReturnValue:
    """Take the public calendar back, with a way back."""
    feed = public_feed_of(plan_for_editor(current_person(), plan_id))
    if feed is None:
        raise Absent
    unpublish(feed, current_person())
    undo = url_for("calendars.publish_plan", plan_id=plan_id)
    flash({"text": _("The public calendar is switched off."), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return _back(plan_id)


def _page(plan: Plan, problems: dict[str, str], slug: str) -> str:
    feed, public = feed_of(current_person(), plan), public_feed_of(plan)
    live = feed is not None and feed.revoked_at is None
    editor = may_edit(current_person(), plan)
    return render_template(
        "calendars/show.html",
        plan=plan,
        words=words,
        feed=feed,
        offer=offer(feed) if feed and live else None,
        clients=clients(),
        subscribers=subscribers(plan),
        public=public,
        public_address=address_of(public) if public else "",
        slug=slug or slug_of(plan.title),
        may_edit=editor,
        problems=problems,
        dates_shown=shows_dates(plan),
        changes=[(one, render_panels(one, editor)) for one in recent_changes(plan)],
    )


def _my_feed(plan_id: int) -> Feed:
    feed = feed_of(current_person(), plan_for_reader(current_person(), plan_id))
    if feed is None:
        raise Absent
    return feed


def _back(plan_id: int) -> ResponseReturnValue:
    return redirect(url_for("calendars.show", plan_id=plan_id), 303)
