"""The value that a module's folder is read into: frozen, complete, and free of any file access.

Texts are kept by language (a BCP 47 tag); every mapping holds at least the source language.
File names are relative to the module's folder, with forward slashes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from courseware.problems import Problem

SectionKind = Literal["text", "videos", "readings", "questions", "discussion"]
Guests = Literal["none", "read", "post"]
Provider = Literal["youtube", "vimeo", "peertube"]


class Text(NamedTuple):
    """A piece of Markdown in one language, and where it stands (``line`` counts from 1)."""

    language: str
    file: str
    line: int
    markdown: str


class RemoteVideo(NamedTuple):
    """A video kept by somebody else: shown as a picture to press, never contacted before that."""

    provider: Provider
    name: str
    embed: str
    watch: str


class Video(NamedTuple):
    """A video of a section: a local ``file`` or a ``remote`` one, never both."""

    id: str
    titles: Mapping[str, str]
    texts: Mapping[str, Text]
    file: str | None
    remote: RemoteVideo | None
    poster: str | None
    seconds: int | None
    captions: Mapping[str, str]
    transcripts: Mapping[str, Text]


class Reading(NamedTuple):
    """Something to read: a link or an attached file, in ``language`` where that is known."""

    id: str
    titles: Mapping[str, str]
    texts: Mapping[str, Text]
    file: str | None
    address: str | None
    language: str | None


class Question(NamedTuple):
    """A suggested question. Its id is stable: answers refer to it for as long as they live."""

    id: str
    titles: Mapping[str, str]
    texts: Mapping[str, Text]


class Section(NamedTuple):
    """A part of the module, with the letter that the academy gave it, if any."""

    id: str
    kind: SectionKind
    letter: str | None
    titles: Mapping[str, str]
    texts: Mapping[str, Text]
    videos: tuple[Video, ...] = ()
    readings: tuple[Reading, ...] = ()
    questions: tuple[Question, ...] = ()


class Completion(NamedTuple):
    """The author's rule: these sections seen, and this many suggested questions answered.

    ``mastery``: from how many percent of that on the module counts as passed, if the author says.
    """

    sections: tuple[str, ...]
    questions: int
    mastery: int | None = None


class DiscussionDefaults(NamedTuple):
    """What the author proposes for the discussion; a course may decide otherwise."""

    guests: Guests
    must_post_first: bool


class MediaFile(NamedTuple):
    """A file of the module: ``size`` in bytes, ``sha256`` in lower-case hexadecimal."""

    path: str
    size: int
    sha256: str
    media_type: str


class Module(NamedTuple):
    """One module, whole, as its author wrote it."""

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

    def file(self, path: str) -> MediaFile | None:
        """The file of that name, or None if the module does not use it."""
        return next((file for file in self.files if file.path == path), None)
