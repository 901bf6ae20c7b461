"""Faults of the database and of the program: what the reader and the operator learn."""

import logging
import re
import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from lti_tool.app import create_app
from lti_tool.settings import load
from lti_tool.storage import faults, migrations
from lti_tool.storage.database import Database
from lti_tool.web.context import database as current_database

pytestmark = pytest.mark.both_engines


def app_on(url: str, folder: Path) -> Flask:
    app = create_app(load({"MINGA_DATA_DIR": str(folder), "MINGA_DATABASE_URL": url}))

    @app.get("/secret")
    def secret() -> str:
        with current_database().write_core() as connection:
            statement = text("INSERT INTO courses (id, deployment_id) VALUES (:id, :name)")
            connection.execute(statement, {"id": 1, "name": "Ana Quispe"})
        return ""

    @app.get("/missing")
    def missing() -> str:
        with current_database().read_core() as connection:
            connection.execute(text("SELECT 1 FROM no_such_table"))
        return ""

    return app


@pytest.fixture
def app(database: Database, database_url: str, tmp_path: Path):
    app = app_on(database_url, tmp_path)
    yield app
    app.extensions["minga"].database.close()


def test_a_fault_shows_the_request_id_that_its_log_line_has(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = app.test_client().get("/secret")
    assert answer.status_code == 500
    request_id = answer.headers["X-Request-ID"]
    assert request_id in answer.text
    assert re.search(r"fault in secret: \w+Error: .*test_errors.py:\d+ secret", caplog.text)
    assert "INSERT INTO courses" in caplog.text
    assert "Ana" not in caplog.text


def test_missing_tables_are_reported_as_such(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = app.test_client().get("/missing")
    assert answer.status_code == 503
    assert faults.UPGRADE in caplog.text


def test_a_newer_database_is_reported_as_such(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "minga.db"
    database = Database(f"sqlite:///{file}")
    migrations.upgrade(database)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    problem = migrations.problem(database)
    assert problem is not None
    assert "newer than this program" in problem
    with pytest.raises(migrations.NewerDatabaseError):
        migrations.upgrade(database)
    app = app_on(f"sqlite:///{file}", tmp_path)
    with caplog.at_level(logging.ERROR):
        assert app.test_client().get("/missing").status_code == 503
    assert problem in caplog.text
    assert app.test_client().get("/readyz").json["problems"] == [problem]
    database.close()
