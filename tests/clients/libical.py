"""libical by its C functions: Evolution, GNOME Calendar and KOrganizer read with it.

Shapes of the structures: libical 3, icaltime.h, icalduration.h, icalcomponent.h.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.clients.seen import Seen

ANY, VEVENT = 1, 4  # enum icalcomponent_kind: ICAL_ANY_COMPONENT, ICAL_VEVENT_COMPONENT
MISSING = "libical is not here: run tests/install-clients (Debian: apt-get install libical3)."


class Time(ctypes.Structure):
    """struct icaltimetype."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        *(("is_date", ctypes.c_int), ("is_daylight", ctypes.c_int), ("zone", ctypes.c_void_p)),
    ]


class Span(ctypes.Structure):
    """struct icaltime_span."""

    _fields_ = [("start", ctypes.c_long), ("end", ctypes.c_long), ("is_busy", ctypes.c_int)]


Each = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Span), ctypes.c_void_p)


@dataclass(frozen=True)
class Reading:
    """What libical makes of a calendar."""

    errors: int
    """X-LIC-ERROR properties that the parser left where it stumbled."""
    restrictions_kept: bool
    """Whether the counts of properties are as RFC 5545/5546 want them."""
    seen: list[Seen]


def read(raw: bytes, since: datetime, until: datetime) -> Reading:
    """Read a calendar with libical and expand it between two instants."""
    library = _library()
    root = library.icalparser_parse_string(raw)
    if not root:
        raise AssertionError("libical reads nothing at all.")
    kept = library.icalrestriction_check(root)
    events = [*_events(library, root)]
    seen = [one for event in events for one in _expanded(library, event, since, until)]
    errors = library.icalcomponent_count_errors(root)
    library.icalcomponent_free(root)
    return Reading(errors, bool(kept), _without_replaced(seen))


Occurrence = tuple[str, datetime, datetime | None, Seen]
"""UID, start as the rule has it, what it replaces, and what is shown."""


def _without_replaced(found: list[Occurrence]) -> list[Seen]:
    replaced = {(uid, instead) for uid, _starts, instead, _seen in found if instead}
    return [
        seen
        for uid, starts, instead, seen in found
        if instead is not None or (uid, starts) not in replaced
    ]


def _expanded(
    library: ctypes.CDLL, event: int, since: datetime, until: datetime
) -> list[Occurrence]:
    found: list[Occurrence] = []
    uid = library.icalcomponent_get_uid(event).decode()
    title = library.icalcomponent_get_summary(event).decode()
    starts = library.icalcomponent_get_dtstart(event)
    instead = _replaced(library, event)

    def each(_event: int, span: ctypes._Pointer[Span], _data: int) -> None:
        begins, ends = (_moment(one) for one in (span.contents.start, span.contents.end))
        shown = Seen(title, _spoken(begins, starts), _spoken(ends, starts))
        found.append((uid, begins, instead, shown))

    library.icalcomponent_foreach_recurrence(event, _time(since), _time(until), Each(each), None)
    return found


def _events(library: ctypes.CDLL, root: int) -> Iterator[int]:
    event = library.icalcomponent_get_first_component(root, VEVENT)
    while event:
        yield event
        event = library.icalcomponent_get_next_component(root, VEVENT)


def _replaced(library: ctypes.CDLL, event: int) -> datetime | None:
    kind = library.icalproperty_string_to_kind(b"RECURRENCE-ID")
    which = library.icalcomponent_get_first_property(event, kind)
    if not which:
        return None
    time = library.icalproperty_get_datetime_with_component(which, event)
    return _moment(library.icaltime_as_timet_with_zone(time, time.zone))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _spoken(moment: datetime, starts: Time) -> str:
    if starts.is_date:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'Z' if starts.zone else ''}"


def _time(moment: datetime) -> Time:
    return Time(*moment.timetuple()[:6], 0, 0, None)


def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("ical") or "libical.so.3"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise AssertionError(MISSING) from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for function, result, arguments in (
        ("icalparser_parse_string", pointer, [text]),
        ("icalrestriction_check", ctypes.c_int, [pointer]),
        ("icalcomponent_count_errors", ctypes.c_int, [pointer]),
        ("icalcomponent_free", None, [pointer]),
        ("icalcomponent_get_first_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_next_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_uid", text, [pointer]),
        ("icalcomponent_get_summary", text, [pointer]),
        ("icalcomponent_get_dtstart", Time, [pointer]),
        ("icalproperty_string_to_kind", ctypes.c_int, [text]),
        ("icalcomponent_get_first_property", pointer, [pointer, ctypes.c_int]),
        ("icalproperty_get_datetime_with_component", Time, [pointer, pointer]),
        ("icaltime_as_timet_with_zone", ctypes.c_long, [Time, pointer]),
        ("icalcomponent_foreach_recurrence", None, [pointer, Time, Time, Each, pointer]),
    ):
        found = getattr(library, function)
        found.restype, found.argtypes = result, arguments
    return library
