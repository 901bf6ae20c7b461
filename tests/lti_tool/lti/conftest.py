"""What several tests of the protocol use."""

from collections.abc import Iterator

import pytest

from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.signing_keys import SigningKeys
from tests.lti_tool.lti.local_server import LocalServer, serving
from tests.lti_tool.lti.memory import MemorySigningKeys
from tests.lti_tool.lti.moodle import Moodle


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def http_client() -> HttpClient:
    return HttpClient(allow_private=True)


@pytest.fixture(scope="session")
def signing_keys() -> SigningKeys:
    return SigningKeys(MemorySigningKeys())


@pytest.fixture
def moodle(server: LocalServer, http_client: HttpClient, signing_keys: SigningKeys) -> Moodle:
    return Moodle(server, http_client, signing_keys)
