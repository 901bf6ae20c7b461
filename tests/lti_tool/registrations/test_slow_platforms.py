"""Registrations that wait for a silent server leave the other threads free."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from demo_lms.register_tool import register_tool
from tests.support.site import running_lms
from tests.support.tool import running_tool


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/openid-configuration"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_open_registrations_are_bounded_and_do_not_block_invitations(
    tmp_path, silent: str, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr("lti_tool.lti.platform_configuration.REGISTRATION_SECONDS", 4.0)
    with running_tool(tmp_path, registration="open") as tool, running_lms() as lms:

        def ask(_: int) -> requests.Response:
            values = {"openid_configuration": silent}
            url = f"{tool.url}/lti/register"
            given = {"params": values} if method == "GET" else {"data": values}
            return requests.request(method, url, **given, timeout=30)

        with ThreadPoolExecutor(12) as pool:
            started = time.monotonic()
            asked = [pool.submit(ask, number) for number in range(12)]
            time.sleep(1)
            register_tool(lms.state, tool.invite())
            assert time.monotonic() - started < 4, "the invitation did not wait"
            answers = [each.result() for each in asked]
        statuses = sorted(each.status_code for each in answers)
        assert statuses == [424] * 2 + [503] * 10
        busy = [each for each in answers if each.status_code == 503]
        assert {each.headers["Retry-After"] for each in busy} == {"10"}
        assert ask(0).status_code == 424, "the slots are free again"
