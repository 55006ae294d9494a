"""Which column of a staff list means what, by the names that HR systems give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from flask_babel import gettext as _

from commsplan.foundation.errors import Unreadable

HEADER_WITHIN = 10  # rows; above a header there may be a title
ATTRIBUTES_LIMIT = 100
ATTRIBUTE_NAME_LIMIT = 100  # characters

_NAMES = {
    "email": "e-mail, mail, work email, work mail, email address, e-mail address, business email,"
    " company email, mail address, primary email, user principal name, upn,"
    " e-mail-adresse, mailadresse, dienstliche e-mail, courriel, adresse e-mail,"
    " adresse électronique, mél, correo, correo electrónico, e-mail de trabajo",
    "name": "name, full name, display name, employee name, employee, person, preferred name,"
    " vollständiger name, mitarbeiter, mitarbeitername, anzeigename, nom complet,"
    " nom et prénom, nombre completo, nombre y apellidos",
    "first_name": "first name, given name, forename, firstname, vorname, rufname, prénom, nombre",
    "last_name": "last name, surname, family name, lastname, nachname, familienname,"
    " nom, nom de famille, apellido, apellidos",
    "department": "department, dept, department name, organisation unit, organization unit,"
    " organisational unit, organizational unit, org unit, business unit, unit, division,"
    " abteilung, bereich, organisationseinheit, service, département, departamento, área",
    "location": "location, site, office, city, work location, office location, town,"
    " standort, ort, stadt, büro, arbeitsort, site de travail, lieu, lieu de travail, ville,"
    " bureau, ubicación, sede, ciudad, oficina, centro de trabajo",
    "country": "country, country code, country/region, country region, nation, work country,"
    " land, ländercode, länderkürzel, pays, code pays, país, código de país",
    "zone": "time zone, timezone, tz, iana time zone, zeitzone, fuseau horaire, fuseau,"
    " zona horaria, huso horario",
    "language": "language, preferred language, language code, locale, correspondence language,"
    " sprache, bevorzugte sprache, sprachcode, langue, langue préférée, idioma, lengua",
    "manager_email": "manager e-mail, manager mail, manager, manager email address,"
    " manager's email, managers email, line manager, line manager email, supervisor,"
    " supervisor email, reports to, reports to email, boss,"
    " vorgesetzter, vorgesetzte, vorgesetzte e-mail, e-mail vorgesetzter,"
    " e-mail des vorgesetzten, vorgesetzten-e-mail, führungskraft, e-mail führungskraft,"
    " responsable, e-mail du responsable, e-mail responsable, courriel du responsable,"
    " supérieur, supérieur hiérarchique, correo del responsable, jefe, correo del jefe",
    "title": "title, job title, position, role, job, job role, position title,"
    " titel, stelle, stellenbezeichnung, funktion, berufsbezeichnung, poste, fonction,"
    " intitulé du poste, puesto, cargo",
    "employment": "employment type, employment, employee type, contract type, contract,"
    " type of contract, type of employment, worker type, employment status,"
    " beschäftigungsart, vertragsart, anstellungsart, type de contrat, type d'emploi, contrat,"
    " tipo de contrato, tipo de empleo, contrato",
    "started_on": "start date, started on, hire date, date of hire, joined, joining date,"
    " date joined, entry date, start, first day, eintrittsdatum, eintritt, beginn,"
    " date d'entrée, date d'embauche, date de début, fecha de inicio, fecha de alta,"
    " fecha de contratación, fecha de ingreso",
    "external_id": "external id, employee number, employee id, employee no, personnel number,"
    " personnel id, staff number, staff id, staff no, payroll number, worker id, person id,"
    " personalnummer, personal-nr, mitarbeiternummer, matricule, numéro d'employé,"
    " número de empleado, id de empleado",
}


def plain(header: str) -> str:
    """Return a header without case, accents, blanks and punctuation: "E-Mail *" is "email"."""
    letters = unicodedata.normalize("NFKD", header.casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in letters if not unicodedata.combining(c)))


_FIELD_OF = {plain(name): field for field, names in _NAMES.items() for name in names.split(",")}


@dataclass(frozen=True)
class Columns:
    """How the columns of one file were understood."""

    header: list[str]
    """Their names as they stand there."""
    fields: dict[str, int]
    """Our field → position."""
    further: dict[int, str]
    """Position → name of the attribute it becomes."""
    line: int
    """Line on which the header begins."""

    @property
    def width(self) -> int:
        """How many cells a whole row has; unnamed columns at the end do not count."""
        return max((at for at, name in enumerate(self.header, 1) if name), default=0)

    @property
    def given(self) -> frozenset[str]:
        """The fields of Person that this file speaks about; others stay as they are."""
        return given_fields([*self.fields, *([""] if self.further else [])])


def given_fields(columns: Iterable[str]) -> frozenset[str]:
    """Return the fields of Person for the fields of columns; "" stands for a further column."""
    names = set(columns)
    if "" in names:
        names.add("attributes")
    if "last_name" in names:
        names.add("name")
    if "country" in names:
        names.add("zone")  # where a country has one zone
    return frozenset(names)


def read_columns(rows: Iterator[tuple[int, list[str]]]) -> Columns:
    """Find the header among the first rows and understand it.

    Raises:
        Unreadable: the file is empty, or names no e-mail address or no name; the sentence says
            which columns were seen.
    """
    first = next(rows, None)
    if first is None:
        raise Unreadable(_("The file is empty. It needs a row of column names and one per person."))
    for line, cells in chain([first], islice(rows, HEADER_WITHIN - 1)):
        if any(_FIELD_OF.get(plain(cell)) == "email" for cell in cells):
            return _understood(line, cells)
    raise Unreadable(
        _(
            "No column is called e-mail. The columns seen are: %(seen)s. Needed are e-mail and"
            " name (or first name and last name).",
            seen=", ".join(cell for cell in first[1] if cell)[:500],
        )
    )


def _understood(line: int, header: list[str]) -> Columns:
    fields: dict[str, int] = {}
    further: dict[int, str] = {}
    for position, cell in enumerate(header):
        field = _FIELD_OF.get(plain(cell))
        if field and field not in fields:
            fields[field] = position
        elif cell and len(further) < ATTRIBUTES_LIMIT:
            further[position] = _unlike(cell[:ATTRIBUTE_NAME_LIMIT], further)
    if "name" not in fields and "first_name" in fields and "last_name" not in fields:
        fields["name"] = fields.pop("first_name")  # Spanish "nombre" alone is the whole name
    if "name" not in fields and "first_name" not in fields and "last_name" in fields:
        fields["name"] = fields.pop("last_name")  # French "nom" alone is the whole name
    if "name" not in fields and "last_name" not in fields:
        raise Unreadable(
            _(
                "No column is called name. The columns seen are: %(seen)s. Needed are e-mail and"
                " name (or first name and last name).",
                seen=", ".join(cell for cell in header if cell)[:500],
            )
        )
    return Columns(header, fields, further, line)


def _unlike(name: str, taken: dict[int, str]) -> str:
    """Return a name that no other column has: "Note", then "Note 2"."""
    number, free = 1, name
    while free in taken.values():
        number += 1
        free = f"{name[: ATTRIBUTE_NAME_LIMIT - 5]} {number}"
    return free
