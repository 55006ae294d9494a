"""How the calendars one can subscribe to are called, and what they are about."""

from __future__ import annotations

from flask_babel import lazy_gettext

from commsplan.calendars.rules import FeedKind

TITLES = {
    FeedKind.MINE: lazy_gettext("Everything that concerns me"),
    FeedKind.DEADLINES: lazy_gettext("My deadlines"),
    FeedKind.MEETINGS: lazy_gettext("My meetings and trainings"),
    FeedKind.SURVEYS: lazy_gettext("My surveys"),
    FeedKind.CHANGES: lazy_gettext("Change calendar"),
    FeedKind.BLACKOUTS: lazy_gettext("When nothing is changed"),
}
ABOUT = {
    FeedKind.DEADLINES: lazy_gettext("What has to be done by when, in all plans."),
    FeedKind.MEETINGS: lazy_gettext("What I am asked to come to."),
    FeedKind.SURVEYS: lazy_gettext("When questions are asked, and until when."),
    FeedKind.CHANGES: lazy_gettext("What changes in the organisation, and when."),
    FeedKind.BLACKOUTS: lazy_gettext("Freezes and quiet times of the whole organisation."),
}
