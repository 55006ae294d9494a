"""Bringing a staff list: upload, watch it being checked, see what it would do, agree."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _

from commsplan.foundation.errors import Absent, NotNow
from commsplan.people.access import current_person, needs
from commsplan.people.directory import imports_so_far, names_leaving
from commsplan.people.imports import (
    agree,
    call_off,
    leaves_too_many,
    open_import,
    problem_file,
    receive,
    ring_for,
    staff_import,
)
from commsplan.people.models import StaffImport
from commsplan.people.rules import Role

pages = Blueprint("staff_lists", __name__, url_prefix="/people")


@pages.get("/import")
@needs(Role.LEAD)
def new() -> ResponseReturnValue:
    """Ask for a file, or show the one that is on its way."""
    return render_template("people/import.html", open=open_import())


@pages.post("/import")
@needs(Role.LEAD)
def bring() -> ResponseReturnValue:
    """Take the file and have it checked."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _again(_("Choose a file first."))
    try:
        brought = receive(upload.stream, upload.filename, current_person())
    except NotNow as error:
        return _again(str(error))
    ring_for(brought)
    return redirect(url_for("staff_lists.show", import_id=brought.id), 303)


def _again(problem: str) -> ResponseReturnValue:
    problems = {"file": problem}
    return render_template("people/import.html", open=open_import(), problems=problems), 422


@pages.get("/imports")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """Show every list that was brought and what became of it."""
    return render_template("people/imports.html", lists=imports_so_far(), state_words=state_words())


@pages.get("/imports/<int:import_id>")
@needs(Role.LEAD)
def show(import_id: int) -> ResponseReturnValue:
    """Show how far a list is, what it would do, or what it did."""
    return _shown(staff_import(import_id))


def _shown(brought: StaffImport, problems: dict[str, str] | None = None) -> ResponseReturnValue:
    ready = brought.state == "ready"
    page = render_template(
        "people/import_show.html",
        brought=brought,
        problems=problems or {},
        names=names_leaving(brought.id) if ready else [],
        too_many=ready and leaves_too_many(brought.counts),
        field_words=field_words(),
        state_words=state_words(),
        pace=pace(brought),
        has_problems=problem_file(brought).exists(),
    )
    return page, 422 if problems else 200


@pages.post("/imports/<int:import_id>/agree")
@needs(Role.LEAD)
def confirm(import_id: int) -> ResponseReturnValue:
    """Agree to what the list will do."""
    brought = staff_import(import_id)
    confirmed = request.form.get("leaving") == "1"
    if brought.state == "ready" and leaves_too_many(brought.counts) and not confirmed:
        return _shown(brought, {"leaving": _("Confirm that these people have left.")})
    agree(brought, confirmed, current_person())
    if brought.state == "applying":
        ring_for(brought)
    return redirect(url_for("staff_lists.show", import_id=import_id), 303)


@pages.post("/imports/<int:import_id>/cancel")
@needs(Role.LEAD)
def cancel(import_id: int) -> ResponseReturnValue:
    """Call a list off before anything is written."""
    if call_off(staff_import(import_id), current_person()):
        flash(_("The list was called off. Nothing was imported."))
    else:
        flash(_("It is too late to call this list off."), "warning")
    return redirect(url_for("staff_lists.show", import_id=import_id), 303)


@pages.get("/imports/<int:import_id>/problems.csv")
@needs(Role.LEAD)
def problems(import_id: int) -> ResponseReturnValue:
    """Hand out the rows that could not be used, with line and reason."""
    path = problem_file(staff_import(import_id))
    if not path.exists():
        raise Absent
    name = f"staff-list-{import_id}-problems.csv"
    return send_file(path.resolve(), "text/csv", as_attachment=True, download_name=name)


def pace(brought: StaffImport) -> str:
    """Say how fast a list is being read and when it will be through."""
    if not (brought.started_at and brought.beat_at and brought.bytes_done):
        return ""
    seconds = (brought.beat_at - brought.started_at).total_seconds()
    if seconds <= 0:
        return ""
    left = timedelta(seconds=seconds * (brought.bytes_total / brought.bytes_done - 1))
    rows = round(brought.counts.get("rows", 0) / seconds)
    return str(
        _(
            "%(rate)s; about %(left)s left.",
            rate=ngettext("%(num)s row a second", "%(num)s rows a second", rows),
            left=format_timedelta(left, granularity="second"),
        )
    )


def field_words() -> dict[str, str]:
    """Return what each field is called on pages."""
    return {
        "email": _("E-mail"),
        "name": _("Name"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "department": _("Department"),
        "location": _("Location"),
        "country": _("Country"),
        "zone": _("Time zone"),
        "language": _("Language"),
        "manager_email": _("Manager’s e-mail"),
        "title": _("Title"),
        "employment": _("Employment"),
        "started_on": _("First day of work"),
        "external_id": _("Personnel number"),
    }


def state_words() -> dict[str, tuple[str, str]]:
    """Return for each state its kind of status and its words."""
    return {
        "waiting": ("neutral", _("Waiting for a worker")),
        "checking": ("info", _("Being checked")),
        "ready": ("warn", _("Waiting for your decision")),
        "applying": ("info", _("Being imported")),
        "done": ("good", _("Imported")),
        "refused": ("bad", _("Could not be used")),
        "cancelled": ("neutral", _("Called off")),
    }
