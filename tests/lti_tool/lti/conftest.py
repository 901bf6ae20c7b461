"""What several tests of the protocol use."""

from collections.abc import Iterator

import pytest

from lti_tool.lti.outbound import Outbound
from tests.lti_tool.lti.local_server import LocalServer, serving


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def outbound() -> Outbound:
    return Outbound(allow_private=True)
