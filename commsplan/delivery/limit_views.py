"""How fast may it go, and through which mail servers? Leads look, administrators change."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.limit_actions import remove_limit, set_limit
from commsplan.delivery.limit_forms import read_limit, read_relay
from commsplan.delivery.rates import Limit, Scope
from commsplan.delivery.relay_actions import set_relay, switch_off, switch_on
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.delivery.traffic import SCOPE_WORDS, Traffic, traffic
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, current_roles, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role

pages = Blueprint("traffic", __name__, url_prefix="/settings/delivery")


@pages.get("/")
@needs(Role.LEAD)
def show() -> ResponseReturnValue:
    """How fast does it go, and what limits it?"""
    return _page()


@pages.get("/now")
@needs(Role.LEAD)
def now() -> ResponseReturnValue:
    """The part of the page that moves."""
    return render_template("delivery/_traffic.html", traffic=_traffic())


def _traffic() -> Traffic:
    return traffic(zone_of(current_person()))


def _page(problems: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    found = _traffic()
    return render_template(
        "delivery/traffic.html",
        traffic=found,
        may_change=Role.ADMIN in current_roles(),
        scopes=[(scope.value, word) for scope, word in SCOPE_WORDS.items()],
        answer=_answer(found),
        problems=problems or {},
        typed=typed or {},
    )


def _answer(found: Traffic) -> str:
    if not found.relays:
        return str(_("Nothing has gone out yet."))
    away = [one for one in found.relays if one.kind in ("warn", "bad")]
    if len(away) == len(found.relays):
        return str(_("No mail server can be used: copies wait, nothing is lost."))
    if any(one.is_used_up for one in found.limits):
        return str(_("A limit decides how fast copies go just now."))
    if away:
        return str(_("The other mail servers carry what those that cannot be used would take."))
    return str(_("Nothing holds copies up."))


@pages.post("/limits")
@needs(Role.ADMIN)
def limit() -> ResponseReturnValue:
    """Set a speed limit."""
    match read_limit(request.form):
        case Unusable(problems):
            return _page(problems, request.form.to_dict()), 422
        case wish:
            set_limit(wish.key, wish.limit, current_person())
            flash(_("The limit holds within seconds, also for what is going out now."))
            return redirect(url_for("traffic.show"), 303)


@pages.get("/limits/<int:limit_id>")
@needs(Role.ADMIN)
def show_limit(limit_id: int) -> ResponseReturnValue:
    """How fast may this go?"""
    return _limit_page(_limit(limit_id))


def _limit_page(
    found: RateLimit, problems: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> str:
    kept = {"per_minute": str(found.per_minute), "burst": str(found.burst)}
    return render_template(
        "delivery/limit.html",
        limit=found,
        scope=SCOPE_WORDS[Scope(found.scope)],
        problems=problems or {},
        typed=typed or kept,
    )


@pages.post("/limits/<int:limit_id>")
@needs(Role.ADMIN)
def change_limit(limit_id: int) -> ResponseReturnValue:
    """Change how fast something may go."""
    found = _limit(limit_id)
    form = {**request.form.to_dict(), "scope": found.scope, "name": found.name}
    match read_limit(form):
        case Unusable(problems):
            return _limit_page(found, problems, form), 422
        case wish:
            set_limit(wish.key, wish.limit, current_person())
            flash(_("The limit holds within seconds, also for what is going out now."))
            return redirect(url_for("traffic.show"), 303)


@pages.post("/limits/<int:limit_id>/remove")
@needs(Role.ADMIN)
def lift(limit_id: int) -> ResponseReturnValue:
    """Lift a speed limit."""
    found = _limit(limit_id)
    scope, name = found.scope, found.name
    back = f"{url_for('traffic.show')}limits/back/{scope}/{quote(name, safe='')}"
    back += f"/{found.per_minute}/{found.burst}"
    remove_limit((scope, name), current_person())
    said = _("There is no limit for %(name)s any more.", name=name)
    flash({"text": said, "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    return redirect(url_for("traffic.show"), 303)


@pages.post("/limits/back/<any(channel, domain, relay):scope>/<name>/<int:per_minute>/<int:burst>")
@needs(Role.ADMIN)
def set_back(scope: str, name: str, per_minute: int, burst: int) -> ResponseReturnValue:
    """Undo lifting a limit."""
    form = {"scope": scope, "name": name, "per_minute": str(per_minute), "burst": str(burst)}
    match read_limit(form):
        case Unusable(problems):
            flash(" ".join(problems.values()), "error")
        case wish:
            set_limit(wish.key, Limit(per_minute, burst), current_person())
            flash(_("The limit is back."))
    return redirect(url_for("traffic.show"), 303)


def _limit(limit_id: int) -> RateLimit:
    found = db.session.get(RateLimit, limit_id)
    if found is None:
        raise Absent
    return found


@pages.get("/relays/<int:relay_id>")
@needs(Role.ADMIN)
def show_relay(relay_id: int) -> ResponseReturnValue:
    """How is this mail server used?"""
    return _relay_page(_relay(relay_id))


def _relay_page(
    found: Relay, problems: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> str:
    names = ("weight", "connections", "copies_per_connection")
    kept = {name: str(getattr(found, name)) for name in names}
    return render_template(
        "delivery/relay.html", relay=found, problems=problems or {}, typed=typed or kept
    )


@pages.post("/relays/<int:relay_id>")
@needs(Role.ADMIN)
def change_relay(relay_id: int) -> ResponseReturnValue:
    """Change how a mail server is used."""
    found = _relay(relay_id)
    match read_relay(request.form):
        case Unusable(problems):
            return _relay_page(found, problems, request.form.to_dict()), 422
        case wish:
            set_relay(
                relay_id,
                wish.weight,
                wish.connections,
                wish.copies_per_connection,
                current_person(),
            )
            flash(_("Workers use %(name)s so from their next turn on.", name=found.name))
            return redirect(url_for("traffic.show"), 303)


@pages.post("/relays/<int:relay_id>/<any(off, on):wanted>")
@needs(Role.ADMIN)
def switch(relay_id: int, wanted: str) -> ResponseReturnValue:
    """Switch a mail server off or on."""
    name = _relay(relay_id).name
    if wanted == "off":
        switch_off(relay_id, current_person())
        said = _("Nothing begins at %(name)s any more.", name=name)
        back = url_for("traffic.switch", relay_id=relay_id, wanted="on")
        flash({"text": said, "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    else:
        switch_on(relay_id, current_person())
        flash(_("%(name)s is used again.", name=name))
    return redirect(url_for("traffic.show"), 303)


def _relay(relay_id: int) -> Relay:
    found = db.session.get(Relay, relay_id)
    if found is None:
        raise Absent
    return found
