"""What people write for a country, a zone, a language or a day, turned into one spelling each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from commsplan.foundation.dates import ZONES
from commsplan.people.import_columns import plain

SPOKEN = ("en", "de", "fr", "es")
"""The languages in which names of countries and languages are understood."""
OWN_NAMES = (
    "ar", "bg", "cs", "da", "el", "et", "fi", "he", "hr", "hu", "it", "ja", "ko", "lt", "lv", "nb",
    "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "zh",
)  # fmt: skip
"""Languages whose name for themselves is understood too."""
EXCEL_EPOCH = date(1899, 12, 30)  # serial 1 is 1 January 1900; Excel counts a 29 February too many
EXCEL_DAYS = range(10_000, 80_000)  # 1927 to 2119
CACHED = 20_000  # spellings; a list holds few different ones

_COUNTRIES = {
    "uk": "GB", "greatbritain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "usa": "US", "unitedstatesofamerica": "US", "america": "US",
    "vereinigtestaatenvonamerika": "US", "etatsunisdamerique": "US", "eeuu": "US",
    "holland": "NL", "czechrepublic": "CZ",
    "tschechischerepublik": "CZ", "turkey": "TR", "southkorea": "KR", "russianfederation": "RU",
    "aut": "AT", "bel": "BE", "bgr": "BG", "bra": "BR", "can": "CA", "che": "CH", "chn": "CN",
    "cze": "CZ", "deu": "DE", "dnk": "DK", "esp": "ES", "est": "EE", "fin": "FI", "fra": "FR",
    "gbr": "GB", "grc": "GR", "hrv": "HR", "hun": "HU", "ind": "IN", "irl": "IE", "isr": "IL",
    "ita": "IT", "jpn": "JP", "ltu": "LT", "lux": "LU", "lva": "LV", "mex": "MX", "nld": "NL",
    "nor": "NO", "pol": "PL", "prt": "PT", "rou": "RO", "sgp": "SG", "svk": "SK", "svn": "SI",
    "swe": "SE", "tur": "TR", "ukr": "UA", "zaf": "ZA", "aus": "AU", "nzl": "NZ", "arg": "AR",
}  # fmt: skip
_ZONES = {
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin", "eet": "Europe/Athens", "wet": "Europe/Lisbon",
    "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "jst": "Asia/Tokyo", "z": "UTC",
}  # fmt: skip
LOCAL_LIMIT = 64  # characters before the @; RFC 5321 section 4.5.3.1.1
INTRANET = frozenset({"local", "test"})
"""Top domains that the public internet does not have, and organisations do."""
_LONGEST = "x" * LOCAL_LIMIT + "@"
_DOT_ATOM = re.compile(r"[A-Za-z0-9_+'-]+(?:\.[A-Za-z0-9_+'-]+)*")
_OFFSET = re.compile(r"(?:(?:utc|gmt|etc/gmt)\s*[+-]|[+-])\s*\d{1,2}(?::?\d{2})?", re.IGNORECASE)


class Misread(ValueError):
    """A cell that cannot be understood; the message says why, in the reader's words."""


class DayOrder(StrEnum):
    """What the first number of 03/04/2025 is, as far as the whole column tells."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    UNKNOWN = "unknown"


def read_email(cell: str) -> str:
    """Return an address in lower case, checked for its form only.

    A list holds many addresses of few domains, so each domain is checked once.
    """
    local, at, domain = cell.rpartition("@")
    try:
        if at and len(local) <= LOCAL_LIMIT and _DOT_ATOM.fullmatch(local):
            return f"{local}@{_mail_domain(domain)}".lower()
        return validate_email(cell, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Misread(_("“%(cell)s” is not an e-mail address.", cell=cell[:80])) from error


@lru_cache(CACHED)
def _mail_domain(domain: str) -> str:
    stem, dot, top = domain.rpartition(".")
    if top.lower() not in INTRANET:
        return validate_email(_LONGEST + domain, check_deliverability=False).domain
    checked = validate_email(f"{_LONGEST}{stem}{dot}example", check_deliverability=False)
    return checked.domain.removesuffix("example") + top


@lru_cache(CACHED)
def read_country(cell: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country given by code or name."""
    code = cell.strip().upper()
    if code in _territories().values():
        return code
    found = _COUNTRIES.get(plain(cell)) or _territories().get(plain(cell))
    if found is None:
        raise Misread(_("“%(cell)s” is not a country we know.", cell=cell[:80]))
    return found


@lru_cache(CACHED)
def read_zone(cell: str) -> str:
    """Return the IANA time zone for an IANA name, a Windows name or a usual abbreviation."""
    word = cell.strip().replace(" ", "_").lower()
    if word in _ZONES:
        return _ZONES[word]
    if _OFFSET.fullmatch(cell.strip()):
        raise Misread(
            _(
                "The time zone “%(cell)s” ignores summer time; write a place, as in Europe/Berlin.",
                cell=cell[:80],
            )
        )
    found = (
        _zone_names().get(word)
        or _windows_zones().get(cell.strip().lower())
        or _zones_by_city().get(word)
    )
    if found is None:
        raise Misread(
            _("“%(cell)s” is not a time zone; write it as in Europe/Berlin.", cell=cell[:80])
        )
    return found


@lru_cache
def zone_of_country(country: str) -> str:
    """Return the zone of a country whose clocks all show the same; otherwise an empty text."""
    zones = _zones_by_country().get(country, [])
    days = [datetime(2026, month, 15, 12) for month in (1, 4, 7, 10)]  # noqa: DTZ001  # wall clock
    clocks = {tuple(ZoneInfo(zone).utcoffset(day) for day in days) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""


@lru_cache(CACHED)
def read_language(cell: str) -> str:
    """Return the BCP 47 tag of a language given by code ("de", "de_AT") or name."""
    word = cell.strip().replace("_", "-")
    parts = word.split("-")
    if parts[0].lower() in _languages().values() and len(parts) <= 3:
        tail = [part.title() if len(part) == 4 else part.upper() for part in parts[1:]]
        return "-".join([parts[0].lower(), *tail])[:16]
    found = _languages().get(plain(cell))
    if found is None:
        raise Misread(_("“%(cell)s” is not a language we know.", cell=cell[:80]))
    return found


def order_of_days(cells: Iterable[str]) -> DayOrder:
    """Tell from a whole column whether 03/04/2025 begins with the day or with the month."""
    day_first = month_first = False
    for cell in cells:
        if found := _SLASHED.match(cell):
            day_first = day_first or int(found[1]) > 12
            month_first = month_first or int(found[2]) > 12
    if day_first == month_first:  # nothing tells, or the column contradicts itself
        return DayOrder.UNKNOWN
    return DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?: .*)?$")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: .*)?$")


_DAY_IN_WORDS = re.compile(
    r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er)?[\s-]*(?:de |of )?(?P<month>[^\W\d_]+)\.?,?"
    r"(?: de)?[\s-]+(?P<year>\d{4})$",
    re.IGNORECASE,
)
_MONTH_IN_WORDS = re.compile(
    r"(?P<month>[^\W\d_]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})$",
    re.IGNORECASE,
)


def read_day(cell: str, order: DayOrder = DayOrder.UNKNOWN) -> date:
    """Return the day written as 2025-12-31, 31.12.2025, 12/31/2025, 31/12/2025 or as in Excel."""
    if cell.isdecimal() and int(cell) in EXCEL_DAYS:
        return EXCEL_EPOCH + timedelta(days=int(cell))
    try:
        if found := _ISO.match(cell) or _COMPACT.match(cell):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DOTTED.match(cell):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _SLASHED.match(cell):
            return _slashed(int(found[1]), int(found[2]), int(found[3]), order)
        if found := _DAY_IN_WORDS.match(cell) or _MONTH_IN_WORDS.match(cell):
            return date(
                int(found["year"]), _months().get(plain(found["month"]), 0), int(found["day"])
            )
    except ValueError as error:
        if isinstance(error, Misread):
            raise
    raise Misread(_("“%(cell)s” is not a date; write it as in 2025-12-31.", cell=cell[:80]))


def _slashed(first: int, second: int, year: int, order: DayOrder) -> date:
    if order is DayOrder.UNKNOWN and first <= 12 and second <= 12 and first != second:
        raise Misread(
            _(
                "“%(cell)s” can be read in two ways; write it as in 2025-12-31.",
                cell=f"{first}/{second}/{year}",
            )
        )
    day_first = order is DayOrder.DAY_FIRST if order is not DayOrder.UNKNOWN else first > 12
    return date(year, second, first) if day_first else date(year, first, second)


@lru_cache
def _territories() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in SPOKEN:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "QO"):
                names.setdefault(plain(name), code)
    return names


@lru_cache
def _languages() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in SPOKEN:
        for code, name in Locale(language).languages.items():
            if "_" not in code and len(code) <= 3:
                names.setdefault(plain(name), code)
    for code in OWN_NAMES:
        names.setdefault(plain(Locale(code).get_display_name(code) or code), code)
    return names


@lru_cache
def _zone_names() -> dict[str, str]:
    return {zone.lower(): zone for zone in ZONES}


@lru_cache
def _zones_by_city() -> dict[str, str]:
    """Return the zones whose last part no other zone has: Paris is Europe/Paris."""
    zones: dict[str, list[str]] = defaultdict(list)
    for zone in ZONES:
        area, _slash, city = zone.rpartition("/")
        if area and area not in ("Etc", "SystemV"):
            zones[city.lower()].append(zone)
    return {city: found[0] for city, found in zones.items() if len(found) == 1}


@lru_cache
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in SPOKEN:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(language).months[context][width].items():
                    names.setdefault(plain(name), number)
    return names


@lru_cache
def _windows_zones() -> dict[str, str]:
    return {name.lower(): zone for name, zone in get_global("windows_zone_mapping").items()}


@lru_cache
def _zones_by_country() -> dict[str, list[str]]:
    """Read zone.tab of the tz database: country, coordinates, zone, comment."""
    zones: dict[str, list[str]] = defaultdict(list)
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    for row in table.splitlines():
        if row and not row.startswith("#"):
            country, _place, zone = row.split("\t")[:3]
            zones[country].append(zone)
    return dict(zones)
