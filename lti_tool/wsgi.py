"""The WSGI application, for servers and for ``flask --app lti_tool.wsgi routes``."""

import os

from flask import Flask

from lti_tool import log_format
from lti_tool.app import create_app
from lti_tool.settings import load


def make_app() -> Flask:
    """Create the application from the settings of the environment."""
    os.umask(0o077)  # what is written to the data folder is for its owner only
    settings = load()
    log_format.configure(settings.log_level, settings.log_format)
    return create_app(settings)


app = make_app()
