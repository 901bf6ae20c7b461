"""The WSGI application, for servers and for ``flask --app lti_tool.wsgi routes``."""

from flask import Flask

from lti_tool import log_format
from lti_tool.app import create_app
from lti_tool.settings import load


def make_app() -> Flask:
    """Create the application from the settings of the environment."""
    settings = load()
    log_format.configure(settings.log_level, settings.log_format)
    return create_app(settings)


app = make_app()
