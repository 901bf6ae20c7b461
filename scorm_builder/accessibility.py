"""What keeps people out of a page: the basics that a program can tell, in the HTML of any package.

Each rule names its criterion of WCAG 2.2 (https://www.w3.org/TR/WCAG22/). All are warnings: an LMS
takes the package all the same. A program cannot tell whether an alternative text is a good one;
no finding here is not a verdict of accessibility.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from courseware.languages import normal
from scorm_builder.findings import Finding

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
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta")) | {
    *("source", "track", "wbr")
}
_UNNAMED_INPUTS = frozenset(("hidden", "submit", "reset", "button", "image"))
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|avif|bmp)", re.IGNORECASE)
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)\b|maximum-scale\s*=\s*1(?:\.0+)?\b")

_Attributes = Mapping[str, str]


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet: what is known of its name, its captions, its label."""

    tag: str
    line: int
    attributes: _Attributes
    labelled: bool
    spoken: bool = False
    captions: bool = False

    @property
    def named(self) -> bool:
        """Whether a screen reader has words for it."""
        return self.labelled or self.spoken


def findings(name: str, html: str) -> Iterator[Finding]:
    """Go through one page of a package."""
    page = _Page()
    page.feed(html)
    page.close()
    counts: Counter[tuple[str, str]] = Counter()
    for line, criterion, message in sorted(page.results()):
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


class _Page(HTMLParser):
    """Reads a page once, from its beginning to its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[tuple[int, str, str]] = []
        self._open: list[_Open] = []
        self._depths: Counter[str] = Counter()
        self._films: list[_Open] = []
        self._unlabelled: list[tuple[int, str, str]] = []
        self._labelled: set[str] = set()
        self._whole = False
        self._titled = False
        self._language = False

    def results(self) -> Iterator[tuple[int, str, str]]:
        """Tell everything found, as line, criterion and words."""
        yield from self._found
        for line, control, words in self._unlabelled:
            if control not in self._labelled:
                yield line, "4.1.2", words
        if self._whole and not self._titled:
            yield 1, "2.4.2", "The page has no title."
        if self._whole and not self._language:
            yield 1, "3.1.1", 'The page does not say its language: write <html lang="es">, say.'

    def _note(self, criterion: str, words: str) -> None:
        self._found.append((self.getpos()[0], criterion, words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element, and wait for its end if it has one."""
        attributes = {name: value or "" for name, value in reversed(attrs)}
        self._look(tag, attributes)
        if tag not in _VOID:
            labelled = _is_named(attributes) or "hidden" in attributes
            self._open.append(_Open(tag, self.getpos()[0], attributes, labelled))
            self._depths[tag] += 1
            if tag == "video":
                self._films.append(self._open[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take ``<br/>`` for ``<br>``, and ``<path/>`` of a drawing for an empty element."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and with it what was left open inside."""
        while self._depths[tag] and self._close_last() != tag:
            pass

    def close(self) -> None:
        """Close what was never closed."""
        super().close()
        while self._open:
            self._close_last()

    def _close_last(self) -> str:
        one = self._open.pop()
        self._depths[one.tag] -= 1
        if one.tag == "video":
            self._films.pop()
        self._closed(one)
        return one.tag

    def handle_data(self, data: str) -> None:
        """Take text for the name of all that is around it."""
        if data.strip() and not self._is_in("script", "style"):
            self._name_around()

    def _name_around(self) -> None:
        # what is around something spoken is spoken too: no need to go further out
        for one in reversed(self._open):
            if one.spoken:
                return
            one.spoken = True

    def _is_in(self, *tags: str) -> bool:
        return bool(self._open) and self._open[-1].tag in tags

    def _look(self, tag: str, attributes: _Attributes) -> None:
        self._whole = self._whole or tag in ("html", "body")
        if "lang" in attributes and tag != "html":
            self._language_of(attributes["lang"], "3.1.2")
        if attributes.get("tabindex", "").isdecimal() and int(attributes["tabindex"][:6]) > 0:
            self._note("2.4.3", "A tabindex above 0 tears the order of the keyboard apart.")
        look = getattr(self, f"_look_{tag}", None)
        if look is not None:
            look(attributes)

    def _language_of(self, tag: str, criterion: str) -> None:
        if tag and normal(tag) is None:
            self._note(criterion, f'"{tag[:40]}" is not the tag of a language.')

    def _look_html(self, attributes: _Attributes) -> None:
        tag = attributes.get("lang") or attributes.get("xml:lang", "")
        self._language = bool(tag.strip())
        self._language_of(tag.strip(), "3.1.1")

    def _look_img(self, attributes: _Attributes) -> None:
        words = attributes.get("alt")
        if words is None:
            if not _is_named(attributes) and not _is_decoration(attributes):
                self._note("1.1.1", 'A picture has no alternative text: write alt="…", or alt="".')
        elif _FILE_NAME.fullmatch(words.strip()):
            self._note("1.1.1", f'The alternative text "{words.strip()[:60]}" is a file\'s name.')
        if words or _is_named(attributes):
            self._name_around()

    def _look_area(self, attributes: _Attributes) -> None:
        if "href" in attributes and not attributes.get("alt") and not _is_named(attributes):
            self._note("1.1.1", "A part of a picture that is a link has no alternative text.")

    def _look_input(self, attributes: _Attributes) -> None:
        kind = attributes.get("type", "text").lower()
        if kind == "image" and not attributes.get("alt") and not _is_named(attributes):
            self._note("1.1.1", "A button that is a picture has no alternative text.")
        if kind not in _UNNAMED_INPUTS:
            self._control("input", attributes)

    def _look_select(self, attributes: _Attributes) -> None:
        self._control("select", attributes)

    def _look_textarea(self, attributes: _Attributes) -> None:
        self._control("textarea", attributes)

    def _control(self, tag: str, attributes: _Attributes) -> None:
        if not self._depths["label"] and not _is_named(attributes) and "hidden" not in attributes:
            words = f"A field (<{tag}>) has no label."
            self._unlabelled.append((self.getpos()[0], attributes.get("id", ""), words))

    def _look_label(self, attributes: _Attributes) -> None:
        if attributes.get("for"):
            self._labelled.add(attributes["for"])

    def _look_iframe(self, attributes: _Attributes) -> None:
        if not _is_named(attributes) and not _is_decoration(attributes):
            self._note("4.1.2", "A frame has no title that says what is in it.")

    def _look_track(self, attributes: _Attributes) -> None:
        kind = attributes.get("kind", "subtitles").lower()
        if self._films and kind in ("captions", "subtitles"):
            self._films[-1].captions = True

    def _look_video(self, attributes: _Attributes) -> None:
        self._playing(attributes)

    def _look_audio(self, attributes: _Attributes) -> None:
        self._playing(attributes)

    def _playing(self, attributes: _Attributes) -> None:
        if "autoplay" in attributes and "muted" not in attributes:
            self._note("1.4.2", "Sound begins by itself: let people begin it.")

    def _look_meta(self, attributes: _Attributes) -> None:
        content = attributes.get("content", "").lower()
        if attributes.get("name", "").lower() == "viewport" and _NO_ZOOM.search(content):
            self._note("1.4.4", "The page forbids to enlarge it.")
        refresh = attributes.get("http-equiv", "").lower() == "refresh"
        if refresh and not content.strip().startswith("0"):
            self._note("2.2.1", "The page goes away by itself after a while.")

    def _closed(self, one: _Open) -> None:
        if one.tag == "title" and one.named:
            self._titled = self._titled or not self._depths["svg"]
        elif one.tag == "a" and "href" in one.attributes and not one.named:
            self._found.append((one.line, "2.4.4", "A link has no words that say where it leads."))
        elif one.tag == "button" and not one.named:
            self._found.append((one.line, "4.1.2", "A button has no words that say what it does."))
        elif one.tag == "video" and not one.captions and "muted" not in one.attributes:
            words = "A video has no captions: add a <track> with WebVTT."
            self._found.append((one.line, "1.2.2", words))
        elif one.tag == "svg" and one.attributes.get("role") == "img" and not one.named:
            self._found.append((one.line, "1.1.1", "A drawing has no alternative text."))


def _is_named(attributes: _Attributes) -> bool:
    return any(attributes.get(name) for name in ("aria-label", "aria-labelledby", "title"))


def _is_decoration(attributes: _Attributes) -> bool:
    role = attributes.get("role", "")
    return role in ("presentation", "none") or attributes.get("aria-hidden") == "true"
