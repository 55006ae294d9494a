"""The pages that bring a planning spreadsheet in, and the addresses that give it back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.foundation.errors import Unreadable, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.models import Team
from commsplan.people.queries import teams_of
from commsplan.people.rules import Role
from commsplan.plans import import_words
from commsplan.plans.grid import Choices
from commsplan.plans.grid_export import row_of
from commsplan.plans.import_actions import (
    apply_import,
    bring,
    bring_new_plan,
    save_choices,
    undo_import,
)
from commsplan.plans.import_forms import read_choices
from commsplan.plans.import_page import Page, page_of, zone_options
from commsplan.plans.import_queries import (
    book_of,
    choices_of,
    import_for_editor,
    lines_of,
    owner_words,
)
from commsplan.plans.models import Plan, PlanImport
from commsplan.plans.queries import activities_of, plan_for_editor, plan_for_reader
from commsplan.plans.spreadsheet import write_csv, write_xlsx

pages = Blueprint("plan_imports", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/plans/import")
@needs(Role.LEAD)
def new_plan() -> ResponseReturnValue:
    """Where does the spreadsheet of a new plan lie?"""
    return render_template("plans/import.html", plan=None, teams=teams_of(current_person()))


@pages.post("/plans/import")
@needs(Role.LEAD)
def bring_for_new_plan() -> ResponseReturnValue:
    """Make a draft plan of a spreadsheet and show how it is read."""
    teams = teams_of(current_person())
    team = _team(teams, request.form.get("team", ""))
    title = " ".join(request.form.get("title", "").split())[:200]
    try:
        if team is None:
            raise Unreadable(_("Choose the team that keeps the plan."))
        with _uploaded() as (path, name):
            brought = bring_new_plan(team, path, name, current_person(), title)
    except Unreadable as problem:
        page = render_template(
            "plans/import.html", plan=None, teams=teams, problems={"file": str(problem)}
        )
        return page, 422
    return redirect(url_for("plan_imports.show", import_id=brought.id), 303)


@pages.get("/plans/<int:plan_id>/import")
@needs(Role.LEAD)
def new(plan_id: int) -> ResponseReturnValue:
    """Where does the spreadsheet lie?"""
    plan = plan_for_editor(current_person(), plan_id)
    return render_template("plans/import.html", plan=plan)


@pages.post("/plans/<int:plan_id>/import")
@needs(Role.LEAD)
def bring_in(plan_id: int) -> ResponseReturnValue:
    """Take a spreadsheet for a plan and show how it is read."""
    plan = plan_for_editor(current_person(), plan_id)
    try:
        with _uploaded() as (path, name):
            brought = bring(plan, path, name, current_person())
    except Unreadable as problem:
        page = render_template("plans/import.html", plan=plan, problems={"file": str(problem)})
        return page, 422
    return redirect(url_for("plan_imports.show", import_id=brought.id), 303)


@pages.get("/plans/imports/<int:import_id>")
@needs(Role.LEAD)
def show(import_id: int) -> ResponseReturnValue:
    """What will each row become?"""
    plan_import = import_for_editor(current_person(), import_id)
    return _page(plan_import, _page_of(plan_import, request.args.get("page", "")))


@pages.post("/plans/imports/<int:import_id>")
@needs(Role.LEAD)
def correct(import_id: int) -> ResponseReturnValue:
    """Keep the corrections; then look again, turn the page or import."""
    plan_import = import_for_editor(current_person(), import_id)
    if plan_import.applied_at:
        return _already(plan_import)
    before, page = choices_of(plan_import), _page_of(plan_import, request.form.get("page", ""))
    match read_choices(request.form, book_of(plan_import), before, page.lines):
        case Unusable(problems):
            return _page(plan_import, page, problems), 422
        case choices:
            save_choices(plan_import, choices, request.form.get("plan_title", "").strip()[:200])
    then = request.form.get("then", "look")
    if then == "import" and _read_alike(before, choices):
        return _import(plan_import, page)
    if then == "import":
        flash(_("The rows are read differently now. Look at them once more, then import."), "info")
    number = then.removeprefix("page-") if then.startswith("page-") else str(page.number)
    return redirect(url_for("plan_imports.show", import_id=import_id, page=number) + "#rows", 303)


@pages.post("/plans/imports/<int:import_id>/undo")
@needs(Role.LEAD)
def undo(import_id: int) -> ResponseReturnValue:
    """Take what the import made off the plan again."""
    plan_import = import_for_editor(current_person(), import_id)
    gone, stayed = undo_import(plan_import, current_person())
    said = ngettext(
        "%(num)s activity was taken off the plan again.",
        "%(num)s activities were taken off the plan again.",
        gone,
    )
    if stayed:
        said += " " + ngettext(
            "%(num)s stays, because somebody has changed it since.",
            "%(num)s stay, because somebody has changed them since.",
            stayed,
        )
    flash(said, "info")
    return redirect(url_for("plan_imports.show", import_id=import_id), 303)


@pages.get("/plans/<int:plan_id>/export.xlsx")
@needs(Role.LEAD, Role.SPONSOR, Role.EMPLOYEE)
def export_xlsx(plan_id: int) -> ResponseReturnValue:
    """Give the plan as a workbook."""
    plan = plan_for_reader(current_person(), plan_id)
    return _file(write_xlsx(_grid(plan), plan.title), XLSX, plan, "xlsx")


@pages.get("/plans/<int:plan_id>/export.csv")
@needs(Role.LEAD, Role.SPONSOR, Role.EMPLOYEE)
def export_csv(plan_id: int) -> ResponseReturnValue:
    """Give the plan as CSV."""
    plan = plan_for_reader(current_person(), plan_id)
    return _file(write_csv(_grid(plan)), "text/csv; charset=utf-8", plan, "csv")


def _grid(plan: Plan) -> list[tuple[str, ...]]:
    activities = activities_of(plan)
    owners = owner_words(activities)
    return [
        row_of(one, one.audience.name if one.audience else one.audience_text, owners[one.id])
        for one in activities
    ]


def _file(content: bytes, kind: str, plan: Plan, ending: str) -> Response:
    name = re.sub(r"[^a-z0-9]+", "-", plan.title.lower()).strip("-")[:60] or "plan"
    disposition = f'attachment; filename="{name}.{ending}"'
    return Response(content, content_type=kind, headers={"Content-Disposition": disposition})


def _import(plan_import: PlanImport, page: Page) -> ResponseReturnValue:
    try:
        count = apply_import(plan_import, current_person())
    except Unreadable as problem:
        return _page(plan_import, page, {"": str(problem)}), 422
    if count is None:
        return _already(plan_import)
    said = ngettext(
        "%(num)s activity is on the plan now.", "%(num)s activities are on the plan now.", count
    )
    way_back = url_for("plan_imports.undo", import_id=plan_import.id)
    flash({"text": said, "undo_href": way_back}, "success")  # type: ignore[arg-type]  # _flashes.html takes both
    return redirect(f"/plans/{plan_import.plan_id}/timeline", 303)


def _already(plan_import: PlanImport) -> ResponseReturnValue:
    flash(_("This spreadsheet has been imported already."), "info")
    return redirect(f"/plans/{plan_import.plan_id}/timeline", 303)


def _page_of(plan_import: PlanImport, number: str) -> Page:
    book, choices = book_of(plan_import), choices_of(plan_import)
    return page_of(book, choices, lines_of(plan_import.plan, book, choices), number)


def _page(plan_import: PlanImport, page: Page, problems: dict[str, str] | None = None) -> str:
    return render_template(
        "plans/import_map.html",
        plan_import=plan_import,
        plan=plan_import.plan,
        page=page,
        problems=problems or {},
        typed=request.form if problems else {},
        zones=zone_options(page.choices.zone),
        fields=import_words.FIELDS,
        kinds=import_words.KINDS,
        statuses=import_words.STATUSES,
        in_words=import_words.in_words,
    )


def _read_alike(before: Choices, after: Choices) -> bool:
    """Tell whether only rows were corrected: then what was shown is what is imported."""
    return replace(before, rows={}) == replace(after, rows={})


def _team(teams: list[Team], wanted: str) -> Team | None:
    if len(teams) == 1:
        return teams[0]
    return next((team for team in teams if str(team.id) == wanted), None)


@contextmanager
def _uploaded() -> Iterator[tuple[Path, str]]:
    """Hold the uploaded file under a random name while it is read."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Unreadable(_("Choose a spreadsheet first."))
    folder = Path(current_app.config["DATA_DIR"]) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    try:
        sent.save(path)
        yield path, re.split(r"[/\\]", sent.filename)[-1][-255:]
    finally:
        path.unlink(missing_ok=True)
