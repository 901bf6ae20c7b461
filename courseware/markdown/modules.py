"""Parse and render the Markdown of a module's author."""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from courseware.markdown import other_dialects
from courseware.markdown.bare_urls import bare_url
from courseware.markdown.html import cell, encodable, escape, module_cleaner
from courseware.markdown.other_dialects import UnsupportedMarkup

HEADING_ID_PREFIX = "h-"
"""Prefix of the HTML id of an author's heading, so that it differs from the page's own ids."""

_HEADING_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def module_html(text: str, *, url: Callable[[str], str], heading_base: int = 3) -> str:
    """Render an author's Markdown. Raw HTML is left out.

    ``url`` maps the URL of each link and image to the one on the page. ``heading_base`` is the
    level of the author's ``##``; deeper headings follow.
    """
    md = module_parser()
    env: dict[str, Any] = {"url": url, "base": heading_base}
    return module_cleaner().clean(md.renderer.render(parse(text), md.options, env))


def parse(text: str) -> Sequence[Token]:
    """Return the tokens of an author's Markdown, with raw HTML and all URLs. Do not change them.

    Memoized, because a text is checked and then rendered.
    """
    return _parsed(text)[0]


def unsupported(text: str) -> tuple[UnsupportedMarkup, ...]:
    """Return what an author's Markdown contains of other dialects, in order."""
    return _parsed(text)[1]


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[Sequence[Token], tuple[UnsupportedMarkup, ...]]:
    env: dict[str, Any] = {"unsupported": ()}
    return tuple(module_parser().parse(encodable(text), env)), env["unsupported"]


@lru_cache(maxsize=512)
def parse_blocks(text: str) -> Sequence[Token]:
    """Return the block tokens of an author's Markdown; inline content is not parsed."""
    return tuple(_module_block_parser().parse(encodable(text)))


def split_id(line: str) -> tuple[str, str | None]:
    """Split ``Title {#some-id}`` into title and id, which need not be valid; None without one."""
    stripped = line.rstrip()
    start = stripped.rfind("{#")
    if start < 0 or stripped.find("}", start) != len(stripped) - 1:
        return line, None
    return stripped[:start].rstrip(), stripped[start + 2 : -1]


def ends_with_id(line: str) -> bool:
    """Whether a line ends like a heading with an id: ``{#…}``."""
    return split_id(line)[1] is not None


def unquoted(url: str) -> str:
    """Undo the percent-encoding that the parser applies to the path of a relative URL."""
    return url if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:|//|#", url) else unquote(url)


@cache
def module_parser() -> MarkdownIt:
    """Return the parser of modules; its renderer needs ``url`` and ``base`` in the environment."""
    return _new_module_parser()


def _new_module_parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "store_labels": True})
    md.enable(["table", "strikethrough"])
    md.core.ruler.before("inline", "heading_ids", _take_heading_ids)
    md.core.ruler.before("text_join", "unsupported", _find_unsupported)
    md.inline.ruler.before("newline", "bare_url", bare_url)
    # All links become tokens, so that the checks can name the bad ones; nh3 removes them.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    for name, rule in {
        "heading_open": _heading,
        "heading_close": _heading,
        "link_open": _module_link,
        "image": _module_image,
        "html_block": _nothing,
        "html_inline": _nothing,
        "fence": _code,
        "code_block": _code,
        "th_open": cell,
        "td_open": cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


@cache
def _module_block_parser() -> MarkdownIt:
    return _new_module_parser().disable("inline")


def _take_heading_ids(state: Any) -> None:
    """Make ``## Title {#some-id}`` a heading with the id ``some-id``."""
    for before, token in pairwise(state.tokens):
        if before.type == "heading_open":
            content, heading_id = split_id(token.content)
            if heading_id is not None and _HEADING_ID.fullmatch(heading_id):
                token.content = content
                before.attrSet("id", heading_id)


def _find_unsupported(state: Any) -> None:
    if "unsupported" in state.env:
        state.env["unsupported"] = other_dialects.find(state.tokens, state.env, state.src)


def _heading(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    token = tokens[i]
    level = min(6, max(env["base"], int(token.tag[1]) - 2 + env["base"]))
    if token.nesting < 0:
        return f"</h{level}>\n"
    name = token.attrGet("id")
    return f'<h{level} id="{HEADING_ID_PREFIX}{escape(str(name))}">' if name else f"<h{level}>"


def _module_link(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = env["url"](unquoted(str(tokens[i].attrGet("href") or "")))
    title = tokens[i].attrGet("title")
    # In an LMS the page is in a frame, in which most other sites refuse to be displayed.
    external = not url.startswith(("#", "mailto:", "tel:"))
    return "".join(
        (
            f'<a href="{escape(url)}"',
            f' title="{escape(str(title))}"' if title else "",
            ' target="_blank" rel="noopener">' if external else ">",
        )
    )


def _module_image(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    source = env["url"](unquoted(str(tokens[i].attrGet("src") or "")))
    title = tokens[i].attrGet("title")
    named = f' title="{escape(str(title))}"' if title else ""
    return (
        f'<img src="{escape(source)}" alt="{escape(tokens[i].content)}"{named}'
        ' loading="lazy" decoding="async">'
    )


def _nothing(*_: Any) -> str:
    return ""


def _code(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    return f"<pre><code>{escape(tokens[i].content)}</code></pre>\n"
