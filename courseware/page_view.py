"""A module seen in one language: what section kinds need to build the items of a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from courseware import links
from courseware.languages import direction
from courseware.markdown import HEADING_ID_PREFIX, module_html
from courseware.module import Item, Module, Text

_T = TypeVar("_T")
Media = Callable[[str], str]
"""Turns the path of one of the module's files (``media/map.png``) into its URL."""


@dataclass(frozen=True, slots=True)
class PageItem:
    """An item on a page. ``number`` counts the answerable items of the page from 1, else 0."""

    id: str
    number: int
    title: str
    html: Markup
    lang: str
    dir: str

    @property
    def access_modes(self) -> tuple[str, ...]:
        """Return the senses that the item needs besides sight (schema.org ``accessMode``)."""
        return ()

    @property
    def access_features(self) -> tuple[str, ...]:
        """Return its alternatives (schema.org ``accessibilityFeature``)."""
        return ()


@dataclass(frozen=True, slots=True)
class View:
    """A module in one language, with fallback to its source language.

    ``anchors`` are the HTML ids of sections and items by the ids of their author.
    """

    module: Module
    lang: str
    media: Media
    anchors: Mapping[str, str]

    def lang_of(self, by_language: Mapping[str, object]) -> str:
        """Return the language of what ``of`` returns."""
        return self.lang if self.lang in by_language else self.module.source_language

    def of(self, by_language: Mapping[str, _T]) -> _T | None:
        """Return the value in the view's language, else in the source language, else None."""
        found = by_language.get(self.lang)
        return by_language.get(self.module.source_language) if found is None else found

    def text(self, by_language: Mapping[str, str]) -> str:
        """Return the plain text in the view's language or the source language, or ""."""
        return self.of(by_language) or ""

    def html(self, text: Text | None, heading_base: int = 3) -> Markup:
        """Render Markdown; ``heading_base`` is the level of its ``##``."""
        if text is None or not text.markdown.strip():
            return Markup()
        html = module_html(
            text.markdown, url=lambda url: self.url(text.file, url), heading_base=heading_base
        )
        return Markup(html)  # noqa: S704 - sanitized with nh3

    def url(self, file: str, url: str) -> str:
        """Return the URL on the page for a link that is written in ``file``."""
        link = links.resolve(file, url)
        match link.kind:
            case "site":
                return link.value
            case "file":
                return self.media(link.value)
            case "place":
                return f"#{self.anchors.get(link.value, HEADING_ID_PREFIX + link.value)}"
            case _:
                return "#"

    def common(self, item: Item, number: int) -> dict[str, Any]:
        """Return the fields of :class:`PageItem` for an item."""
        lang = self.lang_of(item.titles)
        return {
            "id": item.id,
            "number": number,
            "title": self.text(item.titles),
            "html": self.html(item.texts.get(lang)),
            "lang": lang,
            "dir": direction(lang),
        }
