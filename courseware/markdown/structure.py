"""The structure of an author's Markdown: its headings, the parts to be checked, plain titles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from markdown_it.token import Token

from courseware.markdown.bare_urls import BARE
from courseware.markdown.html import encodable
from courseware.markdown.modules import (
    ends_with_id,
    module_parser,
    parse,
    parse_blocks,
    split_id,
    unquoted,
    unsupported,
)

_BREAKS = ("softbreak", "hardbreak")
_MARKUP = {"em_open", "strong_open", "s_open", "code_inline", "image", "link_open", "html_inline"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of an author's Markdown that is not inside another block.

    ``markdown`` is its content without the id; ``id`` is what ``{#…}`` contains, valid or not. The
    heading is in the lines from ``start`` to before ``end``, counted from 0.
    """

    level: int
    markdown: str
    id: str | None
    start: int
    end: int


def headings(text: str) -> list[Heading]:
    """Return the headings of an author's Markdown, both ``## Title`` and underlined ones."""
    tokens = parse_blocks(text)
    return [
        _heading_of(token, content)
        for token, content in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


def title_of(text: str, found: Sequence[Heading]) -> Heading | None:
    """Return the heading of level 1 that a text begins with; ``found`` are its headings."""
    first = found[0] if found else None
    if first is None or first.level != 1:
        return None
    return None if any(line.strip() for line in text.split("\n")[: first.start]) else first


def _heading_of(token: Token, content: Token) -> Heading:
    start, end = token.map or (0, 0)
    markdown, heading_id = content.content, token.attrGet("id")
    if heading_id is None:
        markdown, found = split_id(markdown)
        heading_id = None if found is None else found.strip()
    return Heading(
        int(token.tag[1]), markdown, None if heading_id is None else str(heading_id), start, end
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text that is checked: a heading id, a link, a picture, HTML.

    ``line`` counts from 0; ``value`` is the id, URL or source; ``alt`` that of a picture.
    ``not_a_heading`` is a line that looks like a heading and is none: ``##Title``.
    """

    line: int
    kind: Literal["heading_id", "link", "picture", "html", "not_a_heading"]
    value: str
    alt: str = ""


@lru_cache(maxsize=512)
def parts(text: str) -> tuple[Part, ...]:
    """Return the parts of an author's Markdown that are to be checked, in order."""
    found: list[Part] = []
    previous = ""
    for token in parse(text):
        line = token.map[0] if token.map else 0
        found += _part(line, token)
        if previous == "paragraph_open":
            found += _not_headings(line, token.content)
        previous = token.type
        for child in token.children or ():
            found += _part(line, child)
            line += (child.type in _BREAKS) + child.content.count("\n")
    return tuple(found)


def _part(line: int, token: Token) -> list[Part]:
    match token.type:
        case "heading_open" if token.attrGet("id"):
            return [Part(line, "heading_id", str(token.attrGet("id")))]
        case "link_open" if token.markup != BARE:
            return [Part(line, "link", unquoted(str(token.attrGet("href") or "")))]
        case "image":
            source = unquoted(str(token.attrGet("src") or ""))
            return [Part(line, "picture", source, token.content)]
        case "html_block" | "html_inline":
            return [Part(line, "html", token.content)]
        case _:
            return []


def _not_headings(line: int, paragraph: str) -> list[Part]:
    """Return the lines of a paragraph that begin like a heading; ``#word`` only with an id."""
    return [
        Part(number, "not_a_heading", source.strip())
        for number, source in enumerate(paragraph.split("\n"), line)
        if source.startswith("#" if ends_with_id(source) else "##") and source.lstrip("#")
    ]


def has_markup(text: str) -> bool:
    """Whether a text that is shown as it is has Markdown or HTML, or that of other dialects.

    Bare URLs and line breaks are no markup.
    """
    tokens = parse(text)
    children = [child for token in tokens for child in token.children or ()]
    kinds = {child.type for child in children if child.markup != BARE}
    return bool(kinds & _MARKUP) or bool(
        {found.kind for found in unsupported(text)} & {"formula", "latex", "emoji", "highlight"}
    )


def plain_title(text: str) -> str:
    """Return the plain text of a heading's Markdown."""
    if not any(mark in text for mark in "*_`[&\\<~"):
        return text.strip()
    tokens = module_parser().parseInline(encodable(text))
    children = [child for token in tokens for child in token.children or ()]
    return "".join(
        " " if child.type in _BREAKS else child.content
        for child in children
        if child.type != "html_inline"
    ).strip()
