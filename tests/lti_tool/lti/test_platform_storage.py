"""What the page says to the browser's script about the platform's storage."""

from dataclasses import replace

from lti_tool.lti.platform_storage import storage_key, storage_origin
from tests.lti_tool.lti.samples import REGISTRATION


def test_messages_go_to_the_origin_of_the_login() -> None:
    canvas = replace(
        REGISTRATION,
        issuer="https://canvas.instructure.com",
        authorization_endpoint="https://sso.canvaslms.com/api/lti/authorize_redirect",
    )
    assert storage_origin(canvas) == "https://sso.canvaslms.com"


def test_each_login_has_its_own_key() -> None:
    assert storage_key("a") != storage_key("b")
