"""From a folder to a module, or to everything that is wrong with it.

The steps are in ``courseware.reading``. Each goes on with what it understood, so that an author
who has mended what was reported is done, and does not meet the next problem then.
"""

from collections.abc import Iterator
from pathlib import Path

from courseware.languages import normal
from courseware.module import Module, Question, Reading, Section, Text, Video
from courseware.problems import ModuleError, Problem
from courseware.reading import items
from courseware.reading.folder import MEDIA, STRUCTURE, Folder, read_text, scan
from courseware.reading.media import Media, Use
from courseware.reading.parts import SectionFacts
from courseware.reading.report import Report, closest, shown
from courseware.reading.sections import SectionFile, split
from courseware.reading.structure import Structure, read_structure
from courseware.reading.texts import check_text, places

_WITH_ITEMS = ("videos", "readings", "questions")


def read(folder: Path) -> Module:
    """Return the module in ``folder``, or raise ModuleError with every problem it has."""
    module, problems = _examine(Path(folder))
    if module is None:
        raise ModuleError(problems)
    return module


def check(folder: Path) -> tuple[Problem, ...]:
    """Return every problem of the module in ``folder``, whatever the folder holds."""
    return _examine(Path(folder))[1]


def _examine(root: Path) -> tuple[Module | None, tuple[Problem, ...]]:
    report = Report()
    try:
        there = root.is_dir()
    except (OSError, ValueError):
        there = False
    if not there:
        report.error(str(root), None, "There is no such folder.", "Check the name.")
        return None, report.problems()
    folder = scan(root.absolute(), report)
    structure = read_structure(folder, report)
    if structure is None:
        return None, report.problems()
    reading = _Reading(folder, structure, Media(folder, report), report)
    sections = reading.sections()
    problems = report.problems()
    return (None if report.failed else _module(reading, sections, problems)), problems


def _module(
    reading: "_Reading", sections: tuple[Section, ...], problems: tuple[Problem, ...]
) -> Module:
    structure = reading.structure
    return Module(
        id=structure.id,
        number=structure.number,
        version=structure.version,
        source_language=structure.source,
        languages=structure.languages,
        titles=structure.titles,
        series=structure.series,
        summaries=structure.summaries,
        minutes=structure.minutes,
        licence=structure.licence,
        authors=structure.authors,
        keywords=structure.keywords,
        cover=structure.cover.path if structure.cover else None,
        cover_texts=structure.cover_texts,
        sections=sections,
        completion=structure.completion,
        discussion=structure.discussion,
        files=reading.media.files(),
        folder=reading.folder.root,
        problems=problems,
    )


class _Reading:
    """One folder being read."""

    def __init__(self, folder: Folder, structure: Structure, media: Media, report: Report) -> None:
        self.folder = folder
        self.structure = structure
        self.media = media
        self.report = report
        self.lines: dict[tuple[str, str], int] = {}
        self.failed: set[str] = set()

    def sections(self) -> tuple[Section, ...]:
        """Read the sections, and check all that they show and link to."""
        self._check_language_folders()
        sections = tuple(
            section
            for facts in self.structure.sections
            if (section := self._section(facts)) is not None
        )
        if self.structure.cover:
            cover = self.structure.cover
            self.media.use(Use(cover.path, STRUCTURE, cover.line, "picture"))
        unread = {facts.id for facts in self.structure.sections} - {one.id for one in sections}
        items.undeclared_elsewhere(self.structure, sections, unread | self.failed, self.report)
        self._check_completion(sections)
        self._check_texts(sections)
        if self.structure.sections:
            self._check_left_over()
        if not self.report.failed:
            self.media.report_unused()
        return sections

    def _section(self, facts: SectionFacts) -> Section | None:
        source = self.structure.source
        files = {
            language: file
            for language in self.structure.languages
            if (file := self._section_file(facts, language)) is not None
        }
        if source not in files:
            return None
        found = items.joined(facts, files, source, self.report) if facts.kind in _WITH_ITEMS else {}
        structure, folder, media, report = self.structure, self.folder, self.media, self.report
        return Section(
            id=facts.id,
            kind=facts.kind,
            letter=facts.letter,
            titles={language: file.title for language, file in files.items()},
            texts={language: file.text for language, file in files.items()},
            videos=items.videos(found, structure, folder, media, report)
            if facts.kind == "videos"
            else (),
            readings=items.readings(found, structure, media, report)
            if facts.kind == "readings"
            else (),
            questions=items.questions(found) if facts.kind == "questions" else (),
        )

    def _section_file(self, facts: SectionFacts, language: str) -> SectionFile | None:
        path = f"{language}/{facts.id}.md"
        if path not in self.folder.files:
            self._missing(facts, path, language)
            return None
        text = read_text(self.folder, path, self.report)
        if text is None:
            return None
        tell = self.report.error if language == self.structure.source else self.report.warning
        if not text.strip():
            tell(path, None, "The file is empty.", 'Write "# " and the title in its first line.')
            return None
        file = split(
            text,
            file=path,
            language=language,
            with_items=facts.kind in _WITH_ITEMS,
            report=self.report,
        )
        if file is None:
            return None
        self.lines.update({(path, item.id): item.line for item in file.items.values()})
        if file.failed:
            self.failed.add(facts.id)
        if facts.kind == "text" and not file.text.markdown:
            tell(path, None, "The section has a title and nothing else.", "Write its text.")
            return file if language == self.structure.source else None
        return file

    def _missing(self, facts: SectionFacts, path: str, language: str) -> None:
        if language == self.structure.source:
            near = closest(path, self._unread())
            self.report.error(
                path,
                None,
                f'The text of the section "{facts.id}" is missing.',
                f'Is it "{shown(near)}"? Give it this name.'
                if near
                else 'Write it: a first line with "# " and the title, then the text.',
            )
        elif language in self.folder.folders:
            self.report.warning(
                path,
                None,
                f'The section "{facts.id}" is not translated to {language}.',
                f"Until then it is shown in {self.structure.source}.",
            )

    def _check_language_folders(self) -> None:
        """Report what is declared and absent, and what is there and not declared."""
        for language in self.structure.languages:
            if language not in self.folder.folders and language != self.structure.source:
                self.report.warning(
                    STRUCTURE,
                    self.structure.languages_line,
                    f'The language "{language}" is listed, but there is no folder {language}/.',
                    "Translate the module there, or take the language off the list.",
                )
        for name in sorted(self.folder.folders):
            if "/" in name or f"{name}/" == MEDIA or name in self.structure.languages:
                continue
            if normal(name) == name and self.structure.languages:
                self.report.warning(
                    f"{name}/",
                    None,
                    f'There is a folder for the language "{name}", which is not listed.',
                    f'Add "{name}" to "languages" in {STRUCTURE}, or remove the folder.',
                )
            elif self.structure.languages:
                self.report.warning(
                    f"{name}/",
                    None,
                    "Nothing reads this folder.",
                    "Remove it, or move it to sources/.",
                )

    def _expected(self) -> set[str]:
        names = [f"{section.id}.md" for section in self.structure.sections]
        names += [f"{video}.transcript.md" for video in self.structure.videos]
        return {f"{language}/{name}" for language in self.structure.languages for name in names}

    def _unread(self) -> list[str]:
        expected = self._expected()
        return [
            name
            for name in self.folder.files
            if name.count("/") == 1
            and name.split("/")[0] in self.structure.languages
            and name not in expected
        ]

    def _check_left_over(self) -> None:
        absent = self._expected() - set(self.folder.files)
        for name in self._unread():
            folder = name.split("/")[0]
            near = closest(name, [path for path in absent if path.startswith(f"{folder}/")])
            self.report.warning(
                name,
                None,
                "Nothing in the module shows this file.",
                f'Should its name be "{near}"?'
                if near
                else f"Declare a section of that name in {STRUCTURE}, or remove the file.",
            )

    def _check_completion(self, sections: tuple[Section, ...]) -> None:
        there = sum(len(section.questions) for section in sections)
        asked = self.structure.completion.questions
        if asked > there and not self.report.failed:
            self.report.error(
                STRUCTURE,
                self.structure.completion_line,
                f"To complete the module {asked} questions must be answered, but it has {there}.",
                'Write a smaller number for "questions" below [completion].',
            )

    def _check_texts(self, sections: tuple[Section, ...]) -> None:
        owners = self._owners(sections)
        source = self._places(sections, self.structure.source, owners)
        for language in self.structure.languages:
            known = (
                source
                if language == self.structure.source
                else source | self._places(sections, language, owners)
            )
            for text in _texts(sections, language):
                check_text(text, known, self.media, self.report)

    def _owners(self, sections: tuple[Section, ...]) -> set[str]:
        """Return the ids of sections and items, all of which share one page."""
        owners = {section.id for section in self.structure.sections}
        for section in sections:
            for item in _items(section):
                if item.id in owners:
                    file = item.texts[self.structure.source].file
                    self._double(file, self.lines.get((file, item.id)), item.id)
                owners.add(item.id)
        # An item that could not be joined is there all the same: a link to it is not dead.
        return owners | {item for _, item in self.lines}

    def _places(self, sections: tuple[Section, ...], language: str, owners: set[str]) -> set[str]:
        """Return the ids that a link may lead to in one language."""
        known = set(owners)
        for text in _texts(sections, language):
            for line, place in places(text):
                if place in known:
                    self._double(text.file, line, place)
                known.add(place)
        return known

    def _double(self, file: str, line: int | None, place: str) -> None:
        self.report.error(
            file,
            line,
            f'The id "{place}" belongs to another part of the module too.',
            "Give one of them another id: a link must know which is meant.",
        )


def _items(section: Section) -> tuple[Video | Reading | Question, ...]:
    return (*section.videos, *section.readings, *section.questions)


def _texts(sections: tuple[Section, ...], language: str) -> Iterator[Text]:
    """Yield every text in one language, in the order of the page."""
    for section in sections:
        yield from filter(None, [section.texts.get(language)])
        for item in _items(section):
            yield from filter(None, [item.texts.get(language)])
        for video in section.videos:
            yield from filter(None, [video.transcripts.get(language)])
