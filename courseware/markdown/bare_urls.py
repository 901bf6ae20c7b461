"""Addresses without markup: the parser's rules for a URL in a text, and for its signs."""

import re
import unicodedata

from markdown_it.rules_inline import StateInline

from courseware.markdown.work_limit import spend

BARE = "bare"
"""The markup of a link that is a bare URL."""

SAFE_LINK = re.compile(r"https?://[^/?#\s]|mailto:[^\s@?]+@[^\s@?]", re.IGNORECASE)
"""The beginning of a URL that a post may link to."""

_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])https?\Z", re.IGNORECASE)
# Quotation marks and brackets of East Asian scripts end a URL even without a space.
_BARE_URL = re.compile(r"://[^\s<>\"`{}|\\^\u3000-\u303f\uff01-\uff0f\uff1a-\uff20«»“”‹›]+")
_NORMAL_URL = re.compile(
    r"https?://(?:[a-z0-9-]{1,63}\.){0,3}[a-z0-9-]{1,63}(?:/[A-Za-z0-9/._~?=&#+,;:@!$()*-]*)?"
)
_NORMALIZING = 50
"""Units of work to normalize a URL: it takes as long as all the rest of a link."""
_MAX_BARE_URL = 2000
_QUOTE_REACH = 200
"""How many characters and marks before a URL are searched for an opening mark."""
_REACH = 200
"""How many characters before a mark are searched for the beginning of an address."""
_ADDRESS = re.compile(
    r"[(\[{<«“\"']*(?:[a-z][a-z0-9+.-]{1,15}://|www\.|doi:|mailto:|(?:[\w-]{1,63}\.){1,9}[a-z]{2,}/)",
    re.IGNORECASE,
)
_REST_OF_ADDRESS = re.compile(r"[^\s<>\"`|&\\\u3000-\u303f\uff01-\uff0f\uff1a-\uff20«»“”‹›]+")
_OPENING_QUOTE = re.compile(r"(?<!\w)'(?=\S|\Z)(?:[^'\n]|(?<=\w)'(?=\w))*\Z")


def is_normal(url: str) -> bool:
    """Whether normalizing a URL would certainly return the same: most are written so."""
    return _NORMAL_URL.fullmatch(url) is not None


def bare_url(state: StateInline, silent: bool) -> bool:
    """Make a link of a bare URL before emphasis is parsed, so that its marks stay as they are.

    Called at the colon, because the characters of ``https`` are skipped as text.
    """
    start = state.pos
    end = min(state.posMax, start + _MAX_BARE_URL)
    match = _BARE_URL.match(state.src, start, end) if state.src[start] == ":" else None
    scheme = _SCHEME.search(state.src, max(0, start - 6), start) if match else None
    if match is None or scheme is None:
        return False
    url = scheme[0] + _without_trailing_punctuation(match[0], state, scheme.start(), len("://"))
    if "work" in state.env:
        spend(state.env, len(url) + (0 if is_normal(url) else _NORMALIZING))
    href = state.md.normalizeLink(url) if match.end() < start + _MAX_BARE_URL else ""
    if not silent and (state.linkLevel or not SAFE_LINK.match(href)):
        state.append_pending(url[len(scheme[0]) :])
    elif not silent:
        state.pending = state.pending[: -len(scheme[0])]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.tokens[-1].markup = BARE
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos = start + len(url) - len(scheme[0])
    return True


def marks_of_address(state: StateInline, silent: bool) -> bool:
    """Leave the marks inside an address that is no link as they are: ``www.example.org/_a_``.

    Called at each mark of emphasis, because the characters before it are skipped as text.
    """
    start = state.pos
    if state.src[start] not in "*_~":
        return False
    word = state.src[max(0, start - _REACH) : start].rpartition(" ")[2].rpartition("\n")[2]
    if _ADDRESS.match(word) is None:
        return False
    match = _REST_OF_ADDRESS.match(state.src, start, min(state.posMax, start + _MAX_BARE_URL))
    rest = _without_trailing_punctuation(match[0], state, start) if match else ""
    if not rest:
        return False
    if not silent:
        state.append_pending(rest)
    state.pos = start + len(rest)
    return True


def sign_between_numbers(state: StateInline, silent: bool) -> bool:
    """Leave a single asterisk between digits as it is: ``2*3*4``."""
    before, after = state.pos - 1, state.pos + 1
    if state.src[state.pos] != "*" or before < 0 or after >= state.posMax:
        return False
    if not (state.src[before].isdigit() and state.src[after].isdigit()):
        return False
    if not silent:
        state.append_pending("*")
    state.pos = after
    return True


def _without_trailing_punctuation(url: str, state: StateInline, start: int, least: int = 0) -> str:
    """Remove what belongs to the sentence and not to the URL, which begins at ``start``.

    That is punctuation, a bracket without its partner and what follows it, and emphasis or a
    quotation that was opened before the URL. ``least`` characters stay in any case.
    """
    url = _up_to_unpaired_bracket(url)
    before = state.src[max(0, start - _QUOTE_REACH) : start]
    closing = {chr(mark.marker) for mark in state.delimiters[-_QUOTE_REACH:] if mark.open}
    if _OPENING_QUOTE.search(before):
        closing.add("'")
    end = len(url)
    while end > least and (url[end - 1] in closing or _is_punctuation(url[end - 1])):
        end -= 1
    return url[:end]


def _is_punctuation(character: str) -> bool:
    if character.isascii():
        return character in ".,;:!?"
    return unicodedata.category(character)[0] == "P"


def _up_to_unpaired_bracket(url: str) -> str:
    depth = {"(": 0, "[": 0}
    for at, character in enumerate(url):
        if character in depth:
            depth[character] += 1
        elif character in ")]":
            opening = "(" if character == ")" else "["
            depth[opening] -= 1
            if depth[opening] < 0:
                return url[:at]
    return url
