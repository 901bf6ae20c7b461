"""Markdown to HTML: one profile for the authors of modules, a narrower one for posts.

markdown-it-py parses (CommonMark, with tables and strikethrough), nh3 sanitizes every tag,
attribute and URL. The HTML has no inline styles or scripts, so pages can forbid both (CSP).
"""

import re
import unicodedata
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block, reference
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from courseware import characters, markdown_extensions

RENDERER = "2"
"""The version of ``post_html``, stored with its results: raise it when they change."""

HEADING_ID_PREFIX = "h-"
"""Prefix of the HTML id of an author's heading, so that it differs from the page's own ids."""

_HEADING_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MAX_HEADING_LEVEL = 6
_BREAKS = ("softbreak", "hardbreak")
_POST_LINK = re.compile(r"https?://[^/?#\s]|mailto:[^\s@?]+@[^\s@?]", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])https?\Z", re.IGNORECASE)
# Quotation marks and brackets of East Asian scripts end a URL even without a space.
_BARE_URL = re.compile(r"://[^\s<>\"`{}|\\^\u3000-\u303f\uff01-\uff0f\uff1a-\uff20«»“”‹›]+")
_MAX_BARE_URL = 2000
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
    """Render a post: no images, no raw HTML, and links with ``rel="nofollow ugc"``.

    A text of which nothing could be seen (``#``, ``***``) is shown as it was typed.

    Raises :class:`TooComplex` where the text takes too much work or makes too much HTML. The limits
    are absolute, so the time and the size are bounded for any text.
    """
    linked = text.count("[") <= _MAX_BRACKETS
    html = _post_parser(linked).render(_encodable(text), {"work": 0})
    html = _post_cleaner().clean(html) if len(html) <= _LARGEST_POST else html
    if len(html) > _LARGEST_POST:
        raise TooComplex
    return unformatted_html(text) if _shows_nothing(html) else html


def unformatted_html(text: str) -> str:
    """Return a post's text as HTML without formatting: what to show where it is too complex."""
    return f'<p dir="auto">{_escape(_encodable(text))}</p>'.replace("\n", "<br>\n")


def _shows_nothing(html: str) -> bool:
    return characters.is_blank(unescape(_HTML_TAG.sub("", html)))


_HTML_TAG = re.compile(r"""<(?:[^>"]|"[^"]*")*>""")


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
    md.inline.ruler.before("newline", "bare_url", _bare_url)
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
    # A line of hyphens below a text, or indented text, is rarely meant as Markdown.
    md.disable(["lheading", "code"])
    md.block.ruler.at("reference", _shown_reference)
    md.block.ruler.at(
        "list", _list_of_small_numbers, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    md.core.ruler.push("numbers", _keep_numbers)
    md.core.ruler.push("empty_links", _show_empty_links)
    if not linked:
        md.disable(["link", "image"])
    _limit_work(md)
    md.inline.ruler.before("newline", "bare_url", _bare_url)
    md.validateLink = lambda url: _POST_LINK.match(url) is not None  # type: ignore[method-assign]
    for name, rule in {
        "heading_open": _post_heading,
        "heading_close": _post_heading,
        "link_open": _post_link,
        "image": _post_image,
        "fence": _post_fence,
        "th_open": _cell,
        "td_open": _cell,
    }.items():
        md.add_render_rule(name, rule)
    return md


@cache
def _post_cleaner() -> nh3.Cleaner:
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


def _spend(env: MutableMapping[str, Any], units: int, tokens: int = 0) -> None:
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


_YEAR = re.compile(r"[0-9]{4,}[.)]")


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
    if info and (len(info.split()) > 1 or characters.is_blank(code)):
        code = f"{info}\n{code}"
    return f"<pre><code>{_escape(code)}</code></pre>\n"


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
    shown = url if characters.is_blank(tokens[i].content) else tokens[i].content
    return f'<a href="{_escape(url)}" target="_blank">{_escape(shown)}</a>'


def _bare_url(state: StateInline, silent: bool) -> bool:
    """Make a link of a bare URL before emphasis is parsed, so that its marks stay as they are.

    Called at the colon, because the characters of ``https`` are skipped as text.
    """
    start = state.pos
    end = min(state.posMax, start + _MAX_BARE_URL)
    match = _BARE_URL.match(state.src, start, end) if state.src[start] == ":" else None
    scheme = _SCHEME.search(state.src, max(0, start - 6), start) if match else None
    if match is None or scheme is None:
        return False
    url = scheme[0] + _without_trailing_punctuation(match[0], state, scheme.start())
    if "work" in state.env:
        _spend(state.env, len(url))
    href = state.md.normalizeLink(url) if match.end() < start + _MAX_BARE_URL else ""
    if not silent and (state.linkLevel or not _POST_LINK.match(href)):
        state.append_pending(url[len(scheme[0]) :])
    elif not silent:
        state.pending = state.pending[: -len(scheme[0])]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.tokens[-1].markup = _BARE
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos = start + len(url) - len(scheme[0])
    return True


def _without_trailing_punctuation(url: str, state: StateInline, start: int) -> str:
    """Remove what belongs to the sentence and not to the URL, which begins at ``start``.

    That is punctuation, a bracket without its partner and what follows it, and emphasis or a
    quotation that was opened before the URL.
    """
    url = _up_to_unpaired_bracket(url)
    before = state.src[max(0, start - _QUOTE_REACH) : start]
    closing = {chr(mark.marker) for mark in state.delimiters[-_QUOTE_REACH:] if mark.open}
    if _OPENING_QUOTE.search(before):
        closing.add("'")
    end = len(url)
    while end > len("://") and (url[end - 1] in closing or _is_punctuation(url[end - 1])):
        end -= 1
    return url[:end]


_QUOTE_REACH = 200
"""How many characters and marks before a URL are searched for an opening mark."""
_OPENING_QUOTE = re.compile(r"(?<!\w)'(?=\S|\Z)(?:[^'\n]|(?<=\w)'(?=\w))*\Z")


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
