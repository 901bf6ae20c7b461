"""Decode the text of pages as browsers do (WHATWG Encoding, HTML 13.2.3), in short."""

import codecs
import html
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)
_HEAD_BYTES = 1024
_KNOWN = re.compile(
    r"utf-?(8|16|16-?[bl]e)|(iso-?8859|windows|cp|koi8|mac|x-mac|tis|ibm)[a-z0-9_-]*"
    r"|(shift|ms|euc|gb|big5|hz|iso-?2022)[a-z0-9_-]*|s?jis|us-ascii|ascii|latin-?[0-9]"
)
"""Python has more codecs, some of which take quadratic time."""

_LATIN = ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii")
"""Names that browsers take for windows-1252."""


def codec_of(name: str) -> str | None:
    """Return Python's name of an encoding that documents can declare, or None."""
    name = name.lower()
    if not _KNOWN.fullmatch(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def decode(data: bytes) -> str:
    """Return the text of a page: by its byte order mark, its declaration, as UTF-8 or Latin-1.

    What cannot be decoded becomes U+FFFD.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    if declared is None:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("utf-8" if _is_mostly_utf8(data) else "windows-1252", "replace")
    name = declared[1].decode("ascii").lower()
    if name.startswith("utf-16"):  # the declaration could be read, so it is not true
        name = "utf-8"
    return data.decode("windows-1252" if name in _LATIN else codec_of(name) or "utf-8", "replace")


def plain(markup: str) -> str:
    """Return the text of a title: character references resolved, white space as one space."""
    return " ".join(html.unescape(markup).split())


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether a text with some bad bytes has more good UTF-8 sequences than bad bytes."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) - bad > bad
