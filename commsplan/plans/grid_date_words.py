"""The shapes in which dates are written, and their words in four languages.

Everything is compared as `grid_words.plain` leaves it: small letters, no accents.
"""

from __future__ import annotations

import re

MONTHS = (
    "january jan januar janner janvier janv enero ene",
    "february feb februar fevrier fev fevr febrero",
    "march mar marz mrz maerz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug aout agosto ago",
    "september sep sept septembre septiembre set",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic",
)
MONTH_NUMBERS = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}
MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
WEEKDAYS = (
    "monday mon mo montag lundi lun lunes",
    "tuesday tues tue di dienstag mardi mar martes",
    "wednesday wed mi mittwoch mercredi mer miercoles mie",
    "thursday thurs thu do donnerstag jeudi jeu jueves jue",
    "friday fri fr freitag vendredi ven viernes vie",
    "saturday sat sa samstag sonnabend samedi sam sabado sab",
    "sunday sun so sonntag dimanche dim domingo dom",
)
WEEKDAY_NUMBERS = {word: number for number, words in enumerate(WEEKDAYS) for word in words.split()}
WEEKDAY = re.compile(
    rf"\b({'|'.join(sorted(WEEKDAY_NUMBERS, key=len, reverse=True))})\b\.?,?(?=\s*\d|\s+\w|\)|$)"
)
WEEK_OF = re.compile(
    r"^(?:w/c|wc|w\.c\.|week commencing|week of|week beginning|w/b|woche vom|woche ab|"
    r"semaine du|semana del?)\s+"
)
WEEK_NUMBER = re.compile(
    r"^(?:kw|cw|calendar week|kalenderwoche|week|wk|woche|semaine|sem|semana|w)\.?\s*(\d{1,2})"
    r"(?:\s*[/, -]?\s*(\d{4}))?$|^(\d{4})-?w(\d{2})$"
)
LEADING = re.compile(
    r"^(?:on|from|starting|as of|by|until|before|due|am|ab|ab dem|bis|bis zum|vom|von|seit|le|"
    r"du|des|a partir du|el|desde el|del|al|ca\.?|approx\.?|~)\s+(?=\d|" + MONTH + ")"
)
VAGUE = re.compile(
    r"\b(?:early|mid|late|end|begin\w*|start|anfang|mitte|ende|debut|fin|mi|"
    r"principios|mediados|finales)\b"
)
QUARTER = re.compile(r"^(?:q\s?[1-4]|[1-4]\.?\s?quarta\w*|t[1-4]|h[12])(?:\s*[/ -]?\s*\d{2,4})?$")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
NUMERIC = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})(?:\s?\2\s?(\d{4}|\d{2}))?\.?")
DAY_MONTH = re.compile(
    rf"(\d{{1,2}})\s*(?:st|nd|rd|th|er|\.)?[\s-]*(?:of\s+|de\s+)?({MONTH})\b\.?,?"
    r"[\s-]*(?:(?:de\s+|del\s+)?(\d{4}|'?\d{2}))?"
)
MONTH_DAY = re.compile(rf"({MONTH})\.?\s*(\d{{1,2}})(?!\d)(?:st|nd|rd|th)?,?\s*(\d{{4}}|'\d{{2}})?")
MONTH_YEAR = re.compile(rf"({MONTH})\.?(?:\s*(?:de\s+)?(\d{{4}}|'?\d{{2}}))?")
BETWEEN = re.compile(
    r"\s*[–—]\s*|\s+-\s+|(?<=[\d.])-(?=\d|[a-z])|\s+(?:to|bis|until|till|through|au|al|a|and|und)"
    r"(?:\s+(?:zum|dem|the))?\s+|(?<=\d)/(?=\d)|\s*/\s*(?=\d{4}-)"
)
