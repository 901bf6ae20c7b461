"""Markdown to HTML: one way for the authors of modules, a narrower one for everybody's posts.

markdown-it-py parses (CommonMark, with tables and strikethrough), nh3 has the last word on every
tag, attribute and address. Nothing that comes out needs an inline style or a script, so the pages
can forbid both.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import unquote

from courseware import known

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

RENDERER = "1"
"""The version of ``post_html``, stored beside what it made: raise it when its result changes."""

PLACE = "h-"
"""What stands before the id of an author's heading, so that it is never the page's own."""

_HEADING_ID = re.compile(r"\s*\{#([A-Za-z][A-Za-z0-9_-]{0,63})\}\s*$")
_BREAKS = ("softbreak", "hardbreak")
_POST_LINK = re.compile(r"https?://[^/?#\s]|mailto:[^\s@?]+@[^\s@?]", re.IGNORECASE)
_BARE_LINK = re.compile(r"\bhttps?://[^\s<>\"'`{}|\\^]{1,2000}", re.IGNORECASE)
_POST_REL = "nofollow ugc noopener noreferrer"
_FIRST_POST_HEADING = 4
# The parser looks for the end of a link from every bracket on. No post has so many on purpose.
_MOST_BRACKETS = 500

_MOST_WORK = 150_000
"""Units of work that a post may take to render, about a microsecond each.

A position at which the parser looks for the end of a link is one unit, and so is a character of a
link's tag. A try of the parser's rules, a mark of emphasis, and a token of a block (a paragraph has
three, a table cell too) are ``_STEP`` units each.
"""
_STEP = 10
_LARGEST_POST = 250_000
"""Characters of a post's HTML."""

_HEADINGS = {"h4", "h5", "h6"}
_BLOCKS = {"p", "blockquote", "pre", "ul", "ol", "li", "hr"} | _HEADINGS
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_INLINES = {"a", "em", "strong", "s", "code", "br"}
_CELLS = {"th": {"center", "end"}, "td": {"center", "end"}}
_WITH_DIRECTION = {"p", "blockquote", "pre", "ul", "ol", "table", "th", "td"} | _HEADINGS


def module_html(text: str, *, address: Callable[[str], str], heading_base: int = 3) -> str:
    """Render an author's Markdown. Raw HTML is left out.

    ``address`` turns the address of each link and image into the one to show. ``heading_base`` is
    the level that the author's ``##`` becomes; deeper ones follow.
    """

    def make(text: str, address: Callable[[str], str]) -> str:
        md = _module_parser()
        env: dict[str, Any] = {"address": address, "base": heading_base}
        return _module_cleaner().clean(md.renderer.render(parse(text), md.options, env))

    return known.html(f"html {heading_base}", text, address, make)


class TooComplex(ValueError):  # noqa: N818 - a refusal, to be told to the author
    """A post has more formatting than is rendered."""


def post_html(text: str) -> str:
    """Render what somebody posted: no pictures, no raw HTML, and links that vouch for nothing.

    Raises :class:`TooComplex` where the text takes too much work or makes too much HTML. The limits
    are absolute, so the time and the size are bounded for any text.
    """
    linked = text.count("[") <= _MOST_BRACKETS
    html = _post_parser(linked).render(_encodable(text), {"work": 0})
    html = _post_cleaner().clean(html) if len(html) <= _LARGEST_POST else html
    if len(html) > _LARGEST_POST:
        raise TooComplex
    return html


def unformatted_html(text: str) -> str:
    """Return a post's text as HTML without formatting: what to show where it is too complex."""
    return f'<p dir="auto">{_escape(_encodable(text))}</p>'.replace("\n", "<br>\n")


@lru_cache(maxsize=512)
def parse(text: str) -> "Sequence[Token]":
    """Return the tokens of an author's Markdown, kept for the texts met last. Do not change them.

    Raw HTML and every address are in the tokens.
    """
    return tuple(_module_parser().parse(_encodable(text)))


class Part(NamedTuple):
    """What a checker speaks about: an id, the address of a link or picture, or raw HTML.

    ``line`` counts from 0, the text's first; ``words`` are those of a picture.
    """

    line: int
    kind: Literal["place", "link", "picture", "html"]
    value: str
    words: str = ""


def parts(text: str) -> list[Part]:
    """Return the parts of an author's Markdown that can be wrong, in their order."""
    return [Part(*part) for part in known.found("parts", text, lambda: _parts(text))]


def _parts(text: str) -> list[Part]:
    found = []
    for token in parse(text):
        line = token.map[0] if token.map else 0
        found += _part(line, token)
        for child in token.children or ():
            found += _part(line, child)
            line += (child.type in _BREAKS) + child.content.count("\n")
    return found


def _part(line: int, token: "Token") -> list[Part]:
    match token.type:
        case "heading_open" if token.attrGet("id"):
            return [Part(line, "place", str(token.attrGet("id")))]
        case "link_open":
            return [Part(line, "link", unquoted(str(token.attrGet("href") or "")))]
        case "image":
            source = unquoted(str(token.attrGet("src") or ""))
            return [Part(line, "picture", source, token.content)]
        case "html_block" | "html_inline":
            return [Part(line, "html", token.content)]
        case _:
            return []


def plain_title(text: str) -> str:
    """Return a heading's text without its markup: titles are plain words everywhere."""
    if not any(mark in text for mark in "*_`[&\\<~"):
        return text.strip()
    return known.found("title", text, lambda: _plain_title(text))


def _plain_title(text: str) -> str:
    tokens = _module_parser().parseInline(_encodable(text))
    children = [child for token in tokens for child in token.children or ()]
    return "".join(
        " " if child.type in _BREAKS else child.content
        for child in children
        if child.type != "html_inline"
    ).strip()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


# ----------------------------------------------------------------- the authors' profile


@cache
def _module_parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    md.core.ruler.before("inline", "heading_ids", _take_heading_ids)
    # Every link reaches the tokens: the checker names the bad ones, nh3 lets none of them through.
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
        "th_open": _cell,
        "td_open": _cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


@cache
def _module_cleaner() -> "nh3.Cleaner":
    import nh3

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


def _take_heading_ids(state: Any) -> None:
    """Make ``## Title {#place}`` a heading with the id ``place``."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        if before.type != "heading_open":
            continue
        match = _HEADING_ID.search(token.content)
        if match:
            token.content = token.content[: match.start()]
            before.attrSet("id", match[1])


def _heading(_: Any, tokens: "Sequence[Token]", i: int, __: Any, env: dict[str, Any]) -> str:
    token = tokens[i]
    level = min(6, max(env["base"], int(token.tag[1]) - 2 + env["base"]))
    if token.nesting < 0:
        return f"</h{level}>\n"
    place = token.attrGet("id")
    return f'<h{level} id="{PLACE}{_escape(str(place))}">' if place else f"<h{level}>"


def _module_link(_: Any, tokens: "Sequence[Token]", i: int, __: Any, env: dict[str, Any]) -> str:
    address = env["address"](unquoted(str(tokens[i].attrGet("href") or "")))
    title = tokens[i].attrGet("title")
    # In an LMS the page stands in a frame, where most other sites refuse to be shown.
    leaves = not address.startswith(("#", "mailto:", "tel:"))
    return "".join(
        (
            f'<a href="{_escape(address)}"',
            f' title="{_escape(str(title))}"' if title else "",
            ' target="_blank" rel="noopener">' if leaves else ">",
        )
    )


def _module_image(_: Any, tokens: "Sequence[Token]", i: int, __: Any, env: dict[str, Any]) -> str:
    source = env["address"](unquoted(str(tokens[i].attrGet("src") or "")))
    title = tokens[i].attrGet("title")
    named = f' title="{_escape(str(title))}"' if title else ""
    return (
        f'<img src="{_escape(source)}" alt="{_escape(tokens[i].content)}"{named}'
        ' loading="lazy" decoding="async">'
    )


def unquoted(address: str) -> str:
    """Undo the percent-encoding that the parser gives to the path of a relative address."""
    return address if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#", address) else unquote(address)


def _nothing(*_: Any) -> str:
    return ""


def _code(_: Any, tokens: "Sequence[Token]", i: int, *__: Any) -> str:
    return f"<pre><code>{_escape(tokens[i].content)}</code></pre>\n"


def _cell(_: Any, tokens: "Sequence[Token]", i: int, *__: Any) -> str:
    token = tokens[i]
    style = str(token.attrGet("style") or "")
    kind = "center" if "center" in style else "end" if "right" in style else ""
    return f'<{token.tag} class="{kind}">' if kind else f"<{token.tag}>"


def _escape(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


# ----------------------------------------------------------------- the profile of posts


@cache
def _post_parser(linked: bool) -> "MarkdownIt":
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark", {"html": False, "breaks": True})
    md.enable(["table", "strikethrough"])
    if not linked:
        md.disable(["link", "image"])
    _limit_work(md)
    md.core.ruler.push("bare_links", _link_bare_addresses)
    md.validateLink = lambda url: _POST_LINK.match(url) is not None  # type: ignore[method-assign]
    for name, rule in {
        "heading_open": _post_heading,
        "heading_close": _post_heading,
        "link_open": _post_link,
        "image": _post_image,
        "fence": _code,
        "code_block": _code,
        "th_open": _cell,
        "td_open": _cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


@cache
def _post_cleaner() -> "nh3.Cleaner":
    import nh3

    return nh3.Cleaner(
        tags=_BLOCKS | _TABLES | _INLINES,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        tag_attribute_values={"a": {"target": {"_blank"}}},
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in _WITH_DIRECTION},
        allowed_classes=_CELLS,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=_POST_REL,
    )


def _limit_work(md: "MarkdownIt") -> None:
    """Have the parser count its work in ``env["work"]``, and stop when that is too much.

    The rules that are added here come first in their chains and never match.
    """
    skip_token = md.inline.skipToken

    def skip(state: Any) -> None:
        _spend(state.env, 1)
        skip_token(state)

    md.inline.skipToken = skip  # type: ignore[method-assign]
    md.inline.ruler.before("text", "work", _inline_work)
    md.inline.ruler2.before("balance_pairs", "work", _emphasis_work)
    # The other chains are those of rules that may end a block: they are tried at each of its lines.
    md.block.ruler.before(
        "table", "work", _block_work, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.before("inline", "work", _tokens_work)


def _spend(env: dict[str, Any], units: int, tokens: int = 0) -> None:
    env["work"] += units
    if env["work"] + tokens * _STEP > _MOST_WORK:
        raise TooComplex


def _inline_work(state: Any, _silent: bool) -> bool:
    _spend(state.env, _STEP)
    return False


def _emphasis_work(state: Any) -> None:
    _spend(state.env, _STEP * len(state.delimiters))


def _block_work(state: Any, _start: int, _end: int, _silent: bool) -> bool:
    _spend(state.env, _STEP, len(state.tokens))
    return False


def _tokens_work(state: Any) -> None:
    _spend(state.env, _STEP * len(state.tokens))


def _post_heading(_: Any, tokens: "Sequence[Token]", i: int, *__: Any) -> str:
    level = min(6, int(tokens[i].tag[1]) + _FIRST_POST_HEADING - 1)
    return f"</h{level}>\n" if tokens[i].nesting < 0 else f"<h{level}>"


def _post_link(_: Any, tokens: "Sequence[Token]", i: int, __: Any, env: dict[str, Any]) -> str:
    address = str(tokens[i].attrGet("href") or "")
    title = str(tokens[i].attrGet("title") or "")
    # Many links can refer to one definition, each with all of its text.
    _spend(env, len(address) + len(title))
    return "".join(
        (
            f'<a href="{_escape(address)}"',
            f' title="{_escape(title)}"' if title else "",
            ">" if address.lower().startswith("mailto:") else ' target="_blank">',
        )
    )


def _post_image(_: Any, tokens: "Sequence[Token]", i: int, __: Any, env: dict[str, Any]) -> str:
    address = str(tokens[i].attrGet("src") or "")
    _spend(env, len(address))
    return (
        f'<a href="{_escape(address)}" target="_blank">{_escape(tokens[i].content or address)}</a>'
    )


def _link_bare_addresses(state: Any) -> None:
    """Make links of the addresses that people paste, outside links and code."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        depth, children = 0, []
        for token in block.children or ():
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and depth == 0:
                children += _split_at_addresses(token, state)
            else:
                children.append(token)
        block.children = children


def _split_at_addresses(token: "Token", state: Any) -> "list[Token]":
    from markdown_it.token import Token

    parts: list[Token] = []
    at = 0
    for match in _BARE_LINK.finditer(token.content):
        shown = _without_trailing_marks(match[0])
        href = state.md.normalizeLink(shown)
        if not state.md.validateLink(href):
            continue
        parts += [
            Token("text", "", 0, content=token.content[at : match.start()]),
            Token("link_open", "a", 1, attrs={"href": href}),
            Token("text", "", 0, content=shown),
            Token("link_close", "a", -1),
        ]
        at = match.start() + len(shown)
    return [*parts, Token("text", "", 0, content=token.content[at:])] if parts else [token]


def _without_trailing_marks(address: str) -> str:
    """Leave out the full stop or the bracket that belongs to the sentence, not to the address."""
    while address:
        last = address[-1]
        unpaired = last in ")]" and address.count(last) > address.count("(["[")]".index(last)])
        if last in ".,;:!?*_~…»”’" or unpaired:
            address = address[:-1]
        else:
            break
    return address
