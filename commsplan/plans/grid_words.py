"""The words teams use for kinds and states of activities, in four languages."""

from __future__ import annotations

import re
import unicodedata

KIND_WORDS = (
    (
        "survey",
        "survey|pulse|poll|questionnaire|feedback form|umfrage|befragung|sondage|enquete|encuesta",
    ),
    (
        "training",
        "training|trainings|workshop|webinar|e-?learning|course|drill|exercise|schulung|"
        "lernmodul|ubung|kurs|formation|atelier|formacion|taller|curso|capacitacion",
    ),
    (
        "deadline",
        "deadline|due|go-?live|cut-?over|milestone|effective date|freeze|launch day|frist|stichtag|"
        "meilenstein|inkrafttreten|echeance|jalon|date limite|entree en vigueur|plazo|fecha limite|"
        "hito|entrada en vigor",
    ),
    (
        "meeting",
        "meeting|meetings|town ?hall|all-?hands|call|q ?& ?a|q and a|briefing|huddle|stand-?up|1:1|"
        "one-to-one|roadshow|conference|site visit|sitzung|besprechung|termin|versammlung|"
        "betriebsversammlung|fragestunde|sprechstunde|reunion|assemblee|visio|reunion informativa|"
        "asamblea|llamada|sesion",
    ),
    ("chat", "chat|teams|slack|viva engage|yammer|whatsapp|channel post|post|canal"),
    (
        "announcement",
        "e-?mail|mail|newsletter|intranet|announcement|letter|poster|posters|notice|article|blog|"
        "video|rundschreiben|brief|aushang|ankundigung|mitteilung|courriel|annonce|affiche|lettre|"
        "correo|boletin|anuncio|cartel|carta|circular",
    ),
)
"""Tried in this order: a survey sent by e-mail is a survey, a Teams call a meeting."""

KINDS = frozenset(kind for kind, _words in KIND_WORDS)
_KINDS = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in KIND_WORDS)

STATUS_WORDS = {
    "planned": "planned plan draft open todo to-do proposed new tbc tbd pending scheduled "
    "not-started in-progress tentative ongoing in-preparation geplant offen entwurf neu in-arbeit "
    "in-vorbereitung prevu planifie a-faire brouillon en-cours previsto planificado pendiente "
    "borrador en-curso prevue planifiee prevista planificada amber yellow",
    "confirmed": "confirmed approved booked agreed final fixed ok ready signed-off yes green "
    "bestatigt freigegeben abgestimmt fix gebucht fertig confirme valide approuve reserve "
    "confirmado aprobado reservado listo confirmee validee approuvee confirmada aprobada reservada "
    "lista",
    "done": "done sent complete completed finished published delivered closed held erledigt "
    "versendet verschickt abgeschlossen veroffentlicht durchgefuhrt fait envoye termine publie "
    "hecho enviado terminado publicado completado realizado faite envoyee terminee publiee hecha "
    "enviada terminada publicada completada realizada",
    "cancelled": "cancelled canceled dropped stopped withdrawn no-longer-needed n/a abgesagt "
    "storniert entfallt gestrichen entfallen annule supprime abandonne cancelado anulado "
    "descartado annulee supprimee abandonnee cancelada anulada descartada",
}
_STATES = {word: state for state, words in STATUS_WORDS.items() for word in words.split()}


def plain(text: str) -> str:
    """Return text as words are compared: small letters, no accents, single spaces."""
    loose = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in loose if not unicodedata.combining(sign)).split())


def kind_of(text: str) -> str | None:
    """Return the kind of activity a channel or a title speaks of, or None."""
    words = plain(text[:300])
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), None)


def status_of(text: str) -> str | None:
    """Return the state a word stands for, or None for a word nobody taught us."""
    words = plain(text[:60]).strip(" .!✓✔").replace(" ", "-")
    if words in _STATES:
        return _STATES[words]
    return _STATES.get(words.split("-")[0]) if words else None
