"""The small inbox page of the demo's mail server: a list, a mail, its source."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from flask import Flask, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from commsplan.demo.mailbox import PAGE, Mailbox

ROOT = Path(__file__).parent.parent.parent
OUTER = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
INNER = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; frame-ancestors 'self'"
)
"""A mail brings its own styles and its open picture; it runs nothing (the frame is sandboxed)."""


def create_inbox(mailbox: Mailbox) -> Flask:
    """Build the inbox application."""
    app = Flask(
        "commsplan_inbox",
        template_folder=ROOT / "templates" / "demo",
        static_folder=ROOT / "static",
    )

    @app.get("/")
    def _list() -> ResponseReturnValue:
        words = request.args.get("q", "").strip()
        page = max(1, request.args.get("page", 1, int))
        mails, count = mailbox.search(words, page)
        pages = max(1, -(-count // PAGE))
        return _guarded(
            render_template(
                "inbox.html", mails=mails, count=count, words=words, page=page, pages=pages
            )
        )

    @app.get("/mail/<int:mail_id>")
    def _show(mail_id: int) -> ResponseReturnValue:
        mail = mailbox.read(mail_id) or abort(404)
        text = _part(mail, "plain")
        return _guarded(render_template("inbox_mail.html", mail=mail, mail_id=mail_id, text=text))

    @app.get("/mail/<int:mail_id>/html")
    def _html(mail_id: int) -> ResponseReturnValue:
        mail = mailbox.read(mail_id) or abort(404)
        response = Response(_part(mail, "html"), mimetype="text/html")
        response.headers["Content-Security-Policy"] = INNER
        return response

    @app.get("/mail/<int:mail_id>/source")
    def _source(mail_id: int) -> ResponseReturnValue:
        mail = mailbox.read(mail_id) or abort(404)
        return Response(mail.as_bytes(), mimetype="text/plain")

    return app


def _guarded(page: str) -> Response:
    response = Response(page)
    response.headers["Content-Security-Policy"] = OUTER
    return response


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
