"""The page of one's own data, its download, and the erasure that one asks for."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from lti_tool.app import create_app
from lti_tool.attachments import service as attachments
from lti_tool.attachments.model import Attachment
from lti_tool.directory.model import User
from lti_tool.discussion.model import Post
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.attachments import files
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted

MAX_STATEMENTS = 34


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield client
    app.extensions["minga"].database.close()


def get(client: FlaskClient, user: CurrentSession, path: str) -> Any:
    client.set_cookie("minga", user.token, path=user.path, secure=False)
    return client.get(user.path + path)


def send(client: FlaskClient, user: CurrentSession, path: str, **fields: str) -> Any:
    return client.post(user.path + path, data={"token": user.token, **fields})


def test_everybody_finds_the_own_data(scene: Scene, client: FlaskClient) -> None:
    ana = scene.launch_session("Ana Quispe")
    scene.post(ana, "Bought at the market.")
    module_page = html.fromstring(get(client, ana, "").text)
    [link] = [each for each in module_page.cssselect("nav.bar a") if each.text == "Your data"]
    page = client.get(link.get("href")).text
    assert "Ana Quispe" in page
    assert "Bought at the market." in page
    found = json.loads(get(client, ana, "your-data/download").data)
    assert found["posts"][0]["text"] == "Bought at the market."


def attach(scene: Scene, user: CurrentSession) -> Attachment:
    number = attachments.add(
        scene.database,
        scene.settings,
        user_id=user.user_id or 0,
        draft_key="form",
        name="Plan de acción.pdf",
        content=files.PDF,
    )
    with scene.database.read() as session:
        return session.get_one(Attachment, number)


def test_the_download_has_the_own_files(scene: Scene, client: FlaskClient) -> None:
    ana, luis = scene.launch_session("Ana Quispe"), scene.launch_session("Luis Paz")
    row = attach(scene, ana)
    post = scene.post(ana, "See the plan.", draft_key="form")
    page = get(client, ana, "your-data").text
    assert re.search(r"Download all of it, with files \(ZIP, about 0.kB\)", page)
    assert "application/pdf" in page
    answer = get(client, ana, "your-data/download")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        path, data = found.namelist()
        assert found.read(path) == files.PDF
        entry = json.loads(found.read(data))["posts"][0]
    assert (path, data) == (f"files/{row.id}-Plan de acción.pdf", "my-data.json")
    assert entry["post"] == post.id
    assert [each["path"] for each in entry["files"]] == [path]
    assert get(client, luis, "your-data/download").mimetype == "application/json"
    assert "(JSON)" in get(client, luis, "your-data").text


def test_no_half_download_while_the_files_are_away(scene: Scene, client: FlaskClient) -> None:
    ana = scene.launch_session("Ana Quispe")
    attach(scene, ana)
    shutil.rmtree(scene.settings.data_dir / "attachments")
    assert get(client, ana, "your-data/download").status_code == 503


def test_one_sees_nothing_of_others(scene: Scene, client: FlaskClient) -> None:
    ana, luis = scene.launch_session("Ana Quispe"), scene.launch_session("Luis Paz")
    scene.post(ana, "Bought at the market.")
    for path in ("your-data", "your-data/download"):
        assert "Quispe" not in get(client, luis, path).text
        assert "market" not in get(client, luis, path).text.replace('"market"', "")


@pytest.mark.both_engines
def test_the_erasure_needs_a_confirmation(scene: Scene, client: FlaskClient) -> None:
    ana = scene.launch_session("Ana Quispe")
    scene.post(ana)
    assert "Erase everything" in get(client, ana, "your-data/erase").text
    missing = send(client, ana, "your-data/erase")
    assert missing.status_code == 400
    assert "Tick the box" in missing.text
    assert scene.count(User) == 1
    done = send(client, ana, "your-data/erase", confirmed="1")
    assert done.status_code == 200
    assert "Your data are erased" in done.text
    assert scene.count(User) == 0
    assert scene.count(Post) == 1
    assert get(client, ana, "").status_code == 403


def test_a_guest_without_a_record(scene: Scene, client: FlaskClient) -> None:
    guest = scene.launch_session(kind="guest")
    assert "Nothing is stored about you" in get(client, guest, "your-data").text
    assert get(client, guest, "your-data/download").status_code == 303
    assert send(client, guest, "your-data/erase", confirmed="1").status_code == 303


def test_the_statements_do_not_grow(scene: Scene, client: FlaskClient) -> None:
    ana = scene.launch_session("Ana Quispe")
    numbers = []
    for more in (1, 60):
        scene.many(ana, [{"source": f"Text {number}"} for number in range(more)])
        with counted(client.application.extensions["minga"].database) as statements:
            page = get(client, ana, "your-data").text
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= MAX_STATEMENTS
    assert "The download has all of them." in page
