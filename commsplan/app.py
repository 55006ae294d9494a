"""The web application: steps put together, errors answered once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from commsplan.audiences import uses
from commsplan.calendars.blackout_feed import blackout_extra
from commsplan.calendars.blackout_queries import spans_of_calendars
from commsplan.calendars.door import Door
from commsplan.calendars.due_feed import due_extra
from commsplan.calendars.freshness import panels as change_panels
from commsplan.calendars.sources import sources
from commsplan.delivery.appeal_panel import stopped_panel
from commsplan.delivery.checklist import further
from commsplan.delivery.invitation_answers import invitation_answer
from commsplan.delivery.moved_panel import moved_panel
from commsplan.delivery.recipients import still_to_act
from commsplan.delivery.reports import FIRST
from commsplan.foundation import database, dates, headers, limits, logs
from commsplan.foundation.errors import CommsplanError
from commsplan.foundation.languages import Tongues, language_of_page
from commsplan.foundation.settings import Settings
from commsplan.home.navigation import my_menu, navigation, new_menu
from commsplan.people.access import load_visitor
from commsplan.people.api_access import problem_for_programs
from commsplan.people.queries import zone_of
from commsplan.plans import obstacles
from commsplan.plans.audience_uses import plans_that_use
from commsplan.receipts.panels import panels
from commsplan.receipts.queries import unconfirmed
from commsplan.surveys.feed import survey_extra
from commsplan.surveys.panel import survey_panel
from commsplan.surveys.sending import check_survey

ROOT = Path(__file__).parent.parent
STEPS = (
    "people",
    "audiences",
    "plans",
    "messages",
    "calendars",
    "delivery",
    "receipts",
    "surveys",
    "effectiveness",
    "home",
)
MORE_PAGES = (
    "delivery.send_views",
    "delivery.metrics_views",
    "delivery.moved_views",
    "delivery.limit_views",
    "delivery.people_views",
    "delivery.steering_views",
    "delivery.unsubscribe_views",
    "delivery.outlet_views",
    "delivery.message_outlet_views",
    "delivery.board_views",
    "delivery.board_feed_views",
    "delivery.suppression_views",
    "delivery.appeal_views",
    "messages.history_views",
    "messages.preview_views",
    "audiences.edit_views",
    "calendars.feed_views",
    "calendars.invitation_views",
    "calendars.reply_views",
    "calendars.attendance_views",
    "calendars.change_views",
    "calendars.shared_views",
    "calendars.override_views",
    "calendars.token_views",
    "calendars.state_api",
    "calendars.my_feed_views",
    "receipts.calendar_views",
    "audiences.people_views",
    "people.sign_in_views",
    "people.import_views",
    "home.me_views",
    "home.search_views",
    "home.settings_views",
    "plans.import_views",
    "plans.activity_views",
    "plans.occurrence_views",
    "plans.calendar_views",
    "plans.goal_views",
    "plans.measurement_views",
    "plans.member_views",
    "plans.obstacle_views",
    "surveys.desk_views",
)
"""Second files of pages, of steps that have many."""


class RowNumber(IntegerConverter):
    """A number in an address that a row can have; larger ones are addresses of nothing: 404."""

    def __init__(self, map: Map) -> None:  # noqa: A002 – the name is Werkzeug's
        super().__init__(map, max=2**63 - 1)


csrf = CSRFProtect()
babel = Tongues()
migrate = Migrate()


def create_app(
    settings: Settings | None = None, overrides: Mapping[str, object] | None = None
) -> Flask:
    """Build the application from settings (by default the environment's); overrides are Flask's."""
    settings = settings or Settings()
    app = Flask(
        "commsplan",
        root_path=str(ROOT / "commsplan"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    _configure(app, settings)
    app.config.update(overrides or {})
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    app.url_map.converters["int"] = RowNumber
    database.prepare(app)
    migrate.init_app(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        app.wsgi_app = Door(app, app.wsgi_app, database.db.engine)  # type: ignore[method-assign]  # Flask's documented way
    babel.init_app(app, locale_selector=language_of_page)
    csrf.init_app(app)
    limits.prepare(app)
    headers.prepare(app)
    _watch_requests(app)
    _answer_errors(app)
    _teach_templates(app)
    uses.register(plans_that_use)
    sources[:] = [blackout_extra, due_extra, survey_extra]
    change_panels[:] = [moved_panel]
    panels[:] = [stopped_panel, survey_panel]
    further[:] = [check_survey]
    obstacles.sources[:] = [spans_of_calendars]
    still_to_act[:] = [unconfirmed]
    FIRST[:] = [invitation_answer]
    for step in STEPS:
        app.register_blueprint(import_module(f"commsplan.{step}.views").pages)
    for module in MORE_PAGES:
        app.register_blueprint(import_module(f"commsplan.{module}").pages)
    csrf.exempt("commsplan.delivery.unsubscribe_views.leave")  # RFC 8058: the token is the proof
    return app


def _configure(app: Flask, settings: Settings) -> None:
    for name in Settings.model_fields:
        app.config[name.upper()] = getattr(settings, name)
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=5 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-commsplan" if secure else "commsplan",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still works; the session limits it
        WTF_CSRF_SSL_STRICT=False,  # the token decides; some browsers send no Referer
        BABEL_DEFAULT_LOCALE=settings.default_language,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "commsplan" / "translations"),
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _watch_requests(app: Flask) -> None:
    @app.before_request
    def _begin() -> None:
        g.began = time.monotonic()
        g.request_id = logs.begin("request")

    app.before_request(load_visitor)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        logs.log().info(
            "request",
            method=request.method,
            route=str(request.url_rule or ""),  # the rule, never the path: paths hold tokens
            status=response.status_code,
            ms=round(1000 * (time.monotonic() - g.get("began", time.monotonic()))),
        )
        return response


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(CommsplanError)
    def _domain(error: CommsplanError) -> ResponseReturnValue:
        return _problem(error.status, str(error))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error
        return _problem(error.code, "")

    @app.errorhandler(Exception)
    def _crash(error: Exception) -> ResponseReturnValue:
        if app.testing or app.debug:
            raise error
        logs.log().exception("request.crashed")
        return _problem(500, "")


def _problem(status: int, detail: str) -> ResponseReturnValue:
    titles = {
        400: _("This form could not be accepted"),
        401: _("Please sign in"),
        403: _("This page is not for your role"),
        404: _("There is nothing here"),
        405: _("This address cannot be used that way"),
        409: _("Things have moved on"),
        413: _("This file is too large"),
        422: _("That could not be understood"),
        429: _("Too many tries"),
    }
    title = titles.get(status, _("Something went wrong on our side"))
    if request.path.startswith("/api/"):
        return problem_for_programs(status, title, detail)
    page = render_template(
        "home/problem.html",
        status=status,
        title=title,
        detail=detail,
        request_id=g.get("request_id"),
    )
    return page, status


def _teach_templates(app: Flask) -> None:
    app.add_template_filter(dates.show_moment, "moment")
    app.add_template_filter(dates.show_wall, "wall")
    app.add_template_filter(dates.show_day, "day")
    app.add_template_filter(dates.city, "city")

    @app.url_defaults
    def _name_the_edition(endpoint: str, values: dict[str, object]) -> None:
        """Static files carry a hash of their content, so that browsers may keep them for good."""
        if endpoint == "static":
            values["v"] = _edition(ROOT / "static" / str(values["filename"]))

    @app.context_processor
    def _always() -> dict[str, object]:
        return {
            "person": g.get("person"),
            "roles": g.get("roles", frozenset()),
            "navigation": navigation() if g.get("person") else [],
            "new_menu": new_menu() if g.get("person") else [],
            "my_menu": my_menu() if g.get("person") else [],
            "organisation": app.config["ORGANISATION"],
            "language": str(get_locale() or "en").replace("_", "-"),
            "locale": str(get_locale() or "en").replace("_", "-"),
            "me": g.get("person"),
            "my_zone": zone_of(g.person) if g.get("person") else app.config["DEFAULT_ZONE"],
        }


@cache
def _edition(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
