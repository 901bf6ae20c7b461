"""Read a module from its folder, or report everything that is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

from courseware import sections as kinds
from courseware.languages import normal
from courseware.module import Module, Section, Text
from courseware.parser import items
from courseware.parser.context import ParserContext
from courseware.parser.folder import MANIFEST, MEDIA, Folder, read_text, scan
from courseware.parser.manifest import Manifest, parse_manifest
from courseware.parser.manifest_sections import SectionDeclaration
from courseware.parser.media import Media, Use
from courseware.parser.report import Report, closest, shown
from courseware.parser.section_file import SectionFile, split
from courseware.parser.text_checks import check_text, heading_ids
from courseware.problems import ModuleError, Problem


def read(folder: Path | Folder) -> Module:
    """Return the module in ``folder``, a path or a folder that is scanned already.

    Raises ModuleError, with all problems, if there is an error.
    """
    module, problems = _parse(folder)
    if module is None:
        raise ModuleError(problems)
    return module


def check(folder: Path | Folder) -> tuple[Problem, ...]:
    """Return every problem of the module in ``folder``; never raises ModuleError."""
    return _parse(folder)[1]


def _parse(root: Path | Folder) -> tuple[Module | None, tuple[Problem, ...]]:
    report = Report()
    folder = root if isinstance(root, Folder) else _scan(Path(root), report)
    if folder is None:
        return None, report.problems()
    report.include(folder.report)
    manifest = parse_manifest(folder, report)
    if manifest is None:
        return None, report.problems()
    parser = _Parser(folder, manifest, Media(folder, report), report)
    sections = parser.sections()
    problems = report.problems()
    return (None if report.failed else _module(parser, sections, problems)), problems


def _scan(root: Path, report: Report) -> Folder | None:
    try:
        exists = root.is_dir()
    except (OSError, ValueError):
        exists = False
    if not exists:
        report.error(str(root), None, "There is no such folder.", "Check the name.")
        return None
    return scan(root)


def _module(
    parser: "_Parser", sections: tuple[Section, ...], problems: tuple[Problem, ...]
) -> Module:
    manifest = parser.manifest
    return Module(
        id=manifest.id,
        number=manifest.number,
        version=manifest.version,
        source_language=manifest.source,
        languages=manifest.languages,
        titles=manifest.titles,
        series=manifest.series,
        summaries=manifest.summaries,
        minutes=manifest.minutes,
        licence=manifest.licence,
        authors=manifest.authors,
        keywords=manifest.keywords,
        cover=manifest.cover.path if manifest.cover else None,
        cover_texts=manifest.cover_texts,
        sections=sections,
        completion=manifest.completion,
        discussion=manifest.discussion,
        files=parser.media.files(),
        folder=parser.folder.root,
        problems=problems,
    )


class _Parser:
    """Parses the sections of one folder.

    ``lines`` are the lines of all items by file and id, ``failed`` the ids of sections with items
    that could not be parsed.
    """

    def __init__(self, folder: Folder, manifest: Manifest, media: Media, report: Report) -> None:
        self.folder = folder
        self.manifest = manifest
        self.media = media
        self.report = report
        self.lines: dict[tuple[str, str], int] = {}
        self.failed: set[str] = set()

    def sections(self) -> tuple[Section, ...]:
        """Parse the sections, and check everything that they show and link to."""
        self._check_language_folders()
        sections = tuple(
            section
            for declaration in self.manifest.sections
            if (section := self._section(declaration)) is not None
        )
        if self.manifest.cover:
            cover = self.manifest.cover
            self.media.use(Use(cover.path, MANIFEST, cover.line, "picture"))
        unread = {one.id for one in self.manifest.sections} - {one.id for one in sections}
        items.report_unused_declarations(self.manifest, sections, unread | self.failed, self.report)
        self._check_completion(sections)
        self._check_texts(sections)
        if self.manifest.sections:
            self._check_unused_texts()
        if not self.report.failed:
            self.media.report_unused()
        return sections

    def _section(self, declaration: SectionDeclaration) -> Section | None:
        manifest = self.manifest
        files = {
            language: file
            for language in manifest.languages
            if (file := self._section_file(declaration, language)) is not None
        }
        if manifest.source not in files:
            return None
        context = ParserContext(
            manifest.source, manifest.languages, self.folder, self.media, self.report
        )
        declared = manifest.declared_items.get(declaration.kind.name, {})
        return Section(
            id=declaration.id,
            kind=declaration.kind,
            letter=declaration.letter,
            titles={language: file.title for language, file in files.items()},
            texts={language: file.text for language, file in files.items()},
            items=items.parse_items(declaration, files, declared, context),
        )

    def _section_file(self, declaration: SectionDeclaration, language: str) -> SectionFile | None:
        path = f"{language}/{declaration.id}.md"
        if path not in self.folder.files:
            self._report_missing(declaration, path, language)
            return None
        markdown = read_text(self.folder, path, self.report)
        if markdown is None:
            return None
        is_source = language == self.manifest.source
        add = self.report.error if is_source else self.report.warning
        if not markdown.strip():
            add(path, None, "The file is empty.", 'Write "# " and the title in its first line.')
            return None
        file = split(
            markdown,
            file=path,
            language=language,
            with_items=declaration.kind.item_name is not None,
            report=self.report,
        )
        if file is None:
            return None
        self.lines.update({(path, item.id): item.line for item in file.items.values()})
        if file.failed:
            self.failed.add(declaration.id)
        if declaration.kind.needs_text and not file.text.markdown:
            add(path, None, "The section has a title and nothing else.", "Write its text.")
            return file if is_source else None
        return file

    def _report_missing(self, declaration: SectionDeclaration, path: str, language: str) -> None:
        if language == self.manifest.source:
            near = closest(path, self._unused_texts())
            self.report.error(
                path,
                None,
                f'The text of the section "{declaration.id}" is missing.',
                f'Is it "{shown(near)}"? Give it this name.'
                if near
                else 'Write it: a first line with "# " and the title, then the text.',
            )
        elif language in self.folder.folders:
            self.report.warning(
                path,
                None,
                f'The section "{declaration.id}" is not translated to {language}.',
                f"Until then it is shown in {self.manifest.source}.",
            )

    def _check_language_folders(self) -> None:
        """Report languages without a folder, and folders that are not a language of the module."""
        languages = self.manifest.languages
        for language in languages:
            if language not in self.folder.folders and language != self.manifest.source:
                self.report.warning(
                    MANIFEST,
                    self.manifest.languages_line,
                    f'The language "{language}" is listed, but there is no folder {language}/.',
                    "Translate the module there, or take the language off the list.",
                )
        for name in sorted(self.folder.folders):
            if "/" in name or f"{name}/" == MEDIA or name in languages:
                continue
            if normal(name) == name and languages:
                self.report.warning(
                    f"{name}/",
                    None,
                    f'There is a folder for the language "{name}", which is not listed.',
                    f'Add "{name}" to "languages" in {MANIFEST}, or remove the folder.',
                )
            elif languages:
                self.report.warning(
                    f"{name}/",
                    None,
                    "Nothing reads this folder.",
                    "Remove it, or move it to sources/.",
                )

    def _expected_texts(self) -> set[str]:
        names = [f"{section.id}.md" for section in self.manifest.sections]
        for kind_name, declared in self.manifest.declared_items.items():
            for text in kinds.get(kind_name).item_texts:
                names += [f"{item_id}.{text.name}.md" for item_id in declared]
        return {f"{language}/{name}" for language in self.manifest.languages for name in names}

    def _unused_texts(self) -> list[str]:
        expected = self._expected_texts()
        return [
            name
            for name in self.folder.files
            if name.count("/") == 1
            and name.split("/")[0] in self.manifest.languages
            and name not in expected
        ]

    def _check_unused_texts(self) -> None:
        absent = self._expected_texts() - set(self.folder.files)
        for name in self._unused_texts():
            folder = name.split("/")[0]
            near = closest(name, [path for path in absent if path.startswith(f"{folder}/")])
            self.report.warning(
                name,
                None,
                "Nothing in the module shows this file.",
                f'Should its name be "{near}"?'
                if near
                else f"Declare a section of that name in {MANIFEST}, or remove the file.",
            )

    def _check_completion(self, sections: tuple[Section, ...]) -> None:
        count = sum(len(section.questions) for section in sections)
        required = self.manifest.completion.questions
        if required > count and not self.report.failed:
            self.report.error(
                MANIFEST,
                self.manifest.completion_line,
                f"To complete the module {required} questions must be answered, "
                f"but it has {count}.",
                'Write a smaller number for "questions" below [completion].',
            )

    def _check_texts(self, sections: tuple[Section, ...]) -> None:
        owners = self._owner_ids(sections)
        source = self._ids(sections, self.manifest.source, owners)
        for language in self.manifest.languages:
            ids = (
                source
                if language == self.manifest.source
                else source | self._ids(sections, language, owners)
            )
            for text in _texts(sections, language):
                check_text(text, ids, self.media, self.report)

    def _owner_ids(self, sections: tuple[Section, ...]) -> set[str]:
        """Return the ids of sections and items, which must all be different."""
        owners = {section.id for section in self.manifest.sections}
        for section in sections:
            for item in section.items:
                if item.id in owners:
                    file = item.texts[self.manifest.source].file
                    self._report_duplicate(file, self.lines.get((file, item.id)), item.id)
                owners.add(item.id)
        # Includes items that have errors: a link to one of them is not broken.
        return owners | {item for _, item in self.lines}

    def _ids(self, sections: tuple[Section, ...], language: str, owners: set[str]) -> set[str]:
        """Return the ids that a link may refer to in one language."""
        ids = set(owners)
        for section in sections:
            items = {item.id for item in section.items}
            for text in _texts((section,), language):
                for line, heading_id in heading_ids(text):
                    if heading_id in items:
                        self._report_inner_heading(text.file, line, heading_id)
                    elif heading_id in ids:
                        self._report_duplicate(text.file, line, heading_id)
                    ids.add(heading_id)
        return ids

    def _report_inner_heading(self, file: str, line: int | None, name: str) -> None:
        self.report.error(
            file,
            line,
            f'The heading with the id "{name}" does not start an item: it is inside another one.',
            f'Start each item with two number signs ("## … {{#{name}}}"), or give the heading '
            "another id.",
        )

    def _report_duplicate(self, file: str, line: int | None, name: str) -> None:
        self.report.error(
            file,
            line,
            f'The id "{name}" belongs to another part of the module too.',
            "Give one of them another id: a link must know which is meant.",
        )


def _texts(sections: tuple[Section, ...], language: str) -> Iterator[Text]:
    """Yield every text in one language: of each section, of its items, further texts of items."""
    for section in sections:
        yield from filter(None, [section.texts.get(language)])
        for item in section.items:
            yield from filter(None, [item.texts.get(language)])
        for item in section.items:
            for text in section.kind.item_texts:
                yield from filter(None, [text.texts(item).get(language)])
