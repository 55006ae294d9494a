"""What a WSGI server serves: `granian --interface wsgi wsgi:app` or `gunicorn wsgi:app`."""

import sys

from commsplan.app import create_app
from commsplan.foundation import logs

logs.configure(human=sys.stderr.isatty())
app = create_app()
