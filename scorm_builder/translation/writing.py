"""Write an imported translation into the module's folder.

A text is written when all of its paragraphs are translated, because a page cannot fall back to the
source language within a text. Translations that would change the structure are rejected: a
paragraph stays one paragraph, a title one line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courseware.markdown import headings, plain_title, title_of
from courseware.module import Module, Section
from courseware.parser.folder import MANIFEST
from scorm_builder.translation import blocks, record, toml_edit
from scorm_builder.translation.entries import Entry, Exchange, ExchangeError
from scorm_builder.translation.units import SHORT, Source, Unit, sources, units
from scorm_builder.zip_writer import replace_when_done


@dataclass(slots=True)
class ImportResult:
    """The files written, the number of units imported, and messages about those that were not."""

    written: list[str] = field(default_factory=list)
    imported: int = 0
    messages: list[str] = field(default_factory=list)


def accept(module: Module, language: str) -> int:
    """Record all translations of a language as up to date; return how many texts they are."""
    found = {one.key: one.recorded() for one in sources(module, language) if one.target is not None}
    record.write(module.folder / language, module.source_language, found)
    return len(found)


def import_exchange(module: Module, language: str, exchange: Exchange) -> ImportResult:
    """Import a translator's file. Raises ``ExchangeError`` for other languages, and OSError."""
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
    """The import of one file into one module."""

    def __init__(self, module: Module, language: str, exchange: Exchange) -> None:
        self.module, self.language = module, language
        self.folder = module.folder / language
        self.recorded = record.read(self.folder)
        self.sources = {one.key: one for one in sources(module, language)}
        self.entries = {entry.id: entry for entry in exchange.entries if entry.id}
        self.result = ImportResult()
        self.new: dict[str, str] = {}
        self.done: set[str] = set()

    def run(self) -> ImportResult:
        """Write the texts that are complete, and record what they were translated from."""
        found = set()
        for source in self.sources.values():
            source_units = units(source, self.recorded.get(source.key))
            found |= {unit.id for unit in source_units}
            self._compose(source, source_units)
        unknown = len(set(self.entries) - found)
        if unknown:
            self._note(f"{unknown} units of the file are not in the module as it is now: passed.")
        for section in self.module.sections:
            self._write_section(section)
            for item in section.items:
                for text in section.kind.item_texts:
                    self._write_item_text(f"{section.id}.{item.id}", item.id, text.name)
        self._write_short()
        if self.done:
            digests = self.recorded | {key: self.sources[key].digests() for key in self.done}
            record.write(self.folder, self.module.source_language, digests)
        return self.result

    def _note(self, line: str) -> None:
        self.result.messages.append(line)

    def _compose(self, source: Source, source_units: list[Unit]) -> None:
        """Compose the translation of a text if all of its units are translated now."""
        new = {
            unit.id: text
            for unit in source_units
            if (text := self._imported(source, unit)) is not None
        }
        self.result.imported += len(new)
        if not new:
            return
        current = [
            new.get(unit.id, unit.target if unit.status == "translated" else None)
            for unit in source_units
        ]
        complete = {index: text for index, text in enumerate(current) if text is not None}
        if len(complete) < len(current):
            missing = len(current) - len(complete)
            self._note(f"{source.key}: {missing} of {len(current)} paragraphs are still to come.")
        elif source.kind == "markdown":
            self.new[source.key] = blocks.with_translations(source.text, complete)
        else:
            self.new[source.key] = complete[0]

    def _imported(self, source: Source, unit: Unit) -> str | None:
        entry = self.entries.get(unit.id)
        if entry is None or entry.done is False or not entry.target.strip():
            return None
        if entry.done is None and unit.status == "outdated" and entry.target == unit.target:
            return None
        if source.kind != "markdown" and entry.source != unit.source:
            self._note(f"{unit.id}: the source has changed since the file was made: passed over.")
            return None
        text, why = _checked(source, unit, entry)
        if why:
            self._note(f"{unit.id}: {why}")
        return text

    def _text(self, key: str) -> str | None:
        """Return a text as it will be; None if it is not translated."""
        if key in self.new:
            return self.new[key]
        return self.sources[key].target if key in self.sources else ""

    def _write_section(self, section: Section) -> None:
        items = [item.id for item in section.items]
        own = [f"{section.id}:title", section.id]
        keys = [*own, *(f"{section.id}.{name}{end}" for name in items for end in (":title", ""))]
        if not any(key in self.new for key in keys):
            return
        path = f"{self.language}/{section.id}.md"
        title, intro = map(self._text, own)
        if not title or intro is None:
            self._note(f"{path}: not written before its title and its first text are there.")
            return
        present = {one.id for one in headings(self._existing(path)) if one.level == 2 and one.id}
        unknown = sorted(present - set(items)) if items else []
        if unknown:
            self._note(f"{path}: not written: take out what the source has not: {unknown}.")
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

    def _write_item_text(self, item_key: str, item_id: str, name: str) -> None:
        """Write a further text of an item; a title above the existing one remains."""
        key = f"{item_key}:{name}"
        if key not in self.new:
            return
        path = f"{self.language}/{item_id}.{name}.md"
        existing = self._existing(path)
        title = title_of(existing, headings(existing))
        head = f"# {title.markdown}\n\n" if title else ""
        self._write(path, f"{head}{self.new[key]}\n", {key})

    def _write_short(self) -> None:
        texts = {
            key.removeprefix(SHORT): text for key, text in self.new.items() if key.startswith(SHORT)
        }
        listed = self.language not in self.module.languages and bool(self.done or texts)
        if not texts and not listed:
            return
        path = self.module.folder / MANIFEST
        old = path.read_text("utf-8-sig")
        new = toml_edit.with_texts(old, self.language, texts, listed=listed)
        if new is None:
            by_hand = [
                f"[{name}] {self.language} = {toml_edit.quoted(text)}"
                for name, text in texts.items()
            ]
            by_hand += [f'"{self.language}" in the list "languages"'] if listed else []
            self._note(f"{MANIFEST}: write there yourself: {'; '.join(by_hand)}")
        elif new != old:
            self._write(MANIFEST, new, {SHORT + name for name in texts})

    def _existing(self, path: str) -> str:
        try:
            return (self.module.folder / path).read_text("utf-8-sig")
        except FileNotFoundError:
            return ""

    def _write(self, path: str, text: str, keys: set[str]) -> None:
        target = self.module.folder / path
        target.parent.mkdir(exist_ok=True)
        _replace(target, text)
        self.result.written.append(path)
        self.done |= {key for key in keys if key in self.new}


def _replace(target: Path, text: str) -> None:
    with replace_when_done(target) as part:
        part.write_text(text, "utf-8", newline="\n")


def _checked(source: Source, unit: Unit, entry: Entry) -> tuple[str | None, str]:
    """Return the translation in the form of the unit, or None and why it is rejected."""
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


def missing_files(module: Module, language: str) -> list[str]:
    """Return the files besides texts, such as captions, that a language does not have."""
    return [
        name
        for section in module.sections
        for item in section.items
        for name in section.kind.untranslated_files(item, module.source_language, language)
    ]


def units_of(module: Module, language: str) -> list[Unit]:
    """Return every unit of the module with its translation to a language."""
    recorded: Mapping[str, list[str]] = record.read(module.folder / language)
    return [unit for one in sources(module, language) for unit in units(one, recorded.get(one.key))]
