"""Health checks: ``/healthz`` (the process answers) and ``/readyz`` (it can serve)."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.storage import faults, migrations
from lti_tool.storage.database import Database, now
from lti_tool.tasks import heartbeat, outbox
from lti_tool.web.context import database, library

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> Response:
    """JSON: ``status``, ``problems`` (503 when there are any) and ``tasks``, the state of the work.

    Problems are a database that does not answer or is not up to date, and a content folder without
    modules. A worker that is missing is none: pages can be served without it.
    """
    problems = []
    tasks = None
    try:
        if problem := migrations.problem(database()):
            problems.append(problem)
        else:
            tasks = _tasks(database())
    except SQLAlchemyError as error:
        missing = faults.lacks_tables(error)
        problems.append(faults.UPGRADE if missing else "the database does not answer")
    if not library().modules():
        problems.append("there are no modules in the content folder")
    answer = jsonify(status="ok" if not problems else "not ready", problems=problems, tasks=tasks)
    answer.status_code = 503 if problems else 200
    return answer


def _tasks(database: Database) -> dict[str, Any]:
    """Numbers only: this answer is public."""
    backlog = outbox.backlog(database)
    workers = heartbeat.latest(database)
    alive = [worker for worker in workers if worker.seen_at > now() - heartbeat.ALIVE]
    return {
        "workers": len(alive),
        "worker_seen_seconds_ago": _age(workers[0].seen_at) if workers else None,
        "due": backlog.due,
        "oldest_due_seconds": _age(backlog.oldest_due) if backlog.oldest_due else None,
        "given_up": backlog.given_up,
    }


def _age(moment: datetime) -> int:
    return max(0, round((now() - moment).total_seconds()))
