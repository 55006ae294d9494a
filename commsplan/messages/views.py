"""The pages of this step: a plan's messages, and the composer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audiences_for
from commsplan.foundation.errors import Unusable
from commsplan.messages.actions import (
    Overtaken,
    copy_message,
    remove_message,
    restore_message,
    save_version,
    write_message,
)
from commsplan.messages.comparison import changed_fields
from commsplan.messages.forms import read_content, read_message, typed_in
from commsplan.messages.models import Message
from commsplan.messages.queries import (
    message_for_editor,
    message_for_reader,
    messages_of,
    removed_message_for_editor,
    sample_readers,
)
from commsplan.messages.readiness import readiness_of
from commsplan.messages.rendering import content_of
from commsplan.messages.rules import EDITABLE
from commsplan.messages.showing import (
    FORMS,
    PICKER,
    choices,
    form_of,
    starting_form,
    state_word,
    subject_words,
)
from commsplan.messages.testcopy import Refused, send_test_copy
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.rules import Role
from commsplan.plans.models import Plan
from commsplan.plans.queries import activities_of, may_edit, plan_for_editor, plan_for_reader

pages = Blueprint("messages", __name__)
pages.add_app_template_filter(subject_words, "plain")


@pages.get("/plans/<int:plan_id>/messages")
@needs(Role.EMPLOYEE)
def of_plan(plan_id: int) -> ResponseReturnValue:
    """A plan's messages: what state each is in, to whom and when."""
    plan = plan_for_reader(current_person(), plan_id)
    return render_template(
        "messages/list.html",
        plan=plan,
        messages=messages_of(plan),
        state_word=state_word,
        may_edit=may_edit(current_person(), plan),
    )


@pages.get("/plans/<int:plan_id>/messages/new")
@needs(Role.LEAD)
def begin(plan_id: int) -> ResponseReturnValue:
    """An empty composer, or one that starts from an activity of the plan."""
    plan = plan_for_editor(current_person(), plan_id)
    wanted = request.args.get("activity", type=int)
    activity = next((one for one in activities_of(plan) if one.id == wanted), None)
    return _composer(plan, None, starting_form(plan, activity))


@pages.post("/plans/<int:plan_id>/messages/new")
@needs(Role.LEAD)
def write(plan_id: int) -> ResponseReturnValue:
    """Keep the first version."""
    plan = plan_for_editor(current_person(), plan_id)
    match read_message(request.form, *_allowed(plan)):
        case Unusable(problems):
            return _composer(plan, None, typed_in(request.form), problems), 422
        case wish:
            message = write_message(plan, wish, current_person())
            return _after_saving(message, _("The draft is saved."))


@pages.get("/messages/<int:message_id>")
@needs(Role.EMPLOYEE)
def show(message_id: int) -> ResponseReturnValue:
    """The composer; for whoever may not change the message, the message."""
    message = message_for_reader(current_person(), message_id)
    if message.state in EDITABLE and may_edit(current_person(), message.plan):
        return _composer(message.plan, message, form_of(message))
    people, looked_at_by = _readers(message.audience)
    return render_template(
        "messages/show.html",
        message=message,
        plan=message.plan,
        state_word=state_word,
        may_edit=may_edit(current_person(), message.plan),
        people=people,
        chosen={"as": _looked_at(), "person": looked_at_by},
        forms=FORMS,
    )


@pages.post("/messages/<int:message_id>")
@needs(Role.LEAD)
def save(message_id: int) -> ResponseReturnValue:
    """Keep what was typed as a new version."""
    message = message_for_editor(current_person(), message_id)
    match read_message(request.form, *_allowed(message.plan, message)):
        case Unusable(problems):
            return _composer(message.plan, message, typed_in(request.form), problems), 422
        case wish:
            before = message.latest.number
            try:
                version = save_version(message, wish, current_person())
            except Overtaken:
                return _overtaken(message_for_editor(current_person(), message_id)), 409
            same = version.number == before
            return _after_saving(
                message,
                _("Saved; the text is unchanged.")
                if same
                else _("Saved as version %(number)s.", number=version.number),
            )


@pages.post("/messages/<int:message_id>/copy")
@needs(Role.LEAD)
def copy(message_id: int) -> ResponseReturnValue:
    """Begin another message with this one's text."""
    made = copy_message(message_for_editor(current_person(), message_id), current_person())
    flash(_("This is the copy: a new draft."))
    return redirect(url_for("messages.show", message_id=made.id), 303)


@pages.post("/messages/<int:message_id>/remove")
@needs(Role.LEAD)
def remove(message_id: int) -> ResponseReturnValue:
    """Throw a draft away, with a way back."""
    message = message_for_editor(current_person(), message_id)
    plan_id = message.plan_id
    remove_message(message, current_person())
    undo = url_for("messages.restore", message_id=message_id)
    flash({"text": _("The draft is thrown away."), "undo_href": undo})  # type: ignore[arg-type]  # _flashes.html shows both
    return redirect(url_for("messages.of_plan", plan_id=plan_id), 303)


@pages.post("/messages/<int:message_id>/restore")
@needs(Role.LEAD)
def restore(message_id: int) -> ResponseReturnValue:
    """Bring a draft back that was thrown away."""
    message = removed_message_for_editor(current_person(), message_id)
    restore_message(message, current_person())
    flash(_("The draft is back."))
    return redirect(url_for("messages.show", message_id=message_id), 303)


def _after_saving(message: Message, said: str) -> ResponseReturnValue:
    """Go where the pressed button leads."""
    wanted = request.form.get("do", "save")
    message_id = message.id
    if wanted == "test":
        match send_test_copy(message, current_person()):
            case Refused(why):
                flash(_("Your text is saved, but the test copy did not go out. ") + why, "error")
            case _:
                address = current_person().email
                flash(_("Saved. A test copy is on its way to %(address)s.", address=address))
    elif wanted == "schedule":
        return redirect(f"/messages/{message_id}/schedule", 303)
    else:
        flash(said)
    back = url_for(
        "messages.show",
        message_id=message_id,
        person=request.form.get("person"),
        _anchor="preview" if wanted == "preview" else None,
        **{"as": _looked_at()},  # type: ignore[arg-type]  # "as" is a word of Python's
    )
    return redirect(back, 303)


def _overtaken(message: Message) -> str:
    """Show what was typed, and what somebody else saved in the meantime."""
    mine = read_content(request.form)
    form = typed_in(request.form) | {"base": message.latest.number}
    theirs = message.latest
    changes = changed_fields(content_of(theirs), mine)
    return _composer(message.plan, message, form, theirs=theirs, changes=changes)


def _composer(
    plan: Plan,
    message: Message | None,
    form: dict[str, object],
    problems: dict[str, str] | None = None,
    **more: object,
) -> str:
    audiences = audiences_for(current_person())
    chosen = next((one for one in audiences if str(one.id) == str(form.get("audience"))), None)
    people, looked_at_by = _readers(chosen)
    return render_template(
        "messages/compose.html",
        plan=plan,
        message=message,
        form=form,
        problems=problems or {},
        checks=readiness_of(message) if message else [],
        people=people,
        chosen={"as": _looked_at(), "person": looked_at_by},
        forms=FORMS,
        fields=PICKER,
        state_word=state_word,
        **choices(plan, audiences, current_person(), message),
        **more,
    )


def _looked_at() -> str:
    """Return in which form the preview is looked at."""
    wanted = request.values.get("as", "mail")
    return wanted if wanted in FORMS else "mail"


def _readers(audience: Audience | None) -> tuple[list[Person], int]:
    """Return whose copies may be looked at, and whose is: the wanted person's, or the first."""
    wanted = request.values.get("person", type=int)
    people = sample_readers(audience, wanted) or [current_person()]
    return people, wanted if wanted in {one.id for one in people} else people[0].id


def _allowed(plan: Plan, message: Message | None = None) -> tuple[frozenset[int], frozenset[int]]:
    """Return the audiences and activities the form may name; a chosen one stays allowed."""
    audiences = {audience.id for audience in audiences_for(current_person())}
    if message and message.audience_id:
        audiences.add(message.audience_id)
    return frozenset(audiences), frozenset(one.id for one in activities_of(plan))
