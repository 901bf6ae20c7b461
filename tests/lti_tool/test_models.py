"""Values that pass the input limits fit their columns: PostgreSQL refuses longer ones."""

import pytest
from sqlalchemy import Column

from lti_tool.directory.model import (
    Course,
    Deployment,
    Invitation,
    RegistrationChange,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.lti.launch_claims import EMAIL_LIMIT, NAME_LIMIT, TITLE_LIMIT
from lti_tool.lti.platform_configuration import PRODUCT_LIMIT
from lti_tool.lti.sanitize import IDENTIFIER_LIMIT
from lti_tool.lti.urls import URL_LIMIT
from lti_tool.sessions.model import LaunchSession

COLUMNS = {
    URL_LIMIT: (
        RegistrationRow.authorization_endpoint, RegistrationRow.token_endpoint,
        RegistrationRow.jwks_uri,
        RegistrationRow.configuration_url,
        RegistrationChange.authorization_endpoint, RegistrationChange.token_endpoint,
        RegistrationChange.jwks_uri, RegistrationChange.configuration_url,
        Course.memberships_url, ResourceLink.line_items_url, ResourceLink.line_item_url,
    ),
    IDENTIFIER_LIMIT: (
        RegistrationRow.issuer, RegistrationRow.client_id, RegistrationRow.token_audience,
        RegistrationChange.token_audience, RegistrationChange.deployment_id,
        Invitation.issuer_origin,
        Deployment.deployment_id, User.subject, Course.context_id,
        ResourceLink.lti_resource_link_id,
    ),
    NAME_LIMIT: (User.name, Course.label),
    EMAIL_LIMIT: (User.email,),
    TITLE_LIMIT: (Course.title, ResourceLink.title),
    PRODUCT_LIMIT: (RegistrationRow.product, RegistrationChange.product),
    35: (LaunchSession.locale,),
}  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "column"),
    [(limit, column) for limit, columns in COLUMNS.items() for column in columns],
)
def test_a_column_is_as_long_as_the_limit_of_its_values(limit: int, column: Column[str]) -> None:
    assert column.type.length >= limit
