"""The part of the schedule form that most people leave alone: parts, quiet hours, what is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from commsplan.delivery.hours import QuietHours, clock, read_quiet_hours
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.delivery.waves import LONGEST_PAUSE, Wave
from commsplan.foundation.dates import ZONES, local_to_utc, utc_to_local

WAVE_ROWS = 3  # on the page
MOST_DIGITS = 7

Problems = dict[str, str]


def read_timing(
    form: Mapping[str, str], usual: QuietHours | None, local_time: datetime | None
) -> tuple[Timing, Problems]:
    """Read when copies go from the start on; what cannot be read is named by its field.

    Args:
        form: what was sent; a form without fields for quiet hours means the usual ones.
        usual: the organisation's quiet hours.
        local_time: the hour on each reader's clock, if that was asked for.
    """
    problems: Problems = {}
    timing = Timing(
        local_time=local_time,
        waves=_waves(form, problems),
        stop_percent=_stop_percent(form, problems),
        quiet=_quiet(form, usual, problems),
        valid_until=_valid_until(form, problems),
        late_policy=_late_policy(form, problems),
    )
    return timing, problems


def written(timing: Timing, zone: str) -> dict[str, str]:
    """Return a timing as the form's fields hold it; moments in a zone."""
    found = {"late": timing.late_policy.value}
    for number, wave in enumerate(timing.waves[:WAVE_ROWS], 1):
        found[f"wave_size_{number}"] = str(wave.percent or wave.count)
        found[f"wave_unit_{number}"] = "percent" if wave.percent else "people"
        found[f"wave_pause_{number}"] = str(wave.pause_minutes)
    if timing.stop_percent is not None:
        found["stop_percent"] = str(timing.stop_percent)
    if timing.quiet:
        found["quiet_from"], found["quiet_until"] = map(
            clock, (timing.quiet.begin, timing.quiet.end)
        )
    if timing.valid_until:
        wall = utc_to_local(timing.valid_until, zone)
        found["valid_date"], found["valid_time"] = f"{wall:%Y-%m-%d}", f"{wall:%H:%M}"
    return found


def is_more(form: Mapping[str, str], usual: QuietHours | None) -> bool:
    """Tell whether a form holds anything that is not as usual."""
    timing, problems = read_timing(form, usual, None)
    return bool(problems) or "local" in form or timing != Timing(quiet=usual)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _waves(form: Mapping[str, str], problems: Problems) -> tuple[Wave, ...]:
    found = []
    for row in range(1, WAVE_ROWS + 1):
        if not form.get(f"wave_size_{row}", "").strip():
            continue
        wave = _wave(form, row)
        if wave is None:
            problems[f"wave_size_{row}"] = _(
                "Part %(row)s needs a number of people or a share from 1 to 99 %%, and a pause of "
                "1 minute up to a week.",
                row=row,
            )
        else:
            found.append(wave)
    if sum(wave.percent or 0 for wave in found) > 100:
        problems["wave_size_1"] = _("The parts are more than everybody together.")
    return tuple(found)


def _wave(form: Mapping[str, str], row: int) -> Wave | None:
    size = _number(form.get(f"wave_size_{row}", ""))
    pause = _number(form.get(f"wave_pause_{row}", ""))
    share = form.get(f"wave_unit_{row}", "percent") == "percent"
    if not size or not pause or pause > LONGEST_PAUSE or (share and size > 99):
        return None
    return Wave(size if share else None, None if share else size, pause)


def _stop_percent(form: Mapping[str, str], problems: Problems) -> int | None:
    if not form.get("stop_percent", "").strip():
        return None
    percent = _number(form["stop_percent"])
    if percent is None or percent > 100:
        problems["stop_percent"] = _("Give a whole number of percent, up to 100.")
    return percent


def _quiet(
    form: Mapping[str, str], usual: QuietHours | None, problems: Problems
) -> QuietHours | None:
    begin, end = form.get("quiet_from"), form.get("quiet_until")
    if begin is None and end is None:
        return usual
    if not begin and not end:
        return None
    try:
        return read_quiet_hours(f"{begin}-{end}")
    except ValueError:
        problems["quiet_from"] = _(
            "Give both ends of the quiet hours; they leave at least two hours of the day."
        )
        return None


def _valid_until(form: Mapping[str, str], problems: Problems) -> datetime | None:
    day, hour = form.get("valid_date", ""), form.get("valid_time", "")
    if not day and not hour:
        return None
    zone = form.get("due_zone", "")
    try:
        wall = datetime.fromisoformat(f"{day}T{hour or '23:59'}")
        if wall.tzinfo is not None or zone not in ZONES:
            raise ValueError(zone)
        return local_to_utc(wall, zone)
    except (ValueError, OverflowError):
        problems["valid"] = _("Give a date and a time, as 2026-10-06 and 17:00.")
        return None


def _late_policy(form: Mapping[str, str], problems: Problems) -> LatePolicy:
    wanted = form.get("late", LatePolicy.ASK.value)
    if wanted in set(LatePolicy):
        return LatePolicy(wanted)
    problems["late"] = _("Say what happens if it is late.")
    return LatePolicy.ASK
