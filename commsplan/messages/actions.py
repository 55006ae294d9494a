"""Writing, changing, copying and putting away messages."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import update

from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.markdown import read_body
from commsplan.messages.models import Link, Message, Version
from commsplan.messages.queries import version_of
from commsplan.messages.rendering import content_of
from commsplan.messages.rules import EDITABLE, Content, MessageState, MessageWish
from commsplan.messages.skeleton import action_position
from commsplan.people.models import Person
from commsplan.plans.models import Plan


class Overtaken(NotNow):
    """Somebody saved another version while this one was being written."""


def write_message(plan: Plan, wish: MessageWish, by: Person | None) -> Message:
    """Begin a message with its first version."""
    with transaction() as database:
        message = Message(plan_id=plan.id, state=MessageState.DRAFT, created_at=now_utc())
        _apply(message, wish)
        _add_version(message, wish.content, by)
        database.add(message)
        database.flush()
        record(_name(by), "message.written", f"message {message.id}", after={"plan": plan.id})
    return message


def save_version(message: Message, wish: MessageWish, by: Person | None) -> Version:
    """Save a message; a changed text becomes a new version, an unchanged one does not.

    Raises:
        NotNow: it is scheduled or on its way; what was scheduled must stay what was checked.
        Overtaken: the newest version is not the one this text was made from.
    """
    with transaction() as database:
        database.refresh(message, with_for_update=True)
        if message.state not in EDITABLE:
            raise NotNow(_("This message is no longer a draft. Take it back before changing it."))
        latest = message.latest
        if wish.base != latest.number and wish.content != content_of(latest):
            raise Overtaken(_("Somebody else has saved this message in the meantime."))
        _apply(message, wish)
        message.state = MessageState.DRAFT
        if wish.content == content_of(latest):
            return latest
        version = _add_version(message, wish.content, by)
        database.flush()
        record(
            _name(by),
            "message.saved",
            f"message {message.id}",
            before={"version": latest.number, "hash": latest.content_hash},
            after={"version": version.number, "hash": version.content_hash},
        )
    return version


def bring_back(message: Message, number: int, by: Person | None) -> Version:
    """Make an earlier version's text the newest version."""
    content = content_of(version_of(message, number))
    return save_version(message, wish_of(message, content), by)


def copy_message(message: Message, by: Person | None) -> Message:
    """Begin a new draft with the text of this message."""
    wish = wish_of(message)
    return write_message(message.plan, wish, by)


def remove_message(message: Message, by: Person | None) -> None:
    """Throw a draft away; `restore_message` is the way back.

    Raises:
        NotNow: it is scheduled, on its way or sent.
    """
    with transaction() as database:
        database.refresh(message, with_for_update=True)
        if message.state not in EDITABLE:
            raise NotNow(_("Only a draft can be thrown away."))
        message.removed_at = now_utc()
        record(_name(by), "message.removed", f"message {message.id}")


def restore_message(message: Message, by: Person | None) -> None:
    """Bring a draft back that was thrown away."""
    with transaction():
        message.removed_at = None
        record(_name(by), "message.restored", f"message {message.id}")


def wish_of(message: Message, content: Content | None = None) -> MessageWish:
    """Return a message as somebody would have to wish for it."""
    return MessageWish(
        content=content or content_of(message.latest),
        audience_id=message.audience_id,
        activity_id=message.activity_id,
        purpose=message.purpose,
        contact_id=message.contact_id,
        mandatory=message.mandatory,
        mandated_by_id=message.mandated_by_id,
        base=message.latest.number,
    )


def mark(
    message_id: int, from_states: Collection[MessageState | str], to_state: MessageState | str
) -> bool:
    """Move a message on if it is in one of these states; tell whether it was (compare-and-set)."""
    with transaction() as database:
        moved = database.scalar(
            update(Message)
            .where(Message.id == message_id, Message.state.in_([str(s) for s in from_states]))
            .values(state=str(to_state))
            .returning(Message.id)
        )
    return moved is not None


def _apply(message: Message, wish: MessageWish) -> None:
    message.audience_id = wish.audience_id
    message.activity_id = wish.activity_id
    message.purpose = wish.purpose
    message.contact_id = wish.contact_id
    message.mandatory = wish.mandatory
    message.mandated_by_id = wish.mandated_by_id
    message.action_what = wish.content.action_what
    message.action_due_on = wish.content.action_due_on
    message.action_address = wish.content.action_address
    message.action_otherwise = wish.content.action_otherwise


def _add_version(message: Message, content: Content, by: Person | None) -> Version:
    version = Version(
        number=len(message.versions) + 1,
        content_hash=content.hash,
        author_id=by.id if by else None,
        at=now_utc(),
        **{name: getattr(content, name) for name in content.__dataclass_fields__},
    )
    version.links = [
        Link(position=link.position, address=link.address, words=link.words)
        for link in read_body(content.body).links
    ]
    position = action_position(content)
    if position:
        version.links.append(
            Link(position=position, address=content.action_address, words=content.action_what)
        )
    message.versions.append(version)
    return version


def _name(by: Person | None) -> str:
    return f"person {by.id}" if by else "command line"
