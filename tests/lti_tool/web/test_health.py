"""``/readyz``: what it reports about the database and the worker, and with which status."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from lti_tool.app import create_app
from lti_tool.settings import load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now
from lti_tool.tasks import heartbeat, outbox
from lti_tool.tasks.outbox import OutboxRow
from tests.support import databases

pytestmark = pytest.mark.both_engines


@pytest.fixture
def tool(engine: str, tmp_path: Path):
    with databases.new_database(engine, tmp_path) as url:
        app = create_app(load({"MINGA_DATA_DIR": str(tmp_path), "MINGA_DATABASE_URL": url}))
        database = app.extensions["minga"].database
        yield app.test_client(), database
        database.close()


def test_readiness_follows_the_tables(tool: tuple[FlaskClient, Database]) -> None:
    client, database = tool

    def problems() -> tuple[int, str]:
        answer = client.get("/readyz")
        return answer.status_code, " ".join(answer.json["problems"])

    status, said = problems()
    assert status == 503
    assert "lti-tool db upgrade" in said
    page = client.get("/lti/register/some-code")
    assert page.status_code == 503
    assert "not ready" in page.text
    assert "busy" not in page.text
    migrations.upgrade(database)
    assert problems() == (200, "")
    with database.write_core() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, said = problems()
    assert status == 503
    assert "newer than this program" in said


def test_readiness_reports_the_worker_and_the_backlog(tool: tuple[FlaskClient, Database]) -> None:
    client, database = tool
    migrations.upgrade(database)
    assert client.get("/readyz").json["tasks"] == {
        "workers": 0,
        "worker_seen_seconds_ago": None,
        "due": 0,
        "oldest_due_seconds": None,
        "given_up": 0,
    }
    with database.write() as session:
        for key in ("late", "new", "hopeless"):
            outbox.put(session, "say", key, {})
    with database.write() as session:
        past = now() - timedelta(seconds=500)
        session.execute(update(OutboxRow).where(OutboxRow.key == "late").values(due_at=past))
        hopeless = update(OutboxRow).where(OutboxRow.key == "hopeless")
        session.execute(hopeless.values(given_up_at=now()))
        then = now() - timedelta(seconds=100)
        for id_, seen in (("a", now()), ("b", then)):
            session.add(
                heartbeat.WorkerHeartbeat(id=id_, host="h", pid=1, started_at=then, seen_at=seen)
            )
    answer = client.get("/readyz")
    assert answer.status_code == 200
    tasks = answer.json["tasks"]
    assert (tasks["workers"], tasks["due"], tasks["given_up"]) == (1, 2, 1)
    assert 0 <= tasks["worker_seen_seconds_ago"] < 60
    assert 500 <= tasks["oldest_due_seconds"] < 560
