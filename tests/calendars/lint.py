"""What no validator catches and what made real clients stumble: our own check of a feed."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Z][A-Z0-9-]*")
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "X-WR-CALDESC"}
ESCAPED = re.compile(r"\\[\\;,nN]")
STAMP = re.compile(r"\d{8}T\d{6}Z")
DAY = re.compile(r"\d{8}")
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "TRANSP"}


def complaints(raw: bytes) -> list[str]:
    """Return everything that is wrong with a feed; nothing if it is right."""
    found = _bytes(raw)
    lines = unfold(raw)
    if lines[:2] != ["BEGIN:VCALENDAR", "VERSION:2.0"] or lines[-1] != "END:VCALENDAR":
        found.append("no calendar around it")
    for line in lines:
        found += _line(line)
    events = events_of(lines)
    if not events:
        found.append("no event")
    for event in events:
        found += _event(event)
    uids = [event["UID"][0] for event in events if "UID" in event]
    if len(uids) != len(set(uids)):
        found.append("a UID twice")
    return found


def unfold(raw: bytes) -> list[str]:
    """Return the content lines."""
    return raw.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def events_of(lines: list[str]) -> list[dict[str, list[str]]]:
    """Return each event's properties: name with parameters → values."""
    events: list[dict[str, list[str]]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and ":" in line and line != "END:VEVENT":
            name, _, value = line.partition(":")
            events[-1].setdefault(name.split(";")[0], []).append(value)
    return events


def _bytes(raw: bytes) -> list[str]:
    found = []
    if not raw.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        found.append("a line does not end in CRLF")
    for line in raw.split(b"\r\n"):
        if len(line) > 75:
            found.append(f"{len(line)} octets in a line")
        line.decode()  # cut between characters, or this raises
    return found


def _line(line: str) -> list[str]:
    left, colon, value = line.partition(":")
    name = left.split(";")[0]
    if not colon or not NAME.fullmatch(name):
        return [f"no property: {line[:40]!r}"]
    found = []
    if not value:
        found.append(f"{name} is empty")
    if CONTROLS.search(value):
        found.append(f"{name} holds a control character")
    if name in TEXTS and set(ESCAPED.sub("", value)) & set("\\;,"):
        found.append(f"{name} is not escaped: {value[:40]!r}")
    if name in {"DTSTAMP", "CREATED", "LAST-MODIFIED"} and not STAMP.fullmatch(value):
        found.append(f"{name} is not UTC")
    if name in {"DTSTART", "DTEND"}:
        shape = DAY if ";VALUE=DATE" in left else STAMP
        if not shape.fullmatch(value):
            found.append(f"{left} is {value}")
    if name in {"METHOD", "ORGANIZER", "ATTENDEE", "VALARM"}:
        found.append(f"{name} has no place in a feed")
    return found


def _event(event: dict[str, list[str]]) -> list[str]:
    counts = {name: len(event.get(name, [])) for name in sorted(ONCE)}
    found = [f"{name} {count} times" for name, count in counts.items() if count != 1]
    if not found:
        starts, ends = event["DTSTART"][0], event["DTEND"][0]
        if len(starts) != len(ends) or ends <= starts:
            found.append(f"ends {ends}, starts {starts}")
        if event["STATUS"][0] == "CANCELLED" and event["TRANSP"][0] != "TRANSPARENT":
            found.append("cancelled and still busy")
    return found
