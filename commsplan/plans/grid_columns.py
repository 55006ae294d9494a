"""Find the header of a planning sheet and say what each of its columns holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from commsplan.plans.grid import Cell, Row, Sheet, SheetChoice
from commsplan.plans.grid_dates import Calendar, Day, read_day
from commsplan.plans.grid_words import plain

HEADERS = {
    "title": "activity|activities|topic|item|communication|communications|title|what|task|subject|"
    "action|event|touchpoint|deliverable|name|aktivitat|massnahme|thema|kommunikation|was|titel|"
    "inhalt|aufgabe|activite|action de communication|sujet|quoi|titre|intitule|actividad|tema|"
    "comunicacion|que|titulo|accion|comms activity|activity name",
    "date": "date|day|when|start date|date start|publish date|send date|go live date|due date|due|"
    "timing|planned date|date planned|week|start on|datum|tag|wann|termin|startdatum|beginn datum|"
    "kw|woche|jour|quand|date de debut|semaine|fecha|dia|cuando|fecha de inicio|semana",
    "time": "time|start time|hour|uhrzeit|zeit|startzeit|heure|horaire|heure de debut|hora|horario|"
    "hora de inicio|start|from|beginn|von|debut|de|inicio|desde",
    "end": "end|end time|end date|finish|until|to|date end|ende|endzeit|enddatum|bis|fin|heure de "
    "fin|date de fin|jusqu'a|hasta|fecha de fin|hora de fin",
    "zone": "zone|time zone|timezone|tz|zeitzone|fuseau|fuseau horaire|zona horaria|huso horario",
    "kind": "kind|type|activity type|category|art|typ|kategorie|genre|categorie|tipo|categoria",
    "audience": "audience|audiences|target group|target audience|recipients|recipient|to whom|who "
    "receives|stakeholder|stakeholders|for whom|who for|who is it for|who is this for|zielgruppe|"
    "zielgruppen|empfanger|an wen|fur wen|fuer wen|adressaten|public|public cible|cible|"
    "destinataires|pour qui|a qui|audiencia|publico|destinatarios|publico objetivo|para quien|"
    "a quien",
    "mechanism": "channel|channels|mechanism|medium|media|vehicle|delivery|format|how|tool|"
    "communication channel|delivery method|method|kanal|kanale|mittel|wie|instrument|canal|"
    "canaux|support|moyen|comment|vecteur|canales|medio|como|formato",
    "key_message": "key message|key messages|message|purpose|objective|objectives|content|goal|"
    "why|kernbotschaft|kernbotschaften|botschaft|zweck|ziel|warum|message cle|messages cles|"
    "objectif|but|pourquoi|contenu|mensaje clave|mensaje|objetivo|proposito|por que|contenido",
    "owner": "owner|responsible|accountable|lead|who|sender|author|contact|responsibility|raci|"
    "responsible person|prepared by|verantwortlich|verantwortliche|zustandig|wer|absender|"
    "verantwortung|ansprechpartner|responsable|pilote|qui|porteur|quien|propietario|remitente|"
    "encargado",
    "status": "status|state|progress|done|stand|zustand|fortschritt|statut|etat|avancement|estado|"
    "situacion",
    "frequency": "frequency|cadence|how often|recurrence|haufigkeit|turnus|rhythmus|wie oft|"
    "frequence|periodicite|frecuencia|periodicidad",
    "comments": "comments|comment|notes|note|remarks|remark|details|bemerkung|bemerkungen|"
    "anmerkung|anmerkungen|kommentar|kommentare|notizen|hinweis|hinweise|commentaires|commentaire|"
    "remarques|comentarios|comentario|notas|observaciones",
    "place": "place|location|venue|room|where|ort|raum|wo|lieu|salle|ou|lugar|sala|donde",
    "conference": "link|meeting link|join link|url|dial in|teams link|einwahl|lien|enlace",
    "section": "phase|stage|workstream|work stream|section|wave|stream|etappe|abschnitt|welle|"
    "etape|volet|fase|etapa",
}
_WORDS = {word: name for name, words in HEADERS.items() for word in words.split("|")}
LOOK_AT = 40  # rows from the top in which a header may stand
SAMPLE = 60  # rows below it by which a column is judged
JOINED = frozenset({"comments", "key_message"})
"""Fields that several columns may share; their texts are put together."""


def field_of(header: Cell) -> str | None:
    """Return the field a column's header speaks of: the whole text first, then its parts."""
    words = plain(header) if isinstance(header, str) and len(header) <= 200 else ""
    words = re.sub(r"\([^)]*\)", " ", words)
    words = " ".join(re.sub(r"[^\w&/' -]", " ", words).replace("-", " ").split())
    if not words or len(words) > 60:
        return None
    if words in _WORDS:
        return _WORDS[words]
    parts = [part.strip() for part in re.split(r"/|&|\bor\b|\band\b|\bund\b|\bet\b|\by\b", words)]
    for part in parts:
        if part in _WORDS:
            return _WORDS[part]
    if len(words.split()) <= 4:
        for length in (2, 1):
            for piece in _runs(words.split(), length):
                if piece in _WORDS and len(piece) > 3:
                    return _WORDS[piece]
    return None


def _runs(words: Sequence[str], length: int) -> list[str]:
    """Return neighbouring words, the last ones first: a "project owner" is an owner."""
    spans = range(len(words) - length, -1, -1)
    return [" ".join(words[at : at + length]) for at in spans]


def guess_sheet(sheet: Sheet) -> SheetChoice:
    """Guess how a sheet is to be read.

    1. The header is the row near the top whose cells name most different fields, at least two of
       them and one of them a date or an activity.
    2. Its columns get those fields; a field goes to its first column.
    3. A missing date or title is looked for in what the columns contain.
    """
    header = _find_header(sheet.rows[:LOOK_AT])
    columns = columns_under(sheet, header.number if header else 0)
    below = any(not header or row.number > header.number for row in sheet.rows)
    useful = below and {"title", "date"} <= set(columns.values())
    return SheetChoice(header.number if header else 0, columns, used=useful and not sheet.hidden)


def columns_under(sheet: Sheet, header: int) -> dict[int, str]:
    """Say what each column holds if this row (0: none) is the header."""
    named = next((row for row in sheet.rows if row.number == header), None)
    columns = _name_columns(named) if named else {}
    below = [row for row in sheet.rows if row.number > header][:SAMPLE]
    columns = _fill_from_content(columns, below, sheet.width)
    return _tell_start_from_date(columns, named, below)


def _find_header(rows: Sequence[Row]) -> Row | None:
    best, best_score = None, 1
    for row in rows:
        fields = {field_of(cell) for cell in row.cells} - {None}
        if len(fields) > best_score and fields & {"date", "title", "time"}:
            best, best_score = row, len(fields)
    return best


def is_header(row: Row, columns: Mapping[int, str]) -> bool:
    """Tell whether a row is a header again, as on every printed page."""
    same = sum(field_of(row[column]) == name for column, name in columns.items())
    return same >= 2 and same >= sum(row[column] not in (None, "") for column in columns) - 1


def _name_columns(header: Row) -> dict[int, str]:
    columns: dict[int, str] = {}
    for column, cell in enumerate(header.cells):
        name = field_of(cell)
        if name and (name not in columns.values() or name in JOINED):
            columns[column] = name
    return columns


def _fill_from_content(columns: dict[int, str], rows: Sequence[Row], width: int) -> dict[int, str]:
    """Look for the date and the title where no header names them."""
    named = dict(columns)
    free = [column for column in range(width) if column not in named]
    calendar = Calendar(2000)
    if "date" not in named.values() and rows and free:
        dates = {
            column: sum(isinstance(read_day(row[column], calendar), Day) for row in rows)
            for column in free
        }
        best = max(dates, key=lambda column: dates[column])
        if dates[best] * 2 >= len([row for row in rows if row[best] not in (None, "")]) > 0:
            named[best] = "date"
            free.remove(best)
    if "title" not in named.values() and rows and free and "date" in named.values():
        named[max(free, key=lambda column: sum(_length(row[column]) for row in rows))] = "title"
    return named


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else 0


def _tell_start_from_date(
    columns: dict[int, str], header: Row | None, rows: Sequence[Row]
) -> dict[int, str]:
    """A column "Start" holds times beside a date, and is the date itself where there is none."""
    named = dict(columns)
    times = [column for column, name in named.items() if name == "time"]
    if not header or not times:
        return named
    column = times[0]
    dated = sum(_looks_dated(row[column]) for row in rows)
    filled = sum(row[column] not in (None, "") for row in rows)
    if filled and dated * 2 > filled:
        replaced = {key for key, name in named.items() if name == "date"}
        if not replaced or not any(_looks_dated(row[key]) for key in replaced for row in rows):
            named = {key: name for key, name in named.items() if key not in replaced}
            named[column] = "date"
    return named


def _looks_dated(cell: Cell) -> bool:
    if isinstance(cell, datetime | date):
        return not isinstance(cell, datetime) or cell.year > 1901
    if isinstance(cell, time) or cell is None:
        return False
    return isinstance(read_day(cell, Calendar(2000)), Day)
