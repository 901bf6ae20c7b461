"""What came back from a translator, brought into the module's folder.

A text is written when all of its paragraphs are there; until then it stays as it was, because a
page cannot fall back to the source language in the middle of a text. Nothing is taken that would
change how the module is built: a paragraph stays one paragraph, a title one line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courseware.markdown import plain_title
from courseware.module import Module, Section
from courseware.reading.folder import STRUCTURE
from scorm_builder.translation import blocks, record, toml_edit
from scorm_builder.translation.entries import Entry, Exchange, ExchangeError
from scorm_builder.translation.units import SHORT, Source, Unit, sources, units
from scorm_builder.zip_writer import replace_when_done

_ITEM = re.compile(r"^ {0,3}##[ \t].*\{#\s*([a-z0-9-]+)\s*\}", re.MULTILINE)
_TITLE_LINE = re.compile(r"\s*(# [^\n]*)\n")


@dataclass(slots=True)
class Outcome:
    """What was written, how many units were taken, and what was not and why."""

    written: list[str] = field(default_factory=list)
    taken: int = 0
    told: list[str] = field(default_factory=list)


def accept(module: Module, language: str) -> int:
    """Record that all there is in a language is a translation of the source as it is now."""
    found = {one.key: one.recorded() for one in sources(module, language) if one.target is not None}
    record.write(module.folder / language, module.source_language, found)
    return len(found)


def bring_in(module: Module, language: str, exchange: Exchange) -> Outcome:
    """Write what came back. Raises ``ExchangeError`` if it is of other languages, and OSError."""
    _check_languages(module, language, exchange)
    return _Import(module, language, exchange).run()


def _check_languages(module: Module, language: str, exchange: Exchange) -> None:
    for found, wanted, words in (
        (exchange.source, module.source_language, "translated from"),
        (exchange.target, language, "translated to"),
    ):
        if found and found.replace("_", "-").lower() != wanted.lower():
            raise ExchangeError(f'The file is {words} "{found[:40]}", not "{wanted}".')


class _Import:
    """One file on its way into one module."""

    def __init__(self, module: Module, language: str, exchange: Exchange) -> None:
        self.module, self.language = module, language
        self.folder = module.folder / language
        self.known = record.read(self.folder)
        self.sources = {one.key: one for one in sources(module, language)}
        self.entries = {entry.id: entry for entry in exchange.entries if entry.id}
        self.outcome = Outcome()
        self.new: dict[str, str] = {}
        self.done: set[str] = set()

    def run(self) -> Outcome:
        """Write what is whole, and remember what it was translated from."""
        found = set()
        for source in self.sources.values():
            here = units(source, self.known.get(source.key))
            found |= {unit.id for unit in here}
            self._compose(source, here)
        strangers = len(set(self.entries) - found)
        if strangers:
            self._tell(f"{strangers} units of the file are not in the module as it is now: passed.")
        for section in self.module.sections:
            self._write_section(section)
            for video in section.videos:
                self._write_transcript(f"{section.id}.{video.id}:transcript", video.id)
        self._write_short()
        if self.done:
            marks = self.known | {key: self.sources[key].marks() for key in self.done}
            record.write(self.folder, self.module.source_language, marks)
        return self.outcome

    def _tell(self, line: str) -> None:
        self.outcome.told.append(line)

    def _compose(self, source: Source, here: list[Unit]) -> None:
        """Put a text together if the file brings the last of what it needs."""
        taken = {unit.id: text for unit in here if (text := self._taken(source, unit)) is not None}
        self.outcome.taken += len(taken)
        if not taken:
            return
        current = [
            taken.get(unit.id, unit.target if unit.status == "translated" else None)
            for unit in here
        ]
        whole = {place: text for place, text in enumerate(current) if text is not None}
        if len(whole) < len(here):
            missing = len(here) - len(whole)
            self._tell(f"{source.key}: {missing} of {len(here)} paragraphs are still to come.")
        elif source.kind == "markdown":
            self.new[source.key] = blocks.with_translations(source.text, whole)
        else:
            self.new[source.key] = whole[0]

    def _taken(self, source: Source, unit: Unit) -> str | None:
        entry = self.entries.get(unit.id)
        if entry is None or entry.done is False or not entry.target.strip():
            return None
        if entry.done is None and unit.status == "outdated" and entry.target == unit.target:
            return None
        if source.kind != "markdown" and entry.source != unit.source:
            self._tell(f"{unit.id}: the source has changed since the file was made: passed over.")
            return None
        text, why = _fitting(source, unit, entry)
        if why:
            self._tell(f"{unit.id}: {why}")
        return text

    def _text(self, key: str) -> str | None:
        """Return a text as it will be, None if it is neither there nor coming."""
        if key in self.new:
            return self.new[key]
        return self.sources[key].target if key in self.sources else ""

    def _write_section(self, section: Section) -> None:
        items = [
            *(video.id for video in section.videos),
            *(reading.id for reading in section.readings),
            *(question.id for question in section.questions),
        ]
        own = [f"{section.id}:title", section.id]
        keys = [*own, *(f"{section.id}.{name}{end}" for name in items for end in (":title", ""))]
        if not any(key in self.new for key in keys):
            return
        path = f"{self.language}/{section.id}.md"
        title, intro = map(self._text, own)
        if not title or intro is None:
            self._tell(f"{path}: not written before its title and its first text are there.")
            return
        strange = set(_ITEM.findall(self._existing(path))) - set(items) if items else set()
        if strange:
            self._tell(f"{path}: not written: take out what the source has not: {sorted(strange)}.")
            return
        parts = [f"# {title}", intro]
        done = set(own)
        for name in items:
            key = f"{section.id}.{name}"
            heading, body = self._text(f"{key}:title"), self._text(key)
            if heading and body is not None:
                parts += [f"## {heading} {{#{name}}}", body]
                done |= {f"{key}:title", key}
        self._write(path, "\n\n".join(part for part in parts if part) + "\n", done)

    def _write_transcript(self, key: str, name: str) -> None:
        if key in self.new:
            path = f"{self.language}/{name}.transcript.md"
            title = _TITLE_LINE.match(self._existing(path))
            head = f"{title[1]}\n\n" if title else ""
            self._write(path, f"{head}{self.new[key]}\n", {key})

    def _write_short(self) -> None:
        texts = {
            key.removeprefix(SHORT): text for key, text in self.new.items() if key.startswith(SHORT)
        }
        listed = self.language not in self.module.languages and bool(self.done or texts)
        if not texts and not listed:
            return
        path = self.module.folder / STRUCTURE
        old = path.read_text("utf-8-sig")
        new = toml_edit.with_texts(old, self.language, texts, listed=listed)
        if new is None:
            by_hand = [
                f"[{name}] {self.language} = {toml_edit.quoted(text)}"
                for name, text in texts.items()
            ]
            by_hand += [f'"{self.language}" in the list "languages"'] if listed else []
            self._tell(f"{STRUCTURE}: write there yourself: {'; '.join(by_hand)}")
        elif new != old:
            self._write(STRUCTURE, new, {SHORT + name for name in texts})

    def _existing(self, path: str) -> str:
        try:
            return (self.module.folder / path).read_text("utf-8-sig")
        except FileNotFoundError:
            return ""

    def _write(self, path: str, text: str, keys: set[str]) -> None:
        target = self.module.folder / path
        target.parent.mkdir(exist_ok=True)
        _replace(target, text)
        self.outcome.written.append(path)
        self.done |= {key for key in keys if key in self.new}


def _replace(target: Path, text: str) -> None:
    with replace_when_done(target) as part:
        part.write_text(text, "utf-8", newline="\n")


def _fitting(source: Source, unit: Unit, entry: Entry) -> tuple[str | None, str]:
    """Return the text that can stand in the unit's place, or why it cannot."""
    text = entry.target.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if source.kind == "markdown":
        piece = next(one for one in source.pieces() if one.text == unit.source)
        text = text.strip("\n")
        if not blocks.is_like(piece, text):
            return None, f"what came back is not one {piece.kind} as the source is: passed over."
        return text, ""
    text = " ".join(text.split())
    if source.kind == "title" and (not plain_title(text) or "{#" in text or text.endswith("#")):
        return None, "what came back cannot be a title: passed over."
    return text, ""


def missing_captions(module: Module, language: str) -> list[str]:
    """Return the captions that a language lacks; they are translated in a file of their own."""
    return [
        re.sub(r"\.[^.]+$", f".{language}.vtt", video.file)
        for section in module.sections
        for video in section.videos
        if video.file and module.source_language in video.captions
        if language not in video.captions
    ]


def units_of(module: Module, language: str) -> list[Unit]:
    """Return every unit of the module as it stands in a language."""
    known: Mapping[str, list[str]] = record.read(module.folder / language)
    return [unit for one in sources(module, language) for unit in units(one, known.get(one.key))]
