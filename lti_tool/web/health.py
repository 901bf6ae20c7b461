"""Health checks: the process runs (``/healthz``) and can serve requests (``/readyz``)."""

import logging

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.storage.migrations import needs_upgrade
from lti_tool.web.context import database, library

blueprint = Blueprint("health", __name__)
logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the revision


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer that the process runs."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and is up to date, and there are modules to show."""
    problems = []
    try:
        with database().read_core() as connection:
            connection.execute(text("SELECT 1"))
        if needs_upgrade(database()):
            problems.append("the database is not up to date: run 'lti-tool db upgrade'")
    except SQLAlchemyError:
        problems.append("the database does not answer")
    if not library().modules():
        problems.append("there are no modules in the content folder")
    answer = jsonify(status="ok" if not problems else "not ready", problems=problems)
    answer.status_code = 503 if problems else 200
    return answer
