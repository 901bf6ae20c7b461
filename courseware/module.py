"""The data model of a module: frozen, complete, and without access to files.

Texts are in mappings by language (BCP 47 tags), each of which has at least the source language.
File names are relative to the module's folder, with forward slashes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from courseware.problems import Problem

if TYPE_CHECKING:
    from courseware.sections.kind import SectionKind

Guests = Literal["none", "read", "post"]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of Markdown in one language, and its position (``line`` counts from 1)."""

    language: str
    file: str
    line: int
    markdown: str


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a section, such as a video or a question. Section kinds add fields to it.

    The id is stable: links and answers refer to it.
    """

    id: str
    titles: Mapping[str, str]
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the module, with its letter in the course if the author gave one."""

    id: str
    kind: "SectionKind"
    letter: str | None
    titles: Mapping[str, str]
    texts: Mapping[str, Text]
    items: tuple[Item, ...] = ()

    @property
    def questions(self) -> tuple[Item, ...]:
        """The items that participants answer."""
        return self.items if self.kind.answerable else ()


@dataclass(frozen=True, slots=True)
class Completion:
    """The completion rule: sections that must be seen, number of questions to be answered.

    ``mastery`` is the percentage of the rule from which the module counts as passed, if given.
    """

    sections: tuple[str, ...]
    questions: int
    mastery: int | None = None


@dataclass(frozen=True, slots=True)
class DiscussionDefaults:
    """The author's proposals for the discussion; a course can override them."""

    guests: Guests
    must_post_first: bool


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file of the module: ``size`` in bytes, ``sha256`` in lower-case hexadecimal."""

    path: str
    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Module:
    """One module as its author wrote it; ``minutes`` is the time that it takes."""

    id: str
    number: int | None
    version: str
    source_language: str
    languages: tuple[str, ...]
    titles: Mapping[str, str]
    series: Mapping[str, str]
    summaries: Mapping[str, str]
    minutes: int
    licence: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    cover: str | None
    cover_texts: Mapping[str, str]
    sections: tuple[Section, ...]
    completion: Completion
    discussion: DiscussionDefaults
    files: tuple[MediaFile, ...]
    folder: Path
    problems: tuple[Problem, ...] = ()

    @property
    def questions(self) -> tuple[Item, ...]:
        """The items of all sections that participants answer."""
        return tuple(item for section in self.sections for item in section.questions)

    @property
    def discussion_section(self) -> Section | None:
        """The section with the discussion, if there is one."""
        return next((one for one in self.sections if one.kind.holds_discussion), None)

    def file(self, path: str) -> MediaFile | None:
        """Return the file with that path, or None if the module does not use it."""
        return next((file for file in self.files if file.path == path), None)
