"""Structured logs: one JSON line an event, with the request or job it belongs to."""

from __future__ import annotations

import logging
import sys
import uuid

import structlog


def configure(human: bool = False, least: int = logging.INFO) -> None:
    """Send structlog to standard error: JSON lines, or readable ones on a terminal.

    structlog renders every value as a JSON string, so no input can forge a line (ASVS 16.4.1).
    """
    renderer = structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def begin(kind: str, identity: str | None = None) -> str:
    """Bind a fresh "request" or "job" id to every line that follows; return it."""
    bound = identity or uuid.uuid4().hex[:16]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{kind: bound})
    return bound


def log() -> structlog.stdlib.BoundLogger:
    """Return the logger."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger()
    return bound
