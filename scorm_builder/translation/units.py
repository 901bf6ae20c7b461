"""The translation units of a module, with their translations and states.

A text is a short text of ``module.toml``, a title, the text of a section or item, or a further text
of an item such as a transcript. Titles and short texts are one unit each, whose id is the text's
key. Longer texts have one unit for each paragraph, whose id ends in the digest of the paragraph: it
stays the same when the paragraph moves, and a changed paragraph is a new unit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from courseware.markdown import Heading, headings
from courseware.module import Item, Module, Section, Text
from courseware.parser.folder import MANIFEST
from scorm_builder.translation import blocks
from scorm_builder.translation.blocks import Piece

Status = Literal["translated", "outdated", "missing", "apart"]
Kind = Literal["short", "title", "markdown"]

SHORT = "_module:"
WHOLE = "="
"""Prefix of the only digest of a text whose translation has a different structure."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text in the source language, with its translation or None."""

    key: str
    kind: Kind
    note: str
    text: str
    file: str
    line: int | None
    target: str | None

    def pieces(self) -> list[Piece]:
        """Return the pieces that are units; a title is one piece."""
        if self.kind == "markdown":
            return blocks.units(self.text)
        return [Piece("paragraph", self.text, 0)]

    def digests(self) -> list[str]:
        """Return the digests of the pieces."""
        return [blocks.digest(piece.text) for piece in self.pieces()]

    def recorded(self) -> list[str]:
        """Return the record of a translation that is up to date."""
        alike = self.target is not None and blocks.kinds(self.pieces()) == blocks.kinds(
            self.target_pieces()
        )
        return self.digests() if alike else [WHOLE + blocks.digest(self.text)]

    def target_pieces(self) -> list[Piece]:
        """Return the pieces of the translation that are units."""
        if self.target is None:
            return []
        if self.kind == "markdown":
            return blocks.units(self.target)
        return [Piece("paragraph", self.target, 0)]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to translate. ``target`` is its translation, of an older source if ``outdated``."""

    id: str
    key: str
    source: str
    target: str | None
    status: Status
    note: str
    file: str
    line: int | None


def units(source: Source, recorded: list[str] | None) -> list[Unit]:
    """Return the units of a text; ``recorded`` is its entry in the record, or None."""
    pieces = source.pieces()
    counts: Counter[str] = Counter()
    found = []
    for piece, (target, status) in zip(pieces, _statuses(source, pieces, recorded), strict=True):
        name = source.key
        if source.kind == "markdown":
            name = f"{name}:{blocks.digest(piece.text)}"
            counts[name] += 1
            name += f".{counts[name]}" if counts[name] > 1 else ""
        line = None if source.line is None else source.line + piece.line
        found.append(
            Unit(name, source.key, piece.text, target, status, source.note, source.file, line)
        )
    return found


def _statuses(
    source: Source, pieces: list[Piece], recorded: list[str] | None
) -> list[tuple[str | None, Status]]:
    targets = source.target_pieces()
    if source.target is None:
        return [(None, "missing")] * len(pieces)
    if recorded is None or recorded[:1] == [WHOLE + blocks.digest(source.text)]:
        if blocks.kinds(pieces) == blocks.kinds(targets):
            return [(piece.text, "translated") for piece in targets]
        return [(None, "apart" if recorded is None else "translated")] * len(pieces)
    if len(recorded) != len(targets) or recorded[0].startswith(WHOLE):
        unchanged = recorded == source.digests()
        return [(None, "translated" if unchanged else "outdated")] * len(pieces)
    return _compared(source.digests(), recorded, targets)


def _compared(
    now: list[str], then: list[str], targets: list[Piece]
) -> list[tuple[str | None, Status]]:
    """Match the paragraphs of now with those that were translated, also when they moved."""
    found: list[tuple[str | None, Status]] = [(None, "missing")] * len(now)
    matcher = SequenceMatcher(None, then, now, autojunk=False)
    for how, i, i_end, j, j_end in matcher.get_opcodes():
        if how == "equal":
            pairs = zip(range(i, i_end), range(j, j_end), strict=True)
            found[j:j_end] = [(targets[old].text, "translated") for old, _ in pairs]
        elif how == "replace" and i_end - i == j_end - j:
            found[j:j_end] = [(targets[old].text, "outdated") for old in range(i, i_end)]
    moved = {digest: targets[index].text for index, digest in enumerate(then)}
    return [
        (moved[digest], "translated") if digest in moved else one
        for digest, one in zip(now, found, strict=True)
    ]


def sources(module: Module, language: str) -> list[Source]:
    """Return every text of the module with its translation, in the order of the page."""
    texts = _Texts(module, language)
    found = list(texts.short())
    for section in module.sections:
        found += texts.section(section)
    return [one for one in found if one.text.strip()]


class _Texts:
    """The texts of a module with their translations; reads each file once."""

    def __init__(self, module: Module, language: str) -> None:
        self._module = module
        self._source = module.source_language
        self._language = language
        self._headings: dict[str, list[Heading]] = {}

    def short(self) -> Iterator[Source]:
        """Yield the short texts of ``module.toml``."""
        module = self._module
        for key, texts, note in (
            ("title", module.titles, "The module's title."),
            ("series", module.series, "The line above the module's title."),
            (
                "summary",
                module.summaries,
                "One or two sentences, for the chooser and for catalogues.",
            ),
            (
                "cover_text",
                module.cover_texts,
                "What the cover shows, for those who do not see it.",
            ),
        ):
            if self._source in texts:
                target = texts.get(self._language)
                yield Source(
                    SHORT + key, "short", note, texts[self._source], MANIFEST, None, target
                )

    def section(self, section: Section) -> Iterator[Source]:
        """Yield the title and the text of a section, and those of its items."""
        titles = {
            tag: self._title(text.file, 1, None, section.titles[tag])
            for tag, text in section.texts.items()
            if tag in (self._source, self._language)
        }
        yield Source(
            f"{section.id}:title",
            "title",
            "Title of a section.",
            titles[self._source],
            section.texts[self._source].file,
            1,
            titles.get(self._language),
        )
        yield self._text(section.id, section.kind.text_note, section.texts)
        for item in section.items:
            yield from self._item(section, item)

    def _item(self, section: Section, item: Item) -> Iterator[Source]:
        key = f"{section.id}.{item.id}"
        titles = {
            tag: self._title(text.file, 2, item.id, item.titles[tag])
            for tag, text in item.texts.items()
            if tag in (self._source, self._language)
        }
        text = item.texts[self._source]
        yield Source(
            f"{key}:title",
            "title",
            section.kind.item_note,
            titles[self._source],
            text.file,
            text.line,
            titles.get(self._language),
        )
        yield self._text(key, "Belongs to the title above it. Markdown.", item.texts)
        for further in section.kind.item_texts:
            texts = further.texts(item)
            if self._source in texts:
                yield self._text(f"{key}:{further.name}", further.note, texts)

    def _text(self, key: str, note: str, texts: Mapping[str, Text]) -> Source:
        original, translation = texts[self._source], texts.get(self._language)
        target = translation.markdown or None if translation else None
        return Source(
            key, "markdown", note, original.markdown, original.file, original.line, target
        )

    def _title(self, file: str, level: int, item_id: str | None, plain: str) -> str:
        """Return the Markdown of a title; the module has its plain text only."""
        if file not in self._headings:
            text = (self._module.folder / file).read_text("utf-8-sig")
            self._headings[file] = headings(text)
        found = (
            one.markdown
            for one in self._headings[file]
            if one.level == level and item_id in (None, one.id)
        )
        return next(found, plain)
