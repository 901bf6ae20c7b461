"""What section kinds need to parse and check their items."""

from dataclasses import dataclass

from courseware.parser.folder import Folder
from courseware.parser.media import Media
from courseware.parser.report import Report


@dataclass(frozen=True, slots=True)
class ParserContext:
    """The module being parsed; ``source`` is its source language."""

    source: str
    languages: tuple[str, ...]
    folder: Folder
    media: Media
    report: Report
