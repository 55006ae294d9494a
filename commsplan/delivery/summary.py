"""What a send's timing means, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.units import format_unit
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from commsplan.delivery.hours import clock, local_moments
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.delivery.waves import Wave, bounds
from commsplan.foundation.dates import city, show_moment, show_wall


def summary_of(
    due_at: datetime | None,
    timing: Timing,
    people: int | None,
    zones: Sequence[str],
    my_zone: str,
) -> list[str]:
    """Say who gets it when, a sentence for each thing that was decided.

    Args:
        due_at: when it starts; none is now.
        timing: when copies go from then on.
        people: how many get one; none while nobody has counted.
        zones: where they are.
        my_zone: in which zone moments are shown.
    """
    return [
        *_start(due_at, timing, zones, my_zone),
        *_parts(timing, people),
        *_limits(timing, my_zone),
    ]


def decided(timing: Timing, people: int | None, my_zone: str) -> list[str]:
    """Say what was decided about a send beside the moment it starts; its page says that itself."""
    local = []
    if timing.local_time is not None:
        wall = show_wall(timing.local_time)
        local = [_("Everybody gets it at their own hour: %(wall)s.", wall=wall)]
    return [*local, *_parts(timing, people), *_limits(timing, my_zone)]


def _start(
    due_at: datetime | None, timing: Timing, zones: Sequence[str], my_zone: str
) -> list[str]:
    if timing.local_time is None:
        if due_at is None:
            return [_("It goes out now.")]
        return [_("It goes out on %(moment)s.", moment=show_moment(due_at, my_zone))]
    wall = show_wall(timing.local_time)
    found = [_("It goes out on %(wall)s by each reader's own clock.", wall=wall)]
    if len(zones) > 1:
        moments = local_moments(timing.local_time, zones)
        first, last = (pick(moments, key=lambda zone: moments[zone]) for pick in (min, max))
        found.append(
            _(
                "That is first in %(first)s, on %(begin)s, and last in %(last)s, on %(end)s. Where "
                "the hour has passed when it starts, it goes out at once.",
                first=city(first),
                begin=show_moment(moments[first], my_zone),
                last=city(last),
                end=show_moment(moments[last], my_zone),
            )
        )
    return found


def _parts(timing: Timing, people: int | None) -> list[str]:
    found = []
    if timing.waves:
        reaches = [0, *bounds(timing.waves, people or 0)]
        for number, wave in enumerate(timing.waves):
            counted = reaches[number + 1] - reaches[number]
            size = _size(wave, None if people is None else counted)
            if number == 0:
                found.append(_("First to %(size)s, drawn by lot.", size=size))
            else:
                pause = _duration(timing.waves[number - 1].pause_minutes)
                found.append(_("%(pause)s later to %(size)s.", pause=pause, size=size))
        pause = _duration(timing.waves[-1].pause_minutes)
        found.append(_("%(pause)s later to everybody else.", pause=pause))
    if timing.stop_percent is not None:
        found.append(
            _(
                "When more than %(percent)s %% of the copies tried so far have failed, it pauses "
                "by itself and waits for a person.",
                percent=timing.stop_percent,
            )
        )
    return found


def _size(wave: Wave, people: int | None) -> str:
    number = wave.count if people is None else people
    counted = str(ngettext("%(num)s person", "%(num)s people", number or 0))
    if wave.percent is None:
        return counted
    if people is None:
        return f"{wave.percent} %"
    return str(_("%(percent)s %% (%(people)s)", percent=wave.percent, people=counted))


def _limits(timing: Timing, my_zone: str) -> list[str]:
    found = []
    if timing.quiet:
        found.append(
            _(
                "Nothing goes out from %(begin)s to %(end)s of a reader's day: those copies wait.",
                begin=clock(timing.quiet.begin),
                end=clock(timing.quiet.end),
            )
        )
    if timing.valid_until:
        until = show_moment(timing.valid_until, my_zone)
        found.append(_("Whoever has not had it by %(moment)s does not get it.", moment=until))
    if timing.late_policy is LatePolicy.SEND:
        found.append(_("If it is late, it goes out all the same."))
    elif timing.late_policy is LatePolicy.SKIP:
        found.append(_("If it is a day late, it does not go out."))
    return found


def _duration(minutes: int) -> str:
    """Return a number of minutes as people say it, "1 hour 30 minutes"."""
    locale = get_locale() or "en"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = (("day", days), ("hour", hours), ("minute", minutes))
    return " ".join(format_unit(n, f"duration-{unit}", locale=locale) for unit, n in units if n)
