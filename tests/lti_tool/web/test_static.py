"""Our own files: cached for good only under the digest of the bytes that are sent."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient

from courseware import resources
from lti_tool.app import create_app
from lti_tool.settings import load
from lti_tool.web import assets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of static files, as an installation has it."""
    copy = tmp_path / "static"
    shutil.copytree(resources.static(), copy)
    monkeypatch.setattr(assets.resources, "static", lambda: copy)
    assets.asset.cache_clear()
    yield copy
    assets.asset.cache_clear()


@pytest.fixture
def client(folder: Path, tmp_path: Path) -> FlaskClient:
    return create_app(load({"MINGA_DATA_DIR": str(tmp_path / "data")})).test_client()


def test_a_file_is_immutable_under_its_digest(client: FlaskClient, folder: Path) -> None:
    answer = client.get(assets.asset("minga.css"))
    assert answer.data == (folder / "minga.css").read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/css"
    script = client.get(assets.asset("minga.js"))
    assert script.mimetype == "text/javascript"
    assert script.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", resources.scripts())
def test_imports_are_immutable_too(client: FlaskClient, name: str) -> None:
    """Imports are relative, so they have the digest of the module that imports them."""
    url = assets.asset(name)
    for path in re.findall(r'(?:from|import) "(.+)";', client.get(url).text):
        imported = client.get(urljoin(url, path))
        assert imported.status_code == 200, path
        assert "immutable" in imported.headers["Cache-Control"]


@pytest.mark.parametrize("keep_time", [False, True])
def test_new_bytes_are_not_cached_under_the_old_digest(
    client: FlaskClient, folder: Path, keep_time: bool
) -> None:
    """The package is upgraded in place while the process runs."""
    old = assets.asset("minga.css")
    client.get(old)
    file = folder / "minga.css"
    about = file.stat()
    file.write_bytes(b"body { color: red }")
    if keep_time:
        os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    answer = client.get(old)
    assert answer.data == b"body { color: red }"
    assert answer.headers["Cache-Control"] == "no-cache"
    assets.asset.cache_clear()
    for name in ("minga.css", "minga.js"):
        assert assets.asset(name) != old.replace("minga.css", name)
        assert "immutable" in client.get(assets.asset(name)).headers["Cache-Control"]


def test_a_file_that_was_removed_is_not_found(client: FlaskClient, folder: Path) -> None:
    url = assets.asset("minga.css")
    (folder / "minga.css").unlink()
    assert client.get(url).status_code == 404


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    url = assets.asset("minga.css")
    etag = client.get(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
