"""Addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.urls import (
    host,
    origin,
    split,
    with_path_added,
    with_query,
    without_query,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://LMS.example.edu/a?b#c", "https://lms.example.edu"),
        ("https://lms.example.edu:443", "https://lms.example.edu"),
        ("http://lms.example.edu:80/", "http://lms.example.edu"),
        ("http://localhost:8100/mod", "http://localhost:8100"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("lms.example.edu", None),
        ("mailto:a@b.c", None),
        ("https://", None),
        ("https://a@b/", None),
        ("https://a;script-src/", None),
        ("https://a'b/", None),
        ("https://ñ.example/", None),
        ("https://xn--ida.example/", "https://xn--ida.example"),
        ("https://[::1%25eth0]/", None),
    ],
)
def test_origin(url: str, expected: str | None) -> None:
    assert origin(url) == expected


@given(st.text())
def test_any_text(text: str) -> None:
    assert split(text) is None or origin(text)
    assert isinstance(host(text) + without_query(text), str)


def test_parameters_join_a_query() -> None:
    assert with_query("https://a.b/c", {"x": "1 2"}) == "https://a.b/c?x=1+2"
    assert with_query("https://a.b/c?t=1#f", {"x": "é&"}) == "https://a.b/c?t=1&x=%C3%A9%26#f"


def test_a_segment_joins_the_path() -> None:
    assert with_path_added("https://a.b/c?t=1", "scores") == "https://a.b/c/scores?t=1"
    assert with_path_added("https://a.b/c/", "scores") == "https://a.b/c/scores"


def test_a_query_is_nobodys_business() -> None:
    assert without_query("https://a.b:8/c?email=x#y") == "https://a.b:8/c"
