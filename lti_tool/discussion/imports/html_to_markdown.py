"""Turn the HTML of a message into the Markdown that posts are stored in.

What the renderer of posts does not show (pictures, styles, scripts) becomes a link or is dropped.
The text is escaped, so that it stays what it was: nothing in it turns into formatting.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

_MARKERS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite"), "*"),
    **dict.fromkeys(("s", "strike", "del"), "~~"),
}
_BLOCKS = frozenset(
    ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "section", "article", "hr")
)
_CODE = frozenset(("code", "pre", "tt", "kbd"))
_MEDIA = frozenset(("img", "iframe", "video", "embed"))
_LISTS = frozenset(("ul", "ol"))
_HIDDEN = frozenset(("script", "style", "head", "title", "template"))
_MAX_DEPTH = 6
"""Quotations and lists inside one another."""
_MAX_INLINE = 20
"""Inline elements inside one another; what is inside has no other formatting."""
_URL = re.compile(r"https?://[^\s<>\"]+")
_SCHEME = re.compile(r"\Ahttps?://")
_SPECIAL = re.compile(r"[\\`*_\[\]<>~|&]")
_AT_START = re.compile(r"(?m)^([#+=-])")
_NUMBER = re.compile(r"(?m)^([0-9]+)([.)])")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MENTION = re.compile(r"@([^\s@:]+):disqus\b")
_TRACKING_HOSTS = frozenset(("disq.us", "redirect.disqus.com"))


def markdown_of(html: str) -> str:
    """Return the Markdown of an HTML fragment."""
    if not html.strip():
        return ""
    converter = _Converter()
    target: Any = converter  # lxml's stubs ask for methods that a target need not have
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True)
    try:
        parser.feed(html.encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:  # nothing but a comment, say
        pass
    return converter.close()


class _Converter:
    """The target of the parser: collects blocks of Markdown (lxml's parser target interface)."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._inline: list[str] = []
        self._text: list[str] = []
        self._open: list[tuple[str, int, str]] = []
        """Open inline elements: tag, where its text begins in ``_inline``, and URL of a link."""
        self._prefixes: list[list[str]] = []
        """For each quotation and list item: what its first line and its other lines begin with."""
        self._lists: list[list[int | None]] = []
        self._code: list[str] | None = None
        self._is_block_of_code = False
        self._hidden = 0

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        """Begin an element."""
        self._end_text()
        if tag in _HIDDEN:
            self._hidden += 1
        elif self._code is not None:
            if tag == "br":
                self._code.append("\n")
        elif tag in _CODE:
            if tag == "pre":
                self._end_block()
            self._code, self._is_block_of_code = [], tag == "pre"
        elif tag in _MARKERS or tag == "a":
            url = _target(attrib.get("href", "")) if tag == "a" else ""
            if len(self._open) < _MAX_INLINE:
                self._open.append((tag, len(self._inline), url))
        elif tag == "br":
            self._inline.append("\n")
        elif tag in _MEDIA:
            if source := _target(attrib.get("src", "")):
                self._inline.append(_link(_escaped(attrib.get("alt", "")), source))
        elif tag == "blockquote":
            self._begin(["> ", "> "])
        elif tag in _LISTS:
            self._end_block()
            self._lists.append([1 if tag == "ol" else None])
        elif tag == "li":
            self._begin(self._bullet())
        elif tag in _BLOCKS:
            self._end_block()

    def end(self, tag: str) -> None:
        """End an element."""
        self._end_text()
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif self._code is not None:
            if tag in _CODE and (tag == "pre") == self._is_block_of_code:
                self._end_code()
        elif tag in _MARKERS or tag == "a":
            self._end_inline(tag)
        elif tag in ("blockquote", "li"):
            self._end_block()
            if self._prefixes:
                self._prefixes.pop()
        elif tag in _LISTS:
            self._end_block()
            if self._lists:
                self._lists.pop()
        elif tag in _BLOCKS:
            self._end_block()

    def data(self, data: str) -> None:
        """Add a piece of text: a text with character references comes in several."""
        if self._hidden:
            return
        (self._text if self._code is None else self._code).append(data)

    def comment(self, _text: str) -> None:
        """Drop a comment."""

    def close(self) -> str:
        """Return everything, at the end."""
        self._end_text()
        self._end_code()
        self._end_block()
        return "\n\n".join(self._blocks)

    def _end_text(self) -> None:
        """Escape the text since the last tag."""
        text, self._text = _SPACE.sub(" ", "".join(self._text)), []
        if text:
            self._inline.append(_escaped(_MENTION.sub(r"@\1", text)))

    def _begin(self, prefix: list[str]) -> None:
        self._end_block()
        deep = len(self._prefixes) >= _MAX_DEPTH
        self._prefixes.append(["", ""] if deep else prefix)

    def _bullet(self) -> list[str]:
        counter = self._lists[-1] if self._lists else [None]
        if counter[0] is None:
            return ["- ", "  "]
        first = f"{counter[0]}. "
        counter[0] += 1
        return [first, " " * len(first)]

    def _end_block(self) -> None:
        """Write the text since the last block; inline elements that are open go on in the next."""
        still_open = [(tag, url) for tag, _, url in self._open]
        while self._open:
            self._close_inline(*self._open.pop())
        lines = [_SPACE.sub(" ", line).strip() for line in "".join(self._inline).split("\n")]
        self._inline = []
        self._open = [(tag, 0, url) for tag, url in still_open]
        text = "\n".join(lines).strip("\n")
        if text:
            self._write(_NUMBER.sub(r"\1\\\2", _AT_START.sub(r"\\\1", text)))

    def _write(self, text: str) -> None:
        lines = []
        for line in text.split("\n"):
            before = ""
            for prefix in self._prefixes:
                before += prefix[0]
                prefix[0] = prefix[1]
            lines.append((before + line).rstrip())
        self._blocks.append("\n".join(lines))

    def _end_inline(self, tag: str) -> None:
        """End the innermost element with this tag, and those inside it."""
        position = next((n for n, each in enumerate(self._open[::-1]) if each[0] == tag), None)
        if position is not None:
            for _ in range(position + 1):
                self._close_inline(*self._open.pop())

    def _close_inline(self, tag: str, start: int, url: str) -> None:
        text = "".join(self._inline[start:])
        del self._inline[start:]
        inner = text.strip()
        if tag == "a":
            self._inline.append(_link(inner, url) if url else text)
        elif not inner:
            self._inline.append(text)
        else:
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            lines = [each.strip() for each in inner.split("\n")]
            marker = _MARKERS[tag]
            marked = "\n".join(f"{marker}{line}{marker}" if line else "" for line in lines)
            self._inline.append(f"{before}{marked}{after}")

    def _end_code(self) -> None:
        if self._code is None:
            return
        text, self._code = "".join(self._code), None
        longest = max((len(each) for each in re.findall("`+", text)), default=0)
        if self._is_block_of_code:
            fence = "`" * max(3, longest + 1)
            if text.strip():
                self._write(f"{fence}\n{text.strip(chr(10))}\n{fence}")
            self._is_block_of_code = False
        elif text.strip():
            fence = "`" * (longest + 1)
            space = " " if text[0] == "`" or text[-1] == "`" else ""
            self._inline.append(f"{fence}{space}{_SPACE.sub(' ', text)}{space}{fence}")


def _target(url: str) -> str:
    """Return the URL that a link leads to, behind the redirection of Disqus; empty if unsafe."""
    url = _SPACE.sub("", url)
    try:
        parts = urlsplit(url)
        if (parts.hostname or "") in _TRACKING_HOSTS:
            inner = (parse_qs(parts.query).get("url") or [""])[0]
            url = re.sub(r":[\w-]{20,}\Z", "", inner)
            parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and host else ""


def _link(text: str, url: str) -> str:
    """Return a link; as a bare URL if the text is the URL, or its beginning."""
    safe = re.sub(r"[\s<>\\`]", lambda match: f"%{ord(match[0]):02X}", url)
    plain = text.replace("\\", "").rstrip("…").removesuffix("...")
    if _SCHEME.sub("", url).startswith(_SCHEME.sub("", plain.strip())):
        return f"<{safe}>"
    return f"[{text}](<{safe}>)"


def _escaped(text: str) -> str:
    """Return a text in which nothing is formatting; URLs stay as they are."""
    parts, end = [], 0
    for match in _URL.finditer(text):
        parts += [_SPECIAL.sub(r"\\\g<0>", text[end : match.start()]), match[0]]
        end = match.end()
    return "".join((*parts, _SPECIAL.sub(r"\\\g<0>", text[end:])))
