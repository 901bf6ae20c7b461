from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lti_tool.directory import registrations as directory
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.tokens import AccessToken, AccessTokens
from tests.interop.light_platform import LightPlatform
from tests.interop.open_edx import OpenEdx
from tests.support.plain_browser import PlainBrowser
from tests.support.tool import RunningTool, running_tool


class MemoryTokenCache:
    """A token cache in memory."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[int, str], AccessToken] = {}

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        return self.tokens.get((registration_id, scopes))

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        self.tokens[registration_id, scopes] = token


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[RunningTool]:
    with running_tool(tmp_path / "tool") as running:
        yield running


@pytest.fixture
def anonymous_user(tool: RunningTool) -> PlainBrowser:
    return PlainBrowser(tool.url)


def known(tool: RunningTool, url: str, client_id: str) -> None:
    """Register a platform by hand, as ``lti-tool registrations add`` does."""
    registration = Registration(
        issuer=url,
        client_id=client_id,
        authorization_endpoint=url + "/authorize",
        token_endpoint=url + "/token",
        jwks_uri=url + "/jwks",
        name="Interop",
    )
    directory.register(tool.database, registration, deployment_ids=("1",))


@pytest.fixture
def services_of(tool: RunningTool) -> Callable[[str], PlatformConnector]:
    """The services of a registered platform, by its client id, as the tool calls them."""

    def found(client_id: str) -> PlatformConnector:
        rows = directory.all_registrations(tool.database)
        row = next(row for row in rows if row.client_id == client_id)
        parts = tool.tool
        tokens = AccessTokens(parts.http_client, parts.signing_keys, MemoryTokenCache())
        return PlatformConnector(directory.from_row(row), parts.http_client, tokens)

    return found


@pytest.fixture
def light(tool: RunningTool) -> Iterator[LightPlatform]:
    with LightPlatform(tool.url) as platform:
        known(tool, platform.url, "light-client")
        yield platform


@pytest.fixture
def edx(tool: RunningTool) -> Iterator[OpenEdx]:
    with OpenEdx(tool.url) as platform:
        known(tool, platform.url, platform.client_id)
        yield platform
