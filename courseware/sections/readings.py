"""Sections of readings: links and attached files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from courseware.languages import endonym
from courseware.media_types import kind_of
from courseware.module import Item, Text
from courseware.page_view import PageItem, View
from courseware.parser.context import ParserContext
from courseware.parser.folder import MANIFEST
from courseware.parser.manifest_fields import (
    MediaPath,
    check_file_or_url,
    is_tag,
    media_path,
)
from courseware.parser.media import Use
from courseware.parser.remote_videos import is_web_url
from courseware.parser.report import shown
from courseware.parser.toml_table import Table
from courseware.parser.url_advice import url_advice
from courseware.sections.kind import Declaration, Resource, SectionKind


@dataclass(frozen=True, slots=True)
class Reading(Item):
    """Something to read: a link or an attached file, in ``language`` where that is known."""

    file: str | None
    url: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class PageReading(PageItem):
    """A reading on a page: ``type_name`` and ``size`` (bytes) of a file, ``host`` of a link."""

    href: str
    local: bool
    type_name: str | None
    size: int | None
    host: str | None
    language: str | None
    language_name: str | None


@dataclass(frozen=True, slots=True)
class ReadingDeclaration(Declaration):
    """A reading as it is declared in ``module.toml``."""

    file: MediaPath | None
    url: str | None
    language: str | None


class ReadingsSection(SectionKind):
    """Readings. A cartridge lists each one as a file or web link of the LMS."""

    name = "readings"
    item_name = "reading"
    declares_items = True
    declaration_example = 'file = "media/…" or address = "https://…"'
    anchor_prefix = "r-"
    text_note = "Introduces the readings. Markdown."

    def declaration(self, table: Table) -> ReadingDeclaration:
        """Parse ``[readings.<id>]``: ``file`` or ``address``, and ``language``."""
        file = media_path(table, "file", "media/guide.pdf")
        url = table.text("address", "https://…")
        if url and not is_web_url(url):
            table.error(
                "address",
                f'"{shown(url)}" is not an address of the web.',
                url_advice(url)
                or "Copy the whole address from the browser: it begins with https:// or http://",
            )
        check_file_or_url(table)
        language = table.text("language", "en")
        if language is not None and not is_tag(table, "language", language):
            language = None
        return ReadingDeclaration(table.line(), file, url, language)

    def item(
        self,
        item_id: str,
        titles: Mapping[str, str],
        texts: Mapping[str, Text],
        declaration: Declaration | None,
        context: ParserContext,
    ) -> Reading:
        """Return a reading, and note the use of its file."""
        declared = cast(ReadingDeclaration, declaration)
        if declared.file:
            context.media.use(Use(declared.file.path, MANIFEST, declared.file.line))
        file = declared.file.path if declared.file else None
        return Reading(item_id, titles, texts, file, declared.url, declared.language)

    def page_item(self, item: Item, view: View, number: int) -> PageReading:
        """Return the reading with its URL and what is known of its file."""
        reading = cast(Reading, item)
        file = view.module.file(reading.file) if reading.file else None
        kind = kind_of(reading.file) if reading.file else None
        return PageReading(
            **view.common(reading, number),
            href=view.media(reading.file) if reading.file else reading.url or "#",
            local=reading.file is not None,
            type_name=kind.name if kind else None,
            size=file.size if file else None,
            host=urlsplit(reading.url).hostname if reading.url else None,
            language=reading.language,
            language_name=endonym(reading.language) if reading.language else None,
        )

    def resource(self, item: Item) -> Resource:
        """Return the reading's file or URL."""
        reading = cast(Reading, item)
        return Resource(reading.file, reading.url)
