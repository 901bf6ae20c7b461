"""A browser without scripts for the pages of a discussion, and readers of what it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from courseware.fragment_cache import FragmentCache
from lti_tool.app import create_app, make_tool
from lti_tool.discussion.model import Post
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.web.templates import FRAGMENT_CACHE_SIZE
from tests.lti_tool.discussion.scene import Scene

FRAGMENT = {"X-Minga-Fragment": "1"}


_application: list[Flask] = []


@contextmanager
def app_client(settings: Settings) -> Iterator[FlaskClient]:
    """A client of the application with these settings.

    All tests share one application, because making its routes takes longer than most tests.
    """
    if not _application:
        _application.append(create_app(settings))
    [app] = _application
    tool = app.extensions["minga"] = make_tool(settings)
    app.extensions["minga.fragments"] = FragmentCache(FRAGMENT_CACHE_SIZE)
    with app.test_client() as client:
        yield client
    tool.database.close()


class Browser:
    """A launch session in one browser tab."""

    def __init__(self, client: FlaskClient, launch_session: CurrentSession) -> None:
        self.client, self.launch_session = client, launch_session
        client.set_cookie("minga", launch_session.token, path=launch_session.path, secure=False)

    def get(self, path: str = "", **options: Any) -> TestResponse:
        return self.client.get(self.launch_session.path + path, **options)

    def send(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        data = {"token": self.launch_session.token, **fields}
        return self.client.post(self.launch_session.path + path, data=data, headers=headers)

    def write(self, text: str = "Hola", **fields: Any) -> TestResponse:
        return self.send("post", **{"text": text, "draft_key": "k1", **fields})


def tree(response: TestResponse) -> Any:
    return html.fromstring(response.text)


def one(response: TestResponse, selector: str) -> Any:
    (found,) = tree(response).xpath(selector)
    return found


def posts(scene: Scene) -> int:
    with scene.database.read() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0


def newest(scene: Scene) -> Post:
    with scene.database.read() as session:
        return session.scalars(select(Post).order_by(Post.id.desc())).first()  # type: ignore[return-value]
