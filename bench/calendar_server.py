"""What the benchmark's web server serves: commsplan, and beside it the emptiest Flask there is."""

import sys

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from commsplan.app import create_app
from commsplan.foundation import logs
from commsplan.people.access import public


def empty() -> str:
    """Return nothing."""
    return ""


logs.configure(human=sys.stderr.isatty())
commsplan = create_app()
commsplan.add_url_rule("/empty", "empty", public(empty))
bare = Flask("bare")
bare.add_url_rule("/empty", "empty", empty)
app = DispatcherMiddleware(commsplan, {"/bare": bare})
