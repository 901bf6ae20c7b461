"""Redirects, as browsers read them."""

from lti_tool.web.responses import go_to


def test_a_redirect_has_a_location_and_no_body() -> None:
    response = go_to("/l/abc/?lang=es#p7")
    assert response.status_code == 303
    assert response.headers["Location"] == "/l/abc/?lang=es#p7"
    assert response.data == b""
    assert "Content-Type" not in response.headers
