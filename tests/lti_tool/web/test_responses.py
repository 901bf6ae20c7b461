"""Redirects and cookies, as browsers read them."""

from http.cookies import SimpleCookie

from flask import Response

from lti_tool.web.responses import go_to, set_cookie


def test_a_redirect_has_a_location_and_no_body() -> None:
    response = go_to("/l/abc/?lang=es#p7")
    assert response.status_code == 303
    assert response.headers["Location"] == "/l/abc/?lang=es#p7"
    assert response.data == b""
    assert "Content-Type" not in response.headers


def test_a_cookie_works_in_a_frame_and_below_its_path() -> None:
    response = Response()
    set_cookie(response, "minga", "aB-_9", path="/l/abc/", seconds=60)
    header = response.headers["Set-Cookie"]
    name, cookie = next(iter(SimpleCookie(header.replace("; Partitioned", "")).items()))
    assert (name, cookie.value) == ("minga", "aB-_9")
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == ("/l/abc/", "60", "None")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert header.endswith("; Partitioned")
    assert "domain" not in header.lower()
