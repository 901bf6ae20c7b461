"""What tests of several features start from."""

import pytest

from lti_tool.directory import registrations as directory
from lti_tool.lti.registration import Registration
from lti_tool.storage.database import Database


@pytest.fixture
def registration_id(database: Database) -> int:
    """A platform that the tool knows, with no deployment yet."""
    return directory.register(
        database,
        Registration(
            issuer="https://lms.example.org",
            client_id="minga",
            authorization_endpoint="https://lms.example.org/auth",
            token_endpoint="https://lms.example.org/token",
            jwks_uri="https://lms.example.org/jwks",
        ),
    )
