"""Check the accessibility of HTML pages, as far as a program can.

Each rule names its criterion of WCAG 2.2 (https://www.w3.org/TR/WCAG22/). All findings are
warnings, because an LMS accepts the package anyway. A program cannot judge whether an alternative
text is good: a page without findings is not necessarily accessible.

The pages are untrusted, so they are parsed by libxml2: Python's HTML parser takes hours for some
pages of a few megabytes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from courseware.languages import normal
from scorm_builder.checking.findings import Finding

PAGES = (".html", ".htm", ".xhtml")
_MAX_PER_RULE = 5

_CRITERIA = {
    "1.1.1": "Non-text Content",
    "1.2.2": "Captions (Prerecorded)",
    "1.4.2": "Audio Control",
    "1.4.4": "Resize Text",
    "2.2.1": "Timing Adjustable",
    "2.4.2": "Page Titled",
    "2.4.3": "Focus Order",
    "2.4.4": "Link Purpose (In Context)",
    "3.1.1": "Language of Page",
    "3.1.2": "Language of Parts",
    "4.1.2": "Name, Role, Value",
}
_UNNAMED_INPUTS = frozenset(("hidden", "submit", "reset", "button", "image"))
_WHOLE = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|avif|bmp)", re.IGNORECASE)
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)\b|maximum-scale\s*=\s*1(?:\.0+)?\b")

_Element = etree._Element
_Messages = Iterator[tuple[str, str]]
"""Pairs of criterion and message."""


@dataclass(frozen=True, slots=True)
class _ParsedPage:
    """A page with the sets of its elements that contain text, and of the ids that have labels."""

    elements: list[_Element]
    with_text: set[_Element]
    labelled: set[str]

    def is_named(self, one: _Element) -> bool:
        return _has_label(one) or one in self.with_text


def findings(name: str, html: str) -> Iterator[Finding]:
    """Check one page of a package."""
    root = _root(html)
    if root is None:
        return
    page = _page(root)
    counts: Counter[tuple[str, str]] = Counter()
    about_whole = _check_document(page) if _WHOLE.search(html) else ()
    for line, criterion, message in (*about_whole, *_check_elements(page)):
        rule = (criterion, message)
        counts[rule] += 1
        if counts[rule] <= _MAX_PER_RULE:
            yield _finding(name, line, criterion, message)
    for (criterion, message), count in counts.items():
        if count > _MAX_PER_RULE:
            more = f"{message} So {count - _MAX_PER_RULE} times more in this file."
            yield _finding(name, None, criterion, more)


def _finding(name: str, line: int | None, criterion: str, message: str) -> Finding:
    source = f"WCAG 2.2, {criterion} {_CRITERIA[criterion]}"
    return Finding("warning", f"wcag/{criterion}", message, name, line, source)


def _root(html: str) -> _Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        # libxml2 stops at a NUL
        return etree.fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return None


def _page(root: _Element) -> _ParsedPage:
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    with_text: set[_Element] = set()
    for one in elements:
        if one.tag not in ("script", "style") and (one.text or "").strip():
            _mark_with_text(one, with_text)
        if (one.tail or "").strip():
            _mark_with_text(one.getparent(), with_text)
        if one.tag == "img" and (one.get("alt") or _has_label(one)):
            _mark_with_text(one, with_text)
    labelled = {one.get("for", "") for one in elements if one.tag == "label"} - {""}
    return _ParsedPage(elements, with_text, labelled)


def _mark_with_text(one: _Element | None, with_text: set[_Element]) -> None:
    """Add an element and its ancestors to those that contain text."""
    while one is not None and one not in with_text:
        with_text.add(one)
        one = one.getparent()


def _check_document(page: _ParsedPage) -> Iterator[tuple[int, str, str]]:
    titles = [one for one in page.elements if one.tag == "title" and not _is_inside(one, "svg")]
    if not any(one in page.with_text for one in titles):
        yield 1, "2.4.2", "The page has no title."
    html = next((one for one in page.elements if one.tag == "html"), None)
    tag = ((html.get("lang") or html.get("xml:lang") or "") if html is not None else "").strip()
    if not tag:
        yield 1, "3.1.1", 'The page does not say its language: write <html lang="es">, say.'
    elif normal(tag) is None:
        yield 1, "3.1.1", f'"{tag[:40]}" is not the tag of a language.'


def _check_elements(page: _ParsedPage) -> Iterator[tuple[int, str, str]]:
    for one in page.elements:
        check = _CHECKS.get(str(one.tag))
        for criterion, message in (*_check_any(one), *(check(one, page) if check else ())):
            yield int(one.sourceline or 1), criterion, message


def _check_any(one: _Element) -> _Messages:
    tag = one.get("lang", "").strip()
    if one.tag != "html" and tag and normal(tag) is None:
        yield "3.1.2", f'"{tag[:40]}" is not the tag of a language.'
    index = one.get("tabindex", "").strip()
    if index.isdecimal() and index.strip("0"):
        yield "2.4.3", "A tabindex above 0 tears the order of the keyboard apart."


def _img(one: _Element, _: _ParsedPage) -> _Messages:
    alternative = one.get("alt")
    if alternative is None:
        if not _has_label(one) and not _is_decoration(one):
            yield "1.1.1", 'A picture has no alternative text: write alt="…", or alt="".'
    elif _FILE_NAME.fullmatch(alternative.strip()):
        yield "1.1.1", f'The alternative text "{alternative.strip()[:60]}" is a file\'s name.'


def _area(one: _Element, _: _ParsedPage) -> _Messages:
    if one.get("href") is not None and not one.get("alt") and not _has_label(one):
        yield "1.1.1", "A part of a picture that is a link has no alternative text."


def _svg(one: _Element, page: _ParsedPage) -> _Messages:
    if one.get("role") == "img" and not page.is_named(one):
        yield "1.1.1", "A drawing has no alternative text."


def _video(one: _Element, _: _ParsedPage) -> _Messages:
    kinds = {track.get("kind", "subtitles").lower() for track in one.iter("track")}
    if one.get("muted") is None and not kinds & {"captions", "subtitles"}:
        yield "1.2.2", "A video has no captions: add a <track> with WebVTT."
    yield from _playing(one, _)


def _playing(one: _Element, _: _ParsedPage) -> _Messages:
    if one.get("autoplay") is not None and one.get("muted") is None:
        yield "1.4.2", "Sound begins by itself: let people begin it."


def _meta(one: _Element, _: _ParsedPage) -> _Messages:
    content = one.get("content", "").lower()
    if one.get("name", "").lower() == "viewport" and _NO_ZOOM.search(content):
        yield "1.4.4", "The page forbids to enlarge it."
    refresh = one.get("http-equiv", "").lower() == "refresh"
    if refresh and not content.strip().startswith("0"):
        yield "2.2.1", "The page goes away by itself after a while."


def _link(one: _Element, page: _ParsedPage) -> _Messages:
    if one.get("href") is not None and not page.is_named(one):
        yield "2.4.4", "A link has no words that say where it leads."


def _button(one: _Element, page: _ParsedPage) -> _Messages:
    if not page.is_named(one):
        yield "4.1.2", "A button has no words that say what it does."


def _frame(one: _Element, _: _ParsedPage) -> _Messages:
    if not _has_label(one) and not _is_decoration(one):
        yield "4.1.2", "A frame has no title that says what is in it."


def _input(one: _Element, page: _ParsedPage) -> _Messages:
    kind = one.get("type", "text").lower()
    if kind == "image" and not one.get("alt") and not _has_label(one):
        yield "1.1.1", "A button that is a picture has no alternative text."
    if kind not in _UNNAMED_INPUTS:
        yield from _field(one, page)


def _field(one: _Element, page: _ParsedPage) -> _Messages:
    has_label = one.get("id", "") in page.labelled or _is_inside(one, "label")
    if not has_label and not _has_label(one):
        tag = str(one.tag)
        yield "4.1.2", f"A field (<{tag}>) has no label."


_CHECKS: dict[str, Callable[[_Element, _ParsedPage], _Messages]] = {
    "img": _img,
    "area": _area,
    "svg": _svg,
    "video": _video,
    "audio": _playing,
    "meta": _meta,
    "a": _link,
    "button": _button,
    "iframe": _frame,
    "input": _input,
    "select": _field,
    "textarea": _field,
}


def _is_inside(one: _Element, tag: str) -> bool:
    return next(one.iterancestors(tag), None) is not None


def _has_label(one: _Element) -> bool:
    """Whether an element has a name by its own attributes, or is hidden."""
    names = ("aria-label", "aria-labelledby", "title")
    return any(one.get(name) for name in names) or one.get("hidden") is not None


def _is_decoration(one: _Element) -> bool:
    return one.get("role") in ("presentation", "none") or one.get("aria-hidden") == "true"
