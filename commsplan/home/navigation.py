"""What stands in the bar at the top: only what this person may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from flask_babel import gettext as _

from commsplan.people.rules import Role


@dataclass(frozen=True)
class Entry:
    """One entry of a menu."""

    label: str
    href: str
    current: bool = False


def navigation() -> list[Entry]:
    """Return the entries of the main navigation for whoever is signed in."""
    roles: frozenset[Role] = g.get("roles", frozenset())
    if not roles & {Role.LEAD, Role.SPONSOR, Role.ADMIN}:
        return []
    entries = [(_("Home"), "/"), (_("Calendar"), "/calendar"), (_("Plans"), "/plans/")]
    if roles & {Role.LEAD, Role.ADMIN}:
        entries += [(_("Audiences"), "/audiences/"), (_("People"), "/people/")]
    entries += [(_("Effectiveness"), "/effectiveness/")]
    if Role.ADMIN in roles:
        entries += [(_("Settings"), "/settings/")]
    return [Entry(label, href, _is_here(href)) for label, href in entries]


def my_menu() -> list[Entry]:
    """Return what the menu under one's name offers."""
    entries = [
        (_("My page"), "/me"),
        (_("Calendars to subscribe to"), "/me/calendars"),
        (_("Notice board"), "/board/"),
        (_("Your password"), "/me/password"),
        (_("Where you are signed in"), "/me/sessions"),
    ]
    return [Entry(label, href, request.path == href) for label, href in entries]


def new_menu() -> list[Entry]:
    """Return what the "New" button offers: it knows in which plan one stands."""
    if not g.get("roles", frozenset()) & {Role.LEAD, Role.ADMIN}:
        return []
    return [
        Entry(_("Plan"), "/plans/new"),
        Entry(_("Plan from a spreadsheet"), "/plans/import"),
        Entry(_("Audience"), "/audiences/new"),
        Entry(_("Outlet"), "/outlets/new"),
        Entry(_("Blackout"), "/calendars/blackouts/new"),
        Entry(_("Staff list"), "/people/import"),
    ]


def _is_here(href: str) -> bool:
    if href == "/":
        return request.path in ("/", "/goals")
    return request.path.startswith(href.rstrip("/"))
