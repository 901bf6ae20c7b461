"""Cookies in a frame of another site and in a tab of their own, as browsers read them."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask, Response

from lti_tool.web.cookies import delete_cookie, get_cookie, set_cookie


def read(header: str) -> tuple[str, str, dict[str, str]]:
    """Name, value and attributes of a Set-Cookie header."""
    name, cookie = next(iter(SimpleCookie(header.replace("; Partitioned", "")).items()))
    attributes = {key: str(value) for key, value in cookie.items() if value}
    return (
        name,
        cookie.value,
        attributes | ({"partitioned": "1"} if "Partitioned" in header else {}),
    )


ALWAYS = {"path": "/l/abc/", "secure": "True", "httponly": "True"}
IN_FRAME = {"samesite": "None", "partitioned": "1"}


@pytest.mark.parametrize(
    ("options", "name", "attributes"),
    [
        ({}, "minga", IN_FRAME),
        ({"seconds": 60}, "minga", {**IN_FRAME, "max-age": "60"}),
        ({"in_tab": True}, "minga-tab", {"samesite": "Lax"}),
        ({"in_tab": True, "same_site": "None"}, "minga-tab", {"samesite": "None"}),
        ({"in_tab": True, "seconds": 60}, "minga-tab", {"samesite": "Lax", "max-age": "60"}),
    ],
)
def test_a_cookie_has_the_attributes_of_its_place(
    options: dict, name: str, attributes: dict[str, str]
) -> None:
    response = Response()
    set_cookie(response, "minga", "aB-_9", path="/l/abc/", **options)
    assert read(response.headers["Set-Cookie"]) == (name, "aB-_9", ALWAYS | attributes)


def test_deleting_removes_the_cookies_of_frame_and_tab() -> None:
    response = Response()
    delete_cookie(response, "minga", path="/l/abc/")
    deleted = [read(header) for header in response.headers.getlist("Set-Cookie")]
    assert [(name, value) for name, value, _ in deleted] == [("minga", ""), ("minga-tab", "")]
    headers = response.headers.getlist("Set-Cookie")
    assert all("Max-Age=0;" in header and "Path=/l/abc/;" in header for header in headers)


@pytest.mark.parametrize(
    ("sent", "dest", "found"),
    [
        ({}, "iframe", None),
        ({"minga": "a"}, "iframe", "a"),
        ({"minga": "a"}, "document", "a"),
        ({"minga-tab": "b"}, "document", "b"),
        ({"minga-tab": "b"}, "empty", "b"),
        ({"minga": "a", "minga-tab": "b"}, "document", "b"),
        ({"minga": "a", "minga-tab": "b"}, "iframe", "a"),
        ({"minga": "a", "minga-tab": "b"}, None, "a"),
        ({"minga": "", "minga-tab": "b"}, "iframe", "b"),
    ],
)
def test_the_cookie_of_the_place_is_read_first(
    sent: dict[str, str], dest: str | None, found: str | None
) -> None:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items())}
    headers |= {"Sec-Fetch-Dest": dest} if dest else {}
    with Flask(__name__).test_request_context(headers=headers):
        assert get_cookie("minga") == found
