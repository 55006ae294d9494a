"""The headers every answer carries: what a page may load, and who may frame or index it."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
FRAMEABLE = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For previews shown inside our own pages; a view marks its answer with X-Frame-Options."""

STATIC_SECONDS = 365 * 24 * 3600
"""Static addresses carry a hash of the content, so a browser may keep them for good."""


def prepare(app: Flask) -> None:
    """Set the headers after each request; a view's own value wins."""

    @app.after_request
    def _secure(response: Response) -> Response:
        framed = response.headers.get("X-Frame-Options") == "SAMEORIGIN"
        response.headers.setdefault("Content-Security-Policy", FRAMEABLE if framed else POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        secret = "token" in (request.view_args or {})
        response.headers.setdefault("Referrer-Policy", "no-referrer" if secret else "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.endpoint == "static":
            response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        if current_app.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault(
                "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
            )
        return response
