"""Every piece of a module that is to be translated, and how its translation stands.

A text is a short text of ``module.toml``, a title, a section's or an item's text, or a transcript.
Titles and short texts are one unit each, and the unit's id is the text's key. Longer texts have a
unit for each paragraph, whose id ends in a mark of the paragraph itself: it stays the same wherever
the paragraph moves, and another one takes its place when the paragraph is changed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from courseware.markdown import plain_title
from courseware.module import Module, Question, Reading, Section, Text, Video
from courseware.reading.folder import STRUCTURE
from scorm_builder.translation import blocks
from scorm_builder.translation.blocks import Piece

Status = Literal["translated", "outdated", "missing", "apart"]
Kind = Literal["short", "title", "markdown"]

SHORT = "_module:"
WHOLE = "="
"""Begins the one mark of a text whose translation has other paragraphs than its source."""

_ITEM_TITLE = re.compile(r" {0,3}##[ \t]+(.*?)(?:[ \t]+#+)?\s*\{#\s*([a-z0-9-]+)\s*\}[ \t#]*")
_TITLE = re.compile(r" {0,3}#[ \t]+(.*?)(?:\s*\{#[^}]*\})?(?:[ \t]+#+)?[ \t]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A text in the source language, and its translation if there is one."""

    key: str
    kind: Kind
    note: str
    text: str
    file: str
    line: int | None
    target: str | None

    def pieces(self) -> list[Piece]:
        """Return the units' pieces; a title is one."""
        if self.kind == "markdown":
            return blocks.units(self.text)
        return [Piece("paragraph", self.text, 0)]

    def marks(self) -> list[str]:
        """Return the marks of the pieces as they are now."""
        return [blocks.mark(piece.text) for piece in self.pieces()]

    def recorded(self) -> list[str]:
        """Return what the record says of the translation once it is known to be right."""
        alike = self.target is not None and blocks.kinds(self.pieces()) == blocks.kinds(
            self.target_pieces()
        )
        return self.marks() if alike else [WHOLE + blocks.mark(self.text)]

    def target_pieces(self) -> list[Piece]:
        """Return the pieces of the translation."""
        if self.target is None:
            return []
        if self.kind == "markdown":
            return blocks.units(self.target)
        return [Piece("paragraph", self.target, 0)]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece to translate. ``target`` is its translation, an older one if it is outdated."""

    id: str
    key: str
    source: str
    target: str | None
    status: Status
    note: str
    file: str
    line: int | None


def units(source: Source, marks: list[str] | None) -> list[Unit]:
    """Return the units of a text; ``marks`` is what the record says of it, or None."""
    pieces = source.pieces()
    counts: Counter[str] = Counter()
    found = []
    for piece, (target, status) in zip(pieces, _statuses(source, pieces, marks), strict=True):
        name = source.key
        if source.kind == "markdown":
            name = f"{name}:{blocks.mark(piece.text)}"
            counts[name] += 1
            name += f".{counts[name]}" if counts[name] > 1 else ""
        line = None if source.line is None else source.line + piece.line
        found.append(
            Unit(name, source.key, piece.text, target, status, source.note, source.file, line)
        )
    return found


def _statuses(
    source: Source, pieces: list[Piece], marks: list[str] | None
) -> list[tuple[str | None, Status]]:
    targets = source.target_pieces()
    if source.target is None:
        return [(None, "missing")] * len(pieces)
    if marks is None or marks[:1] == [WHOLE + blocks.mark(source.text)]:
        if blocks.kinds(pieces) == blocks.kinds(targets):
            return [(piece.text, "translated") for piece in targets]
        return [(None, "apart" if marks is None else "translated")] * len(pieces)
    if len(marks) != len(targets) or marks[0].startswith(WHOLE):
        unchanged = marks == source.marks()
        return [(None, "translated" if unchanged else "outdated")] * len(pieces)
    return _compared(source.marks(), marks, targets)


def _compared(
    now: list[str], then: list[str], targets: list[Piece]
) -> list[tuple[str | None, Status]]:
    """Follow each paragraph from where it was when it was translated to where it is now."""
    found: list[tuple[str | None, Status]] = [(None, "missing")] * len(now)
    matcher = SequenceMatcher(None, then, now, autojunk=False)
    for how, i, i_end, j, j_end in matcher.get_opcodes():
        if how == "equal":
            pairs = zip(range(i, i_end), range(j, j_end), strict=True)
            found[j:j_end] = [(targets[old].text, "translated") for old, _ in pairs]
        elif how == "replace" and i_end - i == j_end - j:
            found[j:j_end] = [(targets[old].text, "outdated") for old in range(i, i_end)]
    moved = {mark: targets[place].text for place, mark in enumerate(then)}
    return [
        (moved[mark], "translated") if mark in moved else one
        for mark, one in zip(now, found, strict=True)
    ]


def sources(module: Module, language: str) -> list[Source]:
    """Return every text of the module, in the order of the page, with its translation."""
    found = list(_short(module, language))
    for section in module.sections:
        found += _section(module, section, language)
    return [one for one in found if one.text.strip()]


def _short(module: Module, language: str) -> Iterator[Source]:
    for key, texts, note in (
        ("title", module.titles, "The module's title."),
        ("series", module.series, "The line above the module's title."),
        ("summary", module.summaries, "One or two sentences, for the chooser and for catalogues."),
        ("cover_text", module.cover_texts, "What the cover shows, for those who do not see it."),
    ):
        if module.source_language in texts:
            text = texts[module.source_language]
            yield Source(SHORT + key, "short", note, text, STRUCTURE, None, texts.get(language))


def _section(module: Module, section: Section, language: str) -> Iterator[Source]:
    source = module.source_language
    text = section.texts[source]
    titles = {
        tag: _raw_title(module, section.texts[tag].file, section.titles[tag])
        for tag in (source, language)
        if tag in section.texts
    }
    yield Source(
        f"{section.id}:title",
        "title",
        "Title of a section.",
        titles[source],
        text.file,
        1,
        titles.get(language),
    )
    yield _text(section.id, _NOTES[section.kind], section.texts, source, language)
    items: tuple[Video | Reading | Question, ...] = (
        *section.videos,
        *section.readings,
        *section.questions,
    )
    for item in items:
        yield from _item(module, section, item, language)


_NOTES = {
    "text": "Markdown. Leave addresses and ids {#…} as they are.",
    "videos": "Introduces the videos. Markdown.",
    "readings": "Introduces the readings. Markdown.",
    "questions": "Introduces the suggested questions. Markdown.",
    "discussion": "The notice above the discussion. Markdown.",
}


def _item(
    module: Module, section: Section, item: Video | Reading | Question, language: str
) -> Iterator[Source]:
    source = module.source_language
    key = f"{section.id}.{item.id}"
    titles = {
        tag: _raw_item_title(module, item.texts[tag].file, item.id, item.titles[tag])
        for tag in (source, language)
        if tag in item.texts
    }
    note = "A suggested question." if isinstance(item, Question) else "Title of an item."
    file = item.texts[source].file
    line = item.texts[source].line
    yield Source(f"{key}:title", "title", note, titles[source], file, line, titles.get(language))
    yield _text(key, "Belongs to the title above it. Markdown.", item.texts, source, language)
    if isinstance(item, Video) and source in item.transcripts:
        name = f"{key}:transcript"
        yield _text(name, "Transcript of a video. Markdown.", item.transcripts, source, language)


def _text(key: str, note: str, texts: Mapping[str, Text], source: str, language: str) -> Source:
    original, translation = texts[source], texts.get(language)
    target = translation.markdown or None if translation else None
    return Source(key, "markdown", note, original.markdown, original.file, original.line, target)


def _raw_title(module: Module, file: str, plain: str) -> str:
    """Return a section's title with its markup, as its file has it."""
    lines = _lines(module, file)
    match = _TITLE.fullmatch(next((line for line in lines if line.strip()), ""))
    return match[1] if match and plain_title(match[1]) == plain else plain


def _raw_item_title(module: Module, file: str, item: str, plain: str) -> str:
    matches = filter(None, map(_ITEM_TITLE.fullmatch, _lines(module, file)))
    raw = (one[1] for one in matches if one[2] == item)
    return next((title for title in raw if plain_title(title) == plain), plain)


def _lines(module: Module, file: str) -> list[str]:
    text = (module.folder / file).read_text("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
