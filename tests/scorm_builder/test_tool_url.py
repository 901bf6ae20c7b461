"""Validation of the tool's URL."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorm_builder.tool_url import MAX_LENGTH, normalised

GOOD = {
    "https://minga.example.org": "https://minga.example.org",
    "https://minga.example.org/": "https://minga.example.org",
    "HTTPS://minga.example.org/tools/minga//": "https://minga.example.org/tools/minga",
    "http://localhost:8000": "http://localhost:8000",
    "http://minga_web:8000": "http://minga_web:8000",
    "http://[::1]:8000": "http://[::1]:8000",
    "https://xn--andes-pta.example/%C3%B1": "https://xn--andes-pta.example/%C3%B1",
}

BAD = [
    ("", "it starts with https://"),
    ("minga.example.org", "it starts with https://"),
    ("//minga.example.org", "it starts with https://"),
    ("/m", "it starts with https://"),
    ("ftp://minga.example.org", "it starts with https://"),
    ("javascript:alert(1)", "it starts with https://"),
    ("https:minga.example.org", "it starts with https://"),
    ("https://", "it names a computer"),
    ("https:///m", "it names a computer"),
    ("https://:8000", "it names a computer"),
    ("https://minga.example.org:port", "it names a computer"),
    ("https://minga.example.org:99999", "it names a computer"),
    ("https://minga.example.org:0", "it names a computer"),
    ("https://[::1", "it names a computer"),
    ("https://-/", "it names a computer"),
    ("https://ana:secret@minga.example.org", "no name and no password"),
    ("https://ana@minga.example.org", "no name and no password"),
    ("https://minga.example.org/#top", "it ends before any"),
    ("https://minga.example.org#", "it ends before any"),
    ("https://minga.example.org/?a=1", "it ends before any"),
    ("https://minga.example.org/a b", "a character that no address has"),
    (" https://minga.example.org", "a character that no address has"),
    ("https://minga.example.org\n", "a character that no address has"),
    ("https://minga.example.org/\x00", "a character that no address has"),
    ("https://minga.example.org\\m", "a character that no address has"),
    ('https://minga.example.org/"', "a character that no address has"),
    ("https://ñandú.example", "a character that no address has"),
    ("https://minga.example.org/%zz", "a character that no address has"),
    ("https://minga.example.org/" + "a" * MAX_LENGTH, "it is longer than"),
]


@pytest.mark.parametrize(("text", "address"), GOOD.items())
def test_a_valid_url_loses_its_last_slash(text: str, address: str) -> None:
    assert normalised(text) == address


@pytest.mark.parametrize(("text", "words"), BAD)
def test_invalid_urls(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a tool") as refused:
        normalised(text)
    assert words in str(refused.value)
    assert str(refused.value).isprintable()


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.from_regex(r"https?://[^ ]*")))
def test_any_text(text: str) -> None:
    try:
        address = normalised(text)
    except ValueError:
        return
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert "@" not in parts.netloc
    assert not parts.query + parts.fragment
    assert address.isascii()
    assert normalised(address) == address
