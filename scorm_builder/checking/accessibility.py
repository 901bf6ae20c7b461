"""What keeps people out of a page: the basics that a program can tell, in the HTML of any package.

Each rule names its criterion of WCAG 2.2 (https://www.w3.org/TR/WCAG22/). All are warnings: an LMS
takes the package all the same. A program cannot tell whether an alternative text is a good one;
no finding here is not a verdict of accessibility.

The pages come from anybody, so they are read by libxml2: the standard library's reader takes hours
for some pages of a few megabytes that are no HTML at all.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from courseware.languages import normal
from scorm_builder.checking.findings import Finding

PAGES = (".html", ".htm", ".xhtml")
_SHOWN_PER_RULE = 5

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
_Said = Iterator[tuple[str, str]]
"""Criterion and words."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, with what is known of its elements: which have words, which have labels."""

    elements: list[_Element]
    spoken: set[_Element]
    labelled: set[str]

    def is_named(self, one: _Element) -> bool:
        return _has_label(one) or one in self.spoken


def findings(name: str, html: str) -> Iterator[Finding]:
    """Go through one page of a package."""
    root = _root(html)
    if root is None:
        return
    page = _page(root)
    counts: Counter[tuple[str, str]] = Counter()
    about_whole = _about_whole(page) if _WHOLE.search(html) else ()
    for line, criterion, message in (*about_whole, *_about_parts(page)):
        rule = (criterion, message)
        counts[rule] += 1
        if counts[rule] <= _SHOWN_PER_RULE:
            yield _finding(name, line, criterion, message)
    for (criterion, message), count in counts.items():
        if count > _SHOWN_PER_RULE:
            more = f"{message} So {count - _SHOWN_PER_RULE} times more in this file."
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


def _page(root: _Element) -> _Page:
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    spoken: set[_Element] = set()
    for one in elements:
        if one.tag not in ("script", "style") and (one.text or "").strip():
            _speak(one, spoken)
        if (one.tail or "").strip():
            _speak(one.getparent(), spoken)
        if one.tag == "img" and (one.get("alt") or _has_label(one)):
            _speak(one, spoken)
    labelled = {one.get("for", "") for one in elements if one.tag == "label"} - {""}
    return _Page(elements, spoken, labelled)


def _speak(one: _Element | None, spoken: set[_Element]) -> None:
    """Note that an element and all around it have words."""
    while one is not None and one not in spoken:
        spoken.add(one)
        one = one.getparent()


def _about_whole(page: _Page) -> Iterator[tuple[int, str, str]]:
    titles = [one for one in page.elements if one.tag == "title" and not _is_inside(one, "svg")]
    if not any(one in page.spoken for one in titles):
        yield 1, "2.4.2", "The page has no title."
    html = next((one for one in page.elements if one.tag == "html"), None)
    tag = ((html.get("lang") or html.get("xml:lang") or "") if html is not None else "").strip()
    if not tag:
        yield 1, "3.1.1", 'The page does not say its language: write <html lang="es">, say.'
    elif normal(tag) is None:
        yield 1, "3.1.1", f'"{tag[:40]}" is not the tag of a language.'


def _about_parts(page: _Page) -> Iterator[tuple[int, str, str]]:
    for one in page.elements:
        look = _LOOKS.get(str(one.tag))
        for criterion, message in (*_about_any(one), *(look(one, page) if look else ())):
            yield int(one.sourceline or 1), criterion, message


def _about_any(one: _Element) -> _Said:
    tag = one.get("lang", "").strip()
    if one.tag != "html" and tag and normal(tag) is None:
        yield "3.1.2", f'"{tag[:40]}" is not the tag of a language.'
    index = one.get("tabindex", "").strip()
    if index.isdecimal() and index.strip("0"):
        yield "2.4.3", "A tabindex above 0 tears the order of the keyboard apart."


def _img(one: _Element, _: _Page) -> _Said:
    alternative = one.get("alt")
    if alternative is None:
        if not _has_label(one) and not _is_decoration(one):
            yield "1.1.1", 'A picture has no alternative text: write alt="…", or alt="".'
    elif _FILE_NAME.fullmatch(alternative.strip()):
        yield "1.1.1", f'The alternative text "{alternative.strip()[:60]}" is a file\'s name.'


def _area(one: _Element, _: _Page) -> _Said:
    if one.get("href") is not None and not one.get("alt") and not _has_label(one):
        yield "1.1.1", "A part of a picture that is a link has no alternative text."


def _svg(one: _Element, page: _Page) -> _Said:
    if one.get("role") == "img" and not page.is_named(one):
        yield "1.1.1", "A drawing has no alternative text."


def _video(one: _Element, _: _Page) -> _Said:
    kinds = {track.get("kind", "subtitles").lower() for track in one.iter("track")}
    if one.get("muted") is None and not kinds & {"captions", "subtitles"}:
        yield "1.2.2", "A video has no captions: add a <track> with WebVTT."
    yield from _playing(one, _)


def _playing(one: _Element, _: _Page) -> _Said:
    if one.get("autoplay") is not None and one.get("muted") is None:
        yield "1.4.2", "Sound begins by itself: let people begin it."


def _meta(one: _Element, _: _Page) -> _Said:
    content = one.get("content", "").lower()
    if one.get("name", "").lower() == "viewport" and _NO_ZOOM.search(content):
        yield "1.4.4", "The page forbids to enlarge it."
    refresh = one.get("http-equiv", "").lower() == "refresh"
    if refresh and not content.strip().startswith("0"):
        yield "2.2.1", "The page goes away by itself after a while."


def _link(one: _Element, page: _Page) -> _Said:
    if one.get("href") is not None and not page.is_named(one):
        yield "2.4.4", "A link has no words that say where it leads."


def _button(one: _Element, page: _Page) -> _Said:
    if not page.is_named(one):
        yield "4.1.2", "A button has no words that say what it does."


def _frame(one: _Element, _: _Page) -> _Said:
    if not _has_label(one) and not _is_decoration(one):
        yield "4.1.2", "A frame has no title that says what is in it."


def _input(one: _Element, page: _Page) -> _Said:
    kind = one.get("type", "text").lower()
    if kind == "image" and not one.get("alt") and not _has_label(one):
        yield "1.1.1", "A button that is a picture has no alternative text."
    if kind not in _UNNAMED_INPUTS:
        yield from _field(one, page)


def _field(one: _Element, page: _Page) -> _Said:
    has_label = one.get("id", "") in page.labelled or _is_inside(one, "label")
    if not has_label and not _has_label(one):
        tag = str(one.tag)
        yield "4.1.2", f"A field (<{tag}>) has no label."


_LOOKS: dict[str, Callable[[_Element, _Page], _Said]] = {
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
    """Whether its own attributes give it a name, or hide it from everybody."""
    names = ("aria-label", "aria-labelledby", "title")
    return any(one.get(name) for name in names) or one.get("hidden") is not None


def _is_decoration(one: _Element) -> bool:
    return one.get("role") in ("presentation", "none") or one.get("aria-hidden") == "true"
