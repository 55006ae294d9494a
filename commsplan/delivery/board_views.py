"""The notice board: what concerns me, and my secret address of its feeds."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.delivery.board_actions import (
    open_board_feed,
    renew_board_feed,
    restore_board_feed,
    revoke_board_feed,
)
from commsplan.delivery.board_queries import board_feed_of, notice_for, notices_for
from commsplan.delivery.outlet_models import BoardFeed
from commsplan.foundation.addresses import board_address
from commsplan.foundation.errors import Absent
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role

pages = Blueprint("board", __name__)
FORMS = (("rss", "RSS"), ("atom", "Atom"), ("json", "JSON Feed"))


@pages.get("/board/")
@needs(Role.EMPLOYEE)
def index() -> ResponseReturnValue:
    """What was announced to me?"""
    notices = notices_for(current_person())
    feed = board_feed_of(current_person())
    is_live = feed is not None and feed.revoked_at is None
    answer = ngettext("One notice concerns you.", "%(num)s notices concern you.", len(notices))
    return render_template(
        "delivery/board.html",
        notices=notices,
        answer=answer if notices else "",
        addresses=_addresses(feed) if feed and is_live else [],
    )


@pages.get("/board/<int:notice_id>")
@needs(Role.EMPLOYEE)
def show(notice_id: int) -> ResponseReturnValue:
    """One notice."""
    notice = notice_for(current_person(), notice_id)
    return render_template("delivery/board_notice.html", notice=notice)


@pages.post("/board/feed")
@needs(Role.EMPLOYEE)
def begin() -> ResponseReturnValue:
    """Make my secret address."""
    open_board_feed(current_person())
    flash(_("Here is your address. Subscribe to it in your feed reader."))
    return redirect("/board/#subscribe", 303)


@pages.post("/board/feed/renew")
@needs(Role.EMPLOYEE)
def renew() -> ResponseReturnValue:
    """Replace my address; whoever has the old one learns nothing more."""
    renew_board_feed(_mine())
    flash(_("The old address has ended. Subscribe to the new one."))
    return redirect("/board/#subscribe", 303)


@pages.post("/board/feed/revoke")
@needs(Role.EMPLOYEE)
def revoke() -> ResponseReturnValue:
    """Switch my address off, with a way back."""
    revoke_board_feed(_mine())
    undo = "/board/feed/restore"
    flash({"text": _("The address has ended."), "undo_href": undo})  # type: ignore[arg-type]  # our flashes may be records
    return redirect("/board/#subscribe", 303)


@pages.post("/board/feed/restore")
@needs(Role.EMPLOYEE)
def restore() -> ResponseReturnValue:
    """Undo switching my address off."""
    restore_board_feed(_mine())
    flash(_("The address works again."))
    return redirect("/board/#subscribe", 303)


def _mine() -> BoardFeed:
    feed = board_feed_of(current_person())
    if feed is None:
        raise Absent
    return feed


def _addresses(feed: BoardFeed) -> list[tuple[str, str]]:
    return [(name, board_address(feed.person_id, feed.generation, form)) for form, name in FORMS]
