"""The WSGI application, configured from the environment: ``lti_tool.wsgi:app``.

``lti-tool serve`` runs it; so can any WSGI server, and ``flask --app lti_tool.wsgi routes``.
"""

import os

from flask import Flask

from lti_tool import log_format
from lti_tool.app import create_app
from lti_tool.settings import load
from lti_tool.tasks.worker import bell
from lti_tool.web.context import Tool


def make_app() -> Flask:
    """Create the application and connect it to the worker's wake-up queue."""
    os.umask(0o077)  # what is written to the data folder is for its owner only
    settings = load()
    log_format.configure(settings.log_level, settings.log_format)
    app = create_app(settings)
    tool: Tool = app.extensions["minga"]
    bell(tool.settings, tool.database)
    return app


app = make_app()
