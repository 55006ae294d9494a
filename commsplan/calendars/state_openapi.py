"""The state API as OpenAPI 3.1, from models to which the tests hold its answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_CALENDARS = 20
"""How many may be asked at once."""


class Model(BaseModel):
    """A part of an answer: exactly these members, of exactly these kinds."""

    model_config = ConfigDict(extra="forbid")


class Transition(Model):
    """A change of state."""

    at: datetime = Field(description="When.")
    state: Literal["open", "closed"] = Field(description="To what.")


class Reason(Model):
    """One time that closes."""

    title: str
    starts: datetime
    ends: datetime = Field(description="Exclusive.")


class OverrideModel(Model):
    """Who answers for changes in a closed time."""

    until: datetime
    sponsor: str
    reason: str


class CalendarState(Model):
    """What one calendar says."""

    calendar: str = Field(description="Its name for pipelines.")
    state: Literal["open", "closed", "unknown"]
    next_transition: Transition | None
    because: list[Reason] = Field(description="What closes it at that moment.")
    override: OverrideModel | None = Field(
        description="Why it is open although something would close it."
    )
    doubt: Literal["", "never read", "not read lately", "too far"] = Field(
        description="Why it cannot tell; empty when it can."
    )
    unread_lines: int = Field(description="Lines of it that could not be understood.")


class StateAnswer(Model):
    """What all calendars that were asked say together: open only if every one is."""

    state: Literal["open", "closed", "unknown"]
    at: datetime = Field(description="The moment that was asked about.")
    next_transition: Transition | None = Field(
        description="When that changes; null when it does not before `looked_until`, or is unknown."
    )
    looked_until: datetime
    calendars: list[CalendarState]


class ProblemAnswer(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


PROBLEMS = {
    "401": "No token, or one that is not valid.",
    "403": "The token, or the role, is for something else.",
    "404": "There is no calendar of this name.",
    "422": "`at` is no moment with an offset, or too many calendars were asked.",
    "429": "Too many questions.",
}


def document(base_url: str) -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "commsplan", "version": "1"},
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": {"/api/v1/calendars/state": {"get": _operation()}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _operation() -> dict[str, Any]:
    responses = {"200": _answer("The state.", "StateAnswer", "application/json")}
    for status, text in PROBLEMS.items():
        responses[status] = _answer(text, "ProblemAnswer", "application/problem+json")
    return {
        "operationId": "calendarState",
        "summary": "May things change at a moment?",
        "parameters": [
            {
                "name": "calendar",
                "in": "query",
                "description": "Which calendar; several times for several. Without one: the whole "
                "organisation's.",
                "schema": {
                    "type": "array",
                    "items": {"type": "string"},
                    "maxItems": MOST_CALENDARS,
                },
                "style": "form",
                "explode": True,
            },
            {
                "name": "at",
                "in": "query",
                "description": "Any moment, with its offset (RFC 3339). Without one: now.",
                "schema": {"type": "string", "format": "date-time"},
            },
        ],
        "responses": responses,
    }


def _answer(text: str, schema: str, kind: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": text, "content": {kind: {"schema": reference}}}


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model in (StateAnswer, ProblemAnswer):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found
