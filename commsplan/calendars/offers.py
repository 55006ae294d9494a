"""The ways to subscribe to a feed, and how soon each client notices a change."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask_babel import gettext as _

from commsplan.calendars.heads import address_of, name_of
from commsplan.calendars.models import Feed


@dataclass(frozen=True)
class Client:
    """One calendar programme and how soon it notices a change."""

    name: str
    how: str
    when: str


@dataclass(frozen=True)
class Offer:
    """One feed's address in every form a client may want."""

    address: str
    webcal: str
    google: str
    outlook: str
    download: str
    settings: str
    """What vdirsyncer wants in its file, a word for each line."""
    from_anywhere: bool
    """Services on the internet can reach it; an installation on one machine they cannot."""


def offer(feed: Feed) -> Offer:
    """Return the ways to subscribe to a feed."""
    address, name = address_of(feed), quote(name_of(feed), safe="")
    webcal = "webcal://" + address.partition("://")[2]
    whole = quote(address, safe="")
    return Offer(
        address=address,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}",
        outlook=f"https://outlook.office.com/calendar/0/addfromweb?url={whole}&name={name}",
        download=f"{address}?download",
        settings=f'[storage commsplan_{feed.id}]\ntype = "http"\nurl = "{address}"\n',
        from_anywhere=_reachable(urlsplit(address).hostname or ""),
    )


def clients() -> list[Client]:
    """Return what people use, how to subscribe there, and how soon it notices a change."""
    return [
        Client(
            _("Apple Calendar"),
            _("Press “Open in my calendar”."),
            _("As often as you choose when you subscribe: choose every hour."),
        ),
        Client(
            "Google Calendar",
            _("Press “Add to Google Calendar”, or there: Other calendars, From URL."),
            _("Between 4 and 24 hours; nobody can make it faster."),
        ),
        Client(
            "Thunderbird",
            _("New calendar, On the network, then paste the address."),
            _("Every 30 minutes, unless you change it."),
        ),
        Client(
            "Outlook",
            _("Press “Add to Outlook”, or there: Add calendar, Subscribe from web."),
            _("About every 3 hours."),
        ),
        Client(
            "khal, vdirsyncer",
            _("A collection of type http with this address, read-only."),
            _("Whenever you synchronise."),
        ),
    ]


def _reachable(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan"))
