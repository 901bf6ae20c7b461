"""Render the Markdown of posts."""

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block, reference
from markdown_it.token import Token

from courseware import characters
from courseware.markdown.bare_urls import (
    SAFE_LINK,
    bare_url,
    is_normal,
    marks_of_address,
    sign_between_numbers,
)
from courseware.markdown.html import cell, encodable, escape, post_cleaner
from courseware.markdown.tables import whole_table
from courseware.markdown.work_limit import TooComplex, limit_work, spend

RENDERER = "4"
"""The version of ``post_html``, stored with its results: raise it when they change."""

_FIRST_POST_HEADING = 4
# The parser searches the end of a link from every bracket: thousands would take seconds.
_MAX_BRACKETS = 500
_LARGEST_POST = 250_000
"""Characters of a post's HTML."""
_HTML_TAG = re.compile(r"""<(?:[^>"]|"[^"]*")*>""")
_LANGUAGES = {
    "bash", "c", "console", "cpp", "cs", "csharp", "css", "csv", "dart", "diff", "go", "haskell",
    "html", "http", "ini", "java", "javascript", "js", "json", "julia", "jsx", "kotlin", "latex",
    "lua", "markdown", "matlab", "md", "mermaid", "pascal", "perl", "php", "plaintext",
    "powershell", "python", "python3", "py", "r", "ruby", "rust", "scala", "sh", "shell", "sql",
    "svg", "swift", "tex", "text", "toml", "ts", "typescript", "txt", "vb", "xml", "yaml", "yml",
}  # fmt: skip
"""Names of languages that people write behind a fence of code; they are not shown."""
_YEAR = re.compile(r"[0-9]{4,}[.)]")


def post_html(text: str) -> str:
    """Render a post: no images, no raw HTML, and links with ``rel="nofollow ugc"``.

    A text of which nothing could be seen (``#``, ``***``) is shown as it was typed.

    Raises :class:`TooComplex` where the text takes too much work or makes too much HTML. The limits
    are absolute, so the time and the size are bounded for any text.
    """
    linked = text.count("[") <= _MAX_BRACKETS
    html = _post_parser(linked).render(encodable(text), {"work": 0})
    html = post_cleaner().clean(html) if len(html) <= _LARGEST_POST else html
    if len(html) > _LARGEST_POST:
        raise TooComplex
    return unformatted_html(text) if _shows_nothing(html) else html


def unformatted_html(text: str) -> str:
    """Return a post's text as HTML without formatting: what to show where it is too complex."""
    return f'<p dir="auto">{escape(encodable(text))}</p>'.replace("\n", "<br>\n")


def _shows_nothing(html: str) -> bool:
    return characters.is_blank(unescape(_HTML_TAG.sub("", html)))


@cache
def _post_parser(linked: bool) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True})
    md.enable(["table", "strikethrough"])
    # A line of hyphens below a text, or indented text, is rarely meant as Markdown.
    md.disable(["lheading", "code"])
    # Without raw HTML these never match.
    md.disable(["html_block", "html_inline"])
    md.block.ruler.at("reference", _shown_reference)
    md.block.ruler.at("table", whole_table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at(
        "list", _list_of_small_numbers, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    md.core.ruler.push("numbers", _keep_numbers)
    md.core.ruler.push("empty_links", _show_empty_links)
    if not linked:
        md.disable(["link", "image"])
    limit_work(md)
    md.inline.ruler.before("newline", "bare_url", bare_url)
    md.inline.ruler.before("newline", "marks_of_address", marks_of_address)
    md.inline.ruler.before("newline", "sign_between_numbers", sign_between_numbers)
    md.validateLink = lambda url: SAFE_LINK.match(url) is not None  # type: ignore[method-assign]
    normalized = md.normalizeLink
    md.normalizeLink = lambda url: url if is_normal(url) else normalized(url)  # type: ignore[method-assign]
    for name, rule in {
        "heading_open": _post_heading,
        "heading_close": _post_heading,
        "link_open": _post_link,
        "image": _post_image,
        "fence": _post_fence,
        "th_open": cell,
        "td_open": cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


def _shown_reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a link definition as Markdown does, and show it too: it may be a list of sources."""
    if not reference(state, start, end, silent):
        return False
    source = state.getLines(start, state.line, state.blkIndent, False).strip()
    previous = state.tokens[-2] if len(state.tokens) > 1 else None
    if previous is not None and previous.meta.get("definition") == start:
        previous.content += f"\n{source}"
        previous.meta["definition"] = state.line
        return True
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.children = source, []
    inline.map, inline.meta = [start, state.line], {"definition": state.line}
    state.push("paragraph_close", "p", -1)
    return True


def _list_of_small_numbers(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a list, unless it would begin with a year: ``1986. A year``."""
    position = state.bMarks[start] + state.tShift[start]
    if _YEAR.match(state.src, position):
        return False
    return list_block(state, start, end, silent)


def _keep_numbers(state: Any) -> None:
    """Number the items of lists as typed, except where all have the same number."""
    lists: list[list[Token]] = []
    for token in state.tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            lists.append([])
        elif token.type == "list_item_open" and token.info:
            lists[-1].append(token)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            _number(lists.pop())


def _number(items: Sequence[Token]) -> None:
    if len({int(item.info) for item in items}) < 2:
        return
    for before, item in pairwise(items):
        if int(item.info) != int(before.info) + 1:
            item.attrSet("value", str(int(item.info)))


def _show_empty_links(state: Any) -> None:
    """Show the URL of a link without a text: ``[](https://…)``."""
    for block in state.tokens:
        if block.type != "inline" or "[" not in block.content:
            continue
        children: list[Token] = []
        opened = 0
        for token in block.children or ():
            if token.type == "link_open":
                opened = len(children) + 1
            elif token.type == "link_close" and not any(map(_is_seen, children[opened:])):
                url = str(children[opened - 1].attrGet("href") or "")
                children.append(Token("text", "", 0, content=url))
            children.append(token)
        block.children = children


def _is_seen(token: Token) -> bool:
    return token.type == "image" or not characters.is_blank(token.content)


def _post_fence(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    """Return a block of code; below what follows the fence, where that is not a language's name."""
    info, code = tokens[i].info.strip(), tokens[i].content
    if info and (info.lower() not in _LANGUAGES or characters.is_blank(code)):
        code = f"{info}\n{code}"
    return f"<pre><code>{escape(code)}</code></pre>\n"


def _post_heading(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    level = min(6, int(tokens[i].tag[1]) + _FIRST_POST_HEADING - 1)
    return f"</h{level}>\n" if tokens[i].nesting < 0 else f"<h{level}>"


def _post_link(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = str(tokens[i].attrGet("href") or "")
    title = str(tokens[i].attrGet("title") or "")
    # Many links can refer to one definition, each with all of its text.
    spend(env, len(url) + len(title))
    return "".join(
        (
            f'<a href="{escape(url)}"',
            f' title="{escape(title)}"' if title else "",
            ">" if url.lower().startswith("mailto:") else ' target="_blank">',
        )
    )


def _post_image(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = str(tokens[i].attrGet("src") or "")
    spend(env, len(url))
    shown = url if characters.is_blank(tokens[i].content) else tokens[i].content
    return f'<a href="{escape(url)}" target="_blank">{escape(shown)}</a>'
