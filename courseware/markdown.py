"""Markdown to HTML: one profile for the authors of modules, a narrower one for posts.

markdown-it-py parses (CommonMark, with tables and strikethrough), nh3 sanitizes every tag,
attribute and URL. The HTML has no inline styles or scripts, so pages can forbid both (CSP).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from courseware import markdown_extensions

RENDERER = "1"
"""The version of ``post_html``, stored with its results: raise it when they change."""

HEADING_ID_PREFIX = "h-"
"""Prefix of the HTML id of an author's heading, so that it differs from the page's own ids."""

_HEADING_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MAX_HEADING_LEVEL = 6
_BREAKS = ("softbreak", "hardbreak")
_POST_LINK = re.compile(r"https?://[^/?#\s]|mailto:[^\s@?]+@[^\s@?]", re.IGNORECASE)
_BARE_LINK = re.compile(r"\bhttps?://[^\s<>\"'`{}|\\^]{1,2000}", re.IGNORECASE)
_BARE = "bare"
"""The markup of a link that is a bare URL."""
_POST_REL = "nofollow ugc noopener noreferrer"
_FIRST_POST_HEADING = 4
# The parser searches the end of a link from every bracket: thousands would take seconds.
_MAX_BRACKETS = 500

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


def module_html(text: str, *, url: Callable[[str], str], heading_base: int = 3) -> str:
    """Render an author's Markdown. Raw HTML is left out.

    ``url`` maps the URL of each link and image to the one on the page. ``heading_base`` is the
    level of the author's ``##``; deeper headings follow.
    """
    md = _module_parser()
    env: dict[str, Any] = {"url": url, "base": heading_base}
    return _module_cleaner().clean(md.renderer.render(parse(text), md.options, env))


class TooComplex(ValueError):  # noqa: N818 - a refusal, to be told to the author
    """A post has more formatting than is rendered."""


def post_html(text: str) -> str:
    """Render what somebody posted: no pictures, no raw HTML, and links that vouch for nothing.

    Raises :class:`TooComplex` where the text takes too much work or makes too much HTML. The limits
    are absolute, so the time and the size are bounded for any text.
    """
    linked = text.count("[") <= _MAX_BRACKETS
    html = _post_parser(linked).render(_encodable(text), {"work": 0})
    html = _post_cleaner().clean(html) if len(html) <= _LARGEST_POST else html
    if len(html) > _LARGEST_POST:
        raise TooComplex
    return html


def unformatted_html(text: str) -> str:
    """Return a post's text as HTML without formatting: what to show where it is too complex."""
    return f'<p dir="auto">{_escape(_encodable(text))}</p>'.replace("\n", "<br>\n")


def parse(text: str) -> Sequence[Token]:
    """Return the tokens of an author's Markdown, with raw HTML and all URLs. Do not change them.

    Memoized, because a text is checked and then rendered.
    """
    return _parsed(text)[0]


def unsupported(text: str) -> tuple[markdown_extensions.Found, ...]:
    """Return what an author's Markdown contains of other dialects, in order."""
    return _parsed(text)[1]


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[Sequence[Token], tuple[markdown_extensions.Found, ...]]:
    env: dict[str, Any] = {"unsupported": ()}
    return tuple(_module_parser().parse(_encodable(text), env)), env["unsupported"]


@lru_cache(maxsize=512)
def parse_blocks(text: str) -> Sequence[Token]:
    """Return the block tokens of an author's Markdown; inline content is not parsed."""
    return tuple(_module_block_parser().parse(_encodable(text)))


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
        markdown, found = _split_id(markdown)
        heading_id = None if found is None else found.strip()
    return Heading(
        int(token.tag[1]), markdown, None if heading_id is None else str(heading_id), start, end
    )


def _split_id(line: str) -> tuple[str, str | None]:
    """Split ``Title {#some-id}`` into title and id, which need not be valid; None without one."""
    stripped = line.rstrip()
    start = stripped.rfind("{#")
    if start < 0 or stripped.find("}", start) != len(stripped) - 1:
        return line, None
    return stripped[:start].rstrip(), stripped[start + 2 : -1]


def ends_with_id(line: str) -> bool:
    """Tell whether a line ends like a heading with an id: ``{#…}``."""
    return _split_id(line)[1] is not None


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
        case "link_open" if token.markup != _BARE:
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
        if source.startswith("#" if ends_with_id(source) else "##")
        and len(source) - len(source.lstrip("#")) <= _MAX_HEADING_LEVEL
    ]


def has_markup(text: str) -> bool:
    """Tell whether a text that is shown as it is has Markdown or HTML, or that of other dialects.

    Bare URLs and line breaks are no markup.
    """
    tokens = _parsed(text)[0]
    children = [child for token in tokens for child in token.children or ()]
    kinds = {child.type for child in children if child.markup != _BARE}
    return bool(kinds & _MARKUP) or bool(
        {found.kind for found in unsupported(text)} & {"formula", "latex", "emoji", "highlight"}
    )


_MARKUP = {"em_open", "strong_open", "s_open", "code_inline", "image", "link_open", "html_inline"}


def plain_title(text: str) -> str:
    """Return the plain text of a heading's Markdown."""
    if not any(mark in text for mark in "*_`[&\\<~"):
        return text.strip()
    tokens = _module_parser().parseInline(_encodable(text))
    children = [child for token in tokens for child in token.children or ()]
    return "".join(
        " " if child.type in _BREAKS else child.content
        for child in children
        if child.type != "html_inline"
    ).strip()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


# ----------------------------------------------------------------- modules


@cache
def _module_parser() -> MarkdownIt:
    return _new_module_parser()


def _new_module_parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "store_labels": True})
    md.enable(["table", "strikethrough"])
    md.core.ruler.before("inline", "heading_ids", _take_heading_ids)
    md.core.ruler.before("text_join", "unsupported", _find_unsupported)
    md.core.ruler.push("bare_links", _link_bare_urls)
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
        "th_open": _cell,
        "td_open": _cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


@cache
def _module_block_parser() -> MarkdownIt:
    return _new_module_parser().disable("inline")


@cache
def _module_cleaner() -> nh3.Cleaner:
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
    """Make ``## Title {#some-id}`` a heading with the id ``some-id``."""
    for before, token in pairwise(state.tokens):
        if before.type == "heading_open":
            content, heading_id = _split_id(token.content)
            if heading_id is not None and _HEADING_ID.fullmatch(heading_id):
                token.content = content
                before.attrSet("id", heading_id)


def _find_unsupported(state: Any) -> None:
    if "unsupported" in state.env:
        state.env["unsupported"] = markdown_extensions.find(state.tokens, state.env, state.src)


def _heading(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    token = tokens[i]
    level = min(6, max(env["base"], int(token.tag[1]) - 2 + env["base"]))
    if token.nesting < 0:
        return f"</h{level}>\n"
    name = token.attrGet("id")
    return f'<h{level} id="{HEADING_ID_PREFIX}{_escape(str(name))}">' if name else f"<h{level}>"


def _module_link(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = env["url"](unquoted(str(tokens[i].attrGet("href") or "")))
    title = tokens[i].attrGet("title")
    # In an LMS the page is in a frame, in which most other sites refuse to be displayed.
    external = not url.startswith(("#", "mailto:", "tel:"))
    return "".join(
        (
            f'<a href="{_escape(url)}"',
            f' title="{_escape(str(title))}"' if title else "",
            ' target="_blank" rel="noopener">' if external else ">",
        )
    )


def _module_image(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    source = env["url"](unquoted(str(tokens[i].attrGet("src") or "")))
    title = tokens[i].attrGet("title")
    named = f' title="{_escape(str(title))}"' if title else ""
    return (
        f'<img src="{_escape(source)}" alt="{_escape(tokens[i].content)}"{named}'
        ' loading="lazy" decoding="async">'
    )


def unquoted(url: str) -> str:
    """Undo the percent-encoding that the parser applies to the path of a relative URL."""
    return url if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:|//|#", url) else unquote(url)


def _nothing(*_: Any) -> str:
    return ""


def _code(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    return f"<pre><code>{_escape(tokens[i].content)}</code></pre>\n"


def _cell(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    token = tokens[i]
    style = str(token.attrGet("style") or "")
    kind = "center" if "center" in style else "end" if "right" in style else ""
    return f'<{token.tag} class="{kind}">' if kind else f"<{token.tag}>"


def _escape(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


# ----------------------------------------------------------------- posts


@cache
def _post_parser(linked: bool) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True})
    md.enable(["table", "strikethrough"])
    if not linked:
        md.disable(["link", "image"])
    _limit_work(md)
    md.core.ruler.push("bare_links", _link_bare_urls)
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
def _post_cleaner() -> nh3.Cleaner:
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


def _post_heading(_: Any, tokens: Sequence[Token], i: int, *__: Any) -> str:
    level = min(6, int(tokens[i].tag[1]) + _FIRST_POST_HEADING - 1)
    return f"</h{level}>\n" if tokens[i].nesting < 0 else f"<h{level}>"


def _post_link(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = str(tokens[i].attrGet("href") or "")
    title = str(tokens[i].attrGet("title") or "")
    # Many links can refer to one definition, each with all of its text.
    _spend(env, len(url) + len(title))
    return "".join(
        (
            f'<a href="{_escape(url)}"',
            f' title="{_escape(title)}"' if title else "",
            ">" if url.lower().startswith("mailto:") else ' target="_blank">',
        )
    )


def _post_image(_: Any, tokens: Sequence[Token], i: int, __: Any, env: dict[str, Any]) -> str:
    url = str(tokens[i].attrGet("src") or "")
    _spend(env, len(url))
    return f'<a href="{_escape(url)}" target="_blank">{_escape(tokens[i].content or url)}</a>'


def _link_bare_urls(state: Any) -> None:
    """Make links of bare URLs, except in links and code."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        depth, children = 0, []
        for token in block.children or ():
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and depth == 0:
                children += _split_at_urls(token, state)
            else:
                children.append(token)
        block.children = children


def _split_at_urls(token: Token, state: Any) -> list[Token]:
    parts: list[Token] = []
    at = 0
    for match in _BARE_LINK.finditer(token.content):
        shown = _without_trailing_punctuation(match[0])
        href = state.md.normalizeLink(shown)
        if not _POST_LINK.match(href):
            continue
        parts += [
            Token("text", "", 0, content=token.content[at : match.start()]),
            Token("link_open", "a", 1, attrs={"href": href}, markup=_BARE),
            Token("text", "", 0, content=shown),
            Token("link_close", "a", -1),
        ]
        at = match.start() + len(shown)
    return [*parts, Token("text", "", 0, content=token.content[at:])] if parts else [token]


def _without_trailing_punctuation(url: str) -> str:
    """Remove a full stop or bracket that belongs to the sentence, not to the URL."""
    while url:
        last = url[-1]
        unpaired = last in ")]" and url.count(last) > url.count("(["[")]".index(last)])
        if last in ".,;:!?*_~…»”’" or unpaired:
            url = url[:-1]
        else:
            break
    return url
