"""A database of the first release, with a post and an open session, is upgraded and goes on."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command

from lti_tool.app import create_app
from lti_tool.sessions.current import session_token
from lti_tool.settings import load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now
from tests.lti_tool.storage.test_migrations import Tables
from tests.support import databases
from tests.support.small_module import write_module

KEY = "k" * 40
SESSION = "b" * 24


def fill(tables: Tables, module_id: str) -> None:
    """A student and an instructor in a course, a post, and the student's open session."""
    tables.add(
        "registrations",
        **{"id": 1, "issuer": "https://lms.example.org", "client_id": "minga", "name": "LMS"},
        **{"authorization_endpoint": "https://lms.example.org/auth", "guests": "read"},
        **{"jwks_uri": "https://lms.example.org/jwks", "status": "active", "scopes": ""},
        **{"unknown_deployments": "accept", "frame_origins": ""},
    )
    tables.add("deployments", id=1, registration_id=1, deployment_id="1", status="active")
    tables.add("courses", id=1, deployment_id=1, context_id="c1", title="Economía")
    for number, name, role in ((1, "Ana", "Learner"), (2, "Bo", "Instructor")):
        person = {"registration_id": 1, "subject": f"s{number}", "kind": "person", "name": name}
        tables.add("persons", id=number, **person)
        uri = f"http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"
        tables.add("memberships", id=number, course_id=1, person_id=number, roles=uri)
    link = {"deployment_id": 1, "resource_link_id": "rl1", "course_id": 1, "module_id": module_id}
    tables.add("placements", id=1, module_source="link", **link)
    tables.add("discussions", id=1, placement_id=1, module_id=module_id)
    post = {"source": "Hola desde antes", "html": "", "renderer": "1", "draft_key": "k"}
    state = {"author_role": "participant", "status": "published", "reply_count": 0, "revision": 0}
    tables.add("posts", discussion_id=1, author_id=2, author_name="Bo", **post, **state)
    tables.add(
        "visits",
        **{"id": SESSION, "registration_id": 1, "deployment_id": 1, "course_id": 1},
        **{"placement_id": 1, "person_id": 1, "message_type": "LtiResourceLinkRequest"},
        **{"frame_ancestors": "https://lms.example.org", "instructor": False},
        **{"administrator": False, "expires_at": now() + timedelta(hours=1)},
    )


@pytest.mark.both_engines
def test_an_open_session_survives_the_upgrade(engine: str, tmp_path: Path) -> None:
    module = write_module(tmp_path / "content")
    with databases.new_database(engine, tmp_path) as url:
        database = Database(url)
        command.upgrade(migrations._config(database), "0002")
        with database.write_core() as connection:
            fill(Tables(connection), module.name)
        migrations.upgrade(database)
        database.close()
        environ = {
            "MINGA_DATABASE_URL": url,
            "MINGA_DATA_DIR": str(tmp_path / "data"),
            "MINGA_CONTENT_DIR": str(tmp_path / "content"),
            "MINGA_SECRET_KEY": KEY,
        }
        client = create_app(load(environ)).test_client()
        token = session_token(KEY, SESSION)
        client.set_cookie("minga", token, path=f"/l/{SESSION}/")
        page = client.get(f"/l/{SESSION}/")
        assert page.status_code == 200
        assert "Hola desde antes" in page.text
        data = {"token": token, "text": "Y yo después", "draft_key": "new"}
        assert client.post(f"/l/{SESSION}/post", data=data).status_code == 303
        assert "Y yo después" in client.get(f"/l/{SESSION}/").text
        assert client.get(f"/l/{SESSION}/packages").status_code == 403
        client.application.extensions["minga"].database.close()
