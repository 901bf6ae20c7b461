"""Sanitize rendered HTML (nh3), and the render rules that modules and posts share."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it.token import Token

_HEADINGS = {"h4", "h5", "h6"}
_BLOCKS = {"p", "blockquote", "pre", "ul", "ol", "li", "hr"} | _HEADINGS
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_INLINES = {"a", "em", "strong", "s", "code", "br"}
_CELLS = {"th": {"center", "end"}, "td": {"center", "end"}}
_WITH_DIRECTION = {"p", "blockquote", "pre", "ul", "ol", "table", "th", "td"} | _HEADINGS
_POST_REL = "nofollow ugc noopener noreferrer"


@cache
def module_cleaner() -> nh3.Cleaner:
    """Return the sanitizer of modules: with images, heading ids and ``tel:`` links."""
    return nh3.Cleaner(
        tags=_BLOCKS | _TABLES | _INLINES | {"h3", "img"},
        attributes={
            "a": {"href", "title", "rel"},
            "img": {"src", "alt", "title"},
            "ol": {"start"},
            **{f"h{level}": {"id"} for level in range(3, 7)},
        },
        tag_attribute_values={
            "a": {"target": {"_blank"}},
            "img": {"loading": {"lazy"}, "decoding": {"async"}},
        },
        allowed_classes=_CELLS,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )


@cache
def post_cleaner() -> nh3.Cleaner:
    """Return the sanitizer of posts: each block finds its own direction, links are not followed."""
    return nh3.Cleaner(
        tags=_BLOCKS | _TABLES | _INLINES,
        attributes={"a": {"href", "title"}, "ol": {"start"}, "li": {"value"}},
        tag_attribute_values={"a": {"target": {"_blank"}}},
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in _WITH_DIRECTION},
        allowed_classes=_CELLS,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=_POST_REL,
    )


def encodable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def escape(text: str) -> str:
    """Escape a text for element content and for attributes in double quotes."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def cell(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    """Render the start tag of a table cell, with a class instead of a style for its alignment."""
    token = tokens[i]
    style = str(token.attrGet("style") or "")
    kind = "center" if "center" in style else "end" if "right" in style else ""
    return f'<{token.tag} class="{kind}">' if kind else f"<{token.tag}>"
