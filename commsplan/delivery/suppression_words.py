"""Why nothing is sent to an address and why copies came back, in the reader's words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.bounce_rules import Kind
from commsplan.delivery.suppressions import BY_HAND, COMPLAINT, HARD, SOFT

REASON_WORDS = {
    HARD: lazy_gettext("There is no such mailbox"),
    SOFT: lazy_gettext("Mail came back several times"),
    COMPLAINT: lazy_gettext("A complaint"),
    BY_HAND: lazy_gettext("Put on the list by hand"),
}
REASON_KINDS = {HARD: "bad", SOFT: "warn", COMPLAINT: "warn", BY_HAND: "neutral"}

READER_WORDS = {
    HARD: lazy_gettext("your mail server said that there is no mailbox with this address."),
    SOFT: lazy_gettext(
        "mail to it came back on three different days, for instance because the mailbox was full."
    ),
    COMPLAINT: lazy_gettext("our mail was reported as unwanted."),
    BY_HAND: lazy_gettext("somebody of the communications team put it on the list."),
}
"""The end of "We stopped sending mail to …, because …"."""

KIND_WORDS = {
    Kind.HARD: lazy_gettext("Nobody can be reached there"),
    Kind.SOFT: lazy_gettext("It could not be delivered this time"),
}
STATUS_WORDS = {
    "5.1.1": lazy_gettext("no such mailbox"),
    "5.1.10": lazy_gettext("no such mailbox"),
    "5.1.2": lazy_gettext("no such domain"),
    "5.1.3": lazy_gettext("not an address"),
    "5.1.6": lazy_gettext("the mailbox has moved"),
    "5.2.1": lazy_gettext("the mailbox is disabled"),
    "5.2.2": lazy_gettext("the mailbox is full"),
    "4.2.2": lazy_gettext("the mailbox is full"),
    "5.2.3": lazy_gettext("the message is too long"),
    "5.3.4": lazy_gettext("the message is too long"),
    "5.4.1": lazy_gettext("no such mailbox, or no answer"),
    "5.4.4": lazy_gettext("no way to this domain"),
    "4.4.7": lazy_gettext("it took too long"),
    "5.4.7": lazy_gettext("it took too long"),
    "5.7.1": lazy_gettext("refused by a rule of the receiver"),
}
"""What the usual codes mean (RFC 3463); others are shown as they are."""


def status_word(status: str) -> str:
    """Return what an enhanced status code means."""
    if not status:
        return str(_("without a code"))
    return str(STATUS_WORDS.get(status) or _("code %(status)s", status=status))


def state_of(entry: SuppressedAddress, ended: bool) -> tuple[str, str]:
    """Return kind and words of where an entry stands."""
    if entry.lifted_at is not None:
        return "good", str(_("mail goes there again"))
    if ended:
        return "good", str(_("ended by itself"))
    if entry.appealed_at is not None and entry.refused_at is None:
        return "warn", str(_("says that it works"))
    return "bad", str(_("nothing is sent"))
