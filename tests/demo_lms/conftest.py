from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo_lms.running import Running
from demo_lms.signing_keys import KeyRing, new_key
from demo_lms.state import PlatformState
from tests.support.driver import Driver
from tests.support.fake_tool import FakeTool


@pytest.fixture(scope="session")
def keys() -> list[Any]:
    """Two keys for all platforms of the session, because generating one is slow."""
    return [new_key(), new_key()]


@pytest.fixture(scope="session")
def tool_server() -> Iterator[FakeTool]:
    with FakeTool() as tool:
        yield tool


@pytest.fixture
def lms(keys: list[Any]) -> Iterator[Running]:
    with Running(PlatformState(keys=KeyRing(list(keys)))) as running:
        yield running


@pytest.fixture
def tool(tool_server: FakeTool, lms: Running) -> FakeTool:
    """The test tool, registered on the platform, with empty records."""
    for records in (
        tool_server.launches,
        tool_server.logins,
        tool_server.posts,
        tool_server.notices,
    ):
        records.clear()
    tool_server.changes = {}
    tool_server.platforms = {}
    tool_server.join(lms)
    return tool_server


@pytest.fixture
def client_id(lms: Running, tool: FakeTool) -> str:
    return next(iter(lms.state.tools))


@pytest.fixture
def driver(lms: Running, tool: FakeTool) -> Driver:
    return Driver(lms, tool.url)


@pytest.fixture
def call(lms: Running, tool: FakeTool, client_id: str) -> Any:
    """Call a service with a new token: ``call("GET", path, accept=…, body=…)``."""
    token = tool.token(lms, client_id)

    def send(
        method: str,
        url: str,
        *,
        accept: str | None = None,
        body: Any = None,
        media_type: str | None = None,
        scopes: Any = None,
    ) -> requests.Response:
        used = token if scopes is None else tool.token(lms, client_id, scopes)
        headers = {"Authorization": f"Bearer {used}"}
        if accept:
            headers["Accept"] = accept
        if media_type:
            headers["Content-Type"] = media_type
        full = url if url.startswith("http") else lms.url + url
        return requests.request(method, full, headers=headers, json=body, timeout=10)

    return send
