"""``module.toml``: what a module says of itself, whatever the language.

Always returns what could be understood: a missing title must not hide a missing video.
"""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from courseware import licences
from courseware.languages import normal
from courseware.module import Completion, DiscussionDefaults, Guests, RemoteVideo, SectionKind
from courseware.reading import remote
from courseware.reading.folder import MEDIA, STRUCTURE, Folder, read_text
from courseware.reading.report import Report, did_you_mean, listed, shown
from courseware.reading.toml import Lines, Table, parse

KINDS: tuple[SectionKind, ...] = ("text", "videos", "readings", "questions", "discussion")
GUESTS: tuple[Guests, ...] = ("none", "read", "post")

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
ID_RULE = "Use the letters a to z, digits and hyphens, at most 64 signs in all."


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """A section as it is declared."""

    id: str
    kind: SectionKind
    letter: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A video as it is declared."""

    file: str | None
    remote: RemoteVideo | None
    poster: str | None
    seconds: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """A reading as it is declared."""

    file: str | None
    address: str | None
    language: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Structure:
    """What ``module.toml`` says. Empty where it says nothing that could be understood."""

    id: str = ""
    number: int | None = None
    version: str = ""
    source: str = ""
    languages: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    series: dict[str, str] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    cover_texts: dict[str, str] = field(default_factory=dict)
    minutes: int = 0
    licence: str = ""
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    cover: str | None = None
    cover_line: int | None = None
    sections: tuple[SectionFacts, ...] = ()
    videos: dict[str, VideoFacts] = field(default_factory=dict)
    readings: dict[str, ReadingFacts] = field(default_factory=dict)
    completion: Completion = field(default_factory=lambda: Completion((), 0))
    completion_line: int | None = None
    discussion: DiscussionDefaults = field(
        default_factory=lambda: DiscussionDefaults("read", False)
    )


def read_structure(folder: Folder, report: Report) -> Structure | None:
    """Read ``module.toml``; None, and a problem, if there is nothing to go on with."""
    if STRUCTURE not in folder.files:
        report.error(
            STRUCTURE,
            None,
            f'The folder has no file "{STRUCTURE}".',
            "Check that this is a module's folder; scorm-builder new makes one to start from.",
        )
        return None
    text = read_text(folder, STRUCTURE, report)
    values = None if text is None else parse(text, STRUCTURE, report)
    if text is None or values is None:
        return None
    top = Table(values, (), Lines(text), report, STRUCTURE)
    structure = _structure(top)
    top.finish()
    if structure.id and folder.root.name and structure.id != folder.root.resolve().name:
        report.warning(
            STRUCTURE,
            top.line("id"),
            f'The id "{structure.id}" is not the name of the folder, '
            f'"{shown(folder.root.resolve().name)}".',
            "Give both the same name, so that people find one by the other.",
        )
    return structure


def _structure(top: Table) -> Structure:
    languages = _languages(top)
    source = _source(top, languages)
    sections = _sections(top)
    cover = media_path(top, "cover", "media/cover.svg")
    return Structure(
        id=identifier(top, "id", "module-4"),
        number=top.whole("number", 4, least=0),
        version=_version(top),
        source=source,
        languages=languages,
        titles=_by_language(top, "title", languages, source, required=True),
        series=_by_language(top, "series", languages, source),
        summaries=_by_language(top, "summary", languages, source, required=True),
        minutes=top.whole("minutes", 45, least=1, required=True) or 0,
        licence=_licence(top),
        authors=top.texts("authors", "Name of a person", required=True),
        keywords=top.texts("keywords", "cooperation"),
        cover=cover,
        cover_line=top.line("cover"),
        cover_texts=_by_language(
            top, "cover_text", languages, source, required="cover" in top.values
        ),
        sections=sections,
        videos=_videos(top),
        readings=_readings(top),
        completion=_completion(top, sections),
        completion_line=top.lines.of(("completion",)),
        discussion=_discussion(top),
    )


def identifier(table: Table, key: str, example: str) -> str:
    """Return an id, or an empty text and a problem."""
    value = table.text(key, example, required=True)
    if value is not None and not _ID.fullmatch(value):
        table.error(key, f'"{shown(value)}" cannot be an id.', ID_RULE)
        return ""
    return value or ""


def is_id(text: str) -> bool:
    """Tell whether ``text`` can be an id."""
    return _ID.fullmatch(text) is not None


def media_path(table: Table, key: str, example: str) -> str | None:
    """Return the path of a file in ``media/``, or None and, if something else stands there, why."""
    value = table.text(key, example)
    if value is None:
        return None
    inside = value.startswith(MEDIA) and not value.endswith("/")
    if not inside or "\\" in value or any(part in ("", ".", "..") for part in value.split("/")):
        table.error(
            key,
            f'"{shown(value)}" is not a file of the folder media/.',
            f'Put the file into media/ and write: {key} = "{example}"',
        )
        return None
    return value


def _languages(top: Table) -> tuple[str, ...]:
    tags = []
    for tag in top.texts("languages", "es", required=True):
        if _is_tag(top, "languages", tag):
            if tag in tags:
                top.error("languages", f'The language "{tag}" is listed twice.', "Remove one.")
            else:
                tags.append(tag)
    return tuple(tags)


def _source(top: Table, languages: tuple[str, ...]) -> str:
    source = top.text("source_language", "es", required=True)
    if source is not None and _is_tag(top, "source_language", source):
        if languages and source not in languages:
            top.error(
                "source_language",
                f'The source language "{source}" is not among the languages.',
                f'Add "{source}" to the list "languages".',
            )
        return source
    return languages[0] if languages else ""


def _is_tag(table: Table, key: str, tag: str) -> bool:
    canonical = normal(tag)
    if canonical == tag:
        return True
    table.error(
        key,
        f'"{shown(tag)}" is not the tag of a language.',
        f'Write "{canonical}".'
        if canonical
        else "Write the language's short code (BCP 47), such as es, en, fr, pt-BR or zh-Hant.",
    )
    return False


def _by_language(
    top: Table, key: str, languages: tuple[str, ...], source: str, *, required: bool = False
) -> dict[str, str]:
    if key not in top.values:
        top.asked(key)
        if required:
            top.error(
                "cover" if key == "cover_text" else None,
                f'"{key}" is missing.',
                f'Add two lines at the end: [{key}] and below it {source or "es"} = "…"',
            )
        return {}
    table = top.table(key)
    if table is None:
        return {}
    texts = {}
    for language in languages:
        text = table.text(language, "…")
        if text is not None:
            texts[language] = text
    if not languages:
        return texts
    if source and source not in table.values:
        table.error(
            None,
            f'"{key}" has no text in the source language.',
            f'Add a line below [{key}]: {source} = "…"',
        )
    _check_languages_of(top, table, key, languages)
    missing = [tag for tag in languages if tag not in table.values and tag != source]
    if missing:
        top.report.warning(
            STRUCTURE,
            table.line(),
            f'"{key}" is not translated to {listed(missing)}.',
            f'Add a line below [{key}] for each, such as: {missing[0]} = "…"',
        )
    return texts


def _check_languages_of(top: Table, table: Table, key: str, languages: tuple[str, ...]) -> None:
    for tag in table.values:
        if tag in languages:
            continue
        if tag in top.values or tag in _TOP_KEYS:
            remedy = "Move the line to the top of the file, above the first [ heading ]."
        elif normal(tag) == tag:
            remedy = f'Add "{tag}" to the list "languages", or remove the line.'
        else:
            remedy = did_you_mean(tag, languages, f"Use one of {listed(languages)}.")
        table.error(tag, f'"{shown(tag)}" is not one of the module\'s languages.', remedy)


_TOP_KEYS = frozenset(("number", "version", "source_language", "languages", "minutes")) | frozenset(
    ("licence", "authors", "keywords", "cover")
)


def _version(top: Table) -> str:
    version = top.text("version", "1.0.0", required=True) or ""
    if version and not _VERSION.fullmatch(version):
        top.error(
            "version", f'"{shown(version)}" cannot be a version.', 'Write, say: version = "1.0.0"'
        )
    return version


def _licence(top: Table) -> str:
    licence = top.text("licence", "CC-BY-4.0", required=True) or ""
    if licence and not licences.is_identifier(licence):
        near = did_you_mean(
            licence, licences.COMMON, "Find it at https://spdx.org/licenses/ (CC-BY-4.0, say)."
        )
        top.error("licence", f'"{shown(licence)}" is not the short code of a licence.', near)
    return licence


def _sections(top: Table) -> tuple[SectionFacts, ...]:
    top.asked("sections")
    tables = top.values.get("sections")
    if not isinstance(tables, list) or not tables:
        top.error(
            "sections" if tables is not None else None,
            "The module has no sections.",
            'Add the lines [[sections]], id = "introduction" and kind = "text" for the first.',
        )
        return ()
    sections: list[SectionFacts] = []
    for place, values in enumerate(tables):
        if not isinstance(values, dict):
            top.error("sections", "A section should be a table.", "Begin it with [[sections]].")
            continue
        table = top.inner(values, "sections", place)
        section = _section(table)
        if section is not None:
            _check_section(table, section, sections)
            sections.append(section)
    return tuple(sections)


def _section(table: Table) -> SectionFacts | None:
    section_id = identifier(table, "id", "introduction")
    table.text("kind", "text", required=True)
    kind = table.choice("kind", KINDS, "text")
    letter = table.text("letter", "a")
    table.finish(_TOP_KEYS)
    if letter is not None and len(letter) > 3:
        table.error("letter", f'The letter "{shown(letter)}" is too long.', "Write one letter.")
    if not section_id:
        return None
    return SectionFacts(section_id, cast(SectionKind, kind), letter, table.line("id"))


def _check_section(table: Table, section: SectionFacts, before: list[SectionFacts]) -> None:
    if any(other.id == section.id for other in before):
        table.error(
            "id", f'Two sections have the id "{section.id}".', "Give one of them another id."
        )
    if section.kind == "discussion" and any(other.kind == "discussion" for other in before):
        table.error(
            "kind", "There is a second section of the kind discussion.", "Keep only one of them."
        )


def _tables(top: Table, key: str) -> list[tuple[str, Table]]:
    outer = top.table(key)
    if outer is None:
        return []
    found = []
    for name, values in outer.values.items():
        if not is_id(name):
            outer.error(name, f'"{shown(name)}" cannot be an id.', ID_RULE)
        elif not isinstance(values, dict):
            outer.error(
                name,
                f'"{key}.{shown(name)}" should be a table.',
                f"Begin it with [{key}.{shown(name)}] on a line of its own.",
            )
        else:
            found.append((name, outer.inner(values, name)))
    return found


def _one_of_file_and_address(table: Table, file: str | None, address: str | None) -> None:
    given = [key for key in ("file", "address") if key in table.values]
    if len(given) != 1:
        table.error(
            None,
            f'"{table.name("file").removesuffix(".file")}" has '
            + ("both a file and an address." if given else "neither a file nor an address."),
            "Keep one of the two."
            if given
            else 'Add a line, either file = "media/…" or address = "https://…"',
        )


def _videos(top: Table) -> dict[str, VideoFacts]:
    videos = {}
    for name, table in _tables(top, "videos"):
        file = media_path(table, "file", "media/video.mp4")
        address = table.text("address", "https://www.youtube.com/watch?v=…")
        video = remote.recognise(address) if address else None
        if address and video is None:
            table.error(
                "address",
                f'"{shown(address)}" is not the address of a video that can be shown.',
                f"Use {remote.EXAMPLES}, beginning with https; or put the file into media/.",
            )
        _one_of_file_and_address(table, file, address)
        poster = media_path(table, "poster", "media/video.jpg")
        seconds = table.whole("seconds", 150, least=1)
        table.finish(_TOP_KEYS)
        videos[name] = VideoFacts(file, video, poster, seconds, table.line())
    return videos


def _readings(top: Table) -> dict[str, ReadingFacts]:
    readings = {}
    for name, table in _tables(top, "readings"):
        file = media_path(table, "file", "media/guide.pdf")
        address = table.text("address", "https://…")
        if address and not remote.is_web_address(address):
            table.error(
                "address",
                f'"{shown(address)}" is not an address of the web.',
                "Copy the whole address from the browser: it begins with https:// or http://",
            )
        _one_of_file_and_address(table, file, address)
        language = table.text("language", "en")
        if language is not None and not _is_tag(table, "language", language):
            language = None
        table.finish(_TOP_KEYS)
        readings[name] = ReadingFacts(file, address, language, table.line())
    return readings


def _completion(top: Table, sections: tuple[SectionFacts, ...]) -> Completion:
    every = tuple(section.id for section in sections)
    table = top.table("completion")
    if table is None:
        return Completion(every, 0)
    wanted: Any = table.values.get("sections", "all")
    table.asked("sections")
    if wanted == "all":
        chosen = every
    elif isinstance(wanted, list):
        chosen = table.texts("sections", "introduction")
        for name in chosen:
            if name not in every:
                table.error(
                    "sections",
                    f'There is no section "{shown(name)}".',
                    did_you_mean(name, every, f"The sections are {listed(every)}."),
                )
    else:
        chosen = every
        table.error(
            "sections",
            '"completion.sections" should be "all" or a list of sections.',
            'Write sections = "all" or, say, sections = ["introduction"]',
        )
    questions = table.whole("questions", 0, least=0)
    table.finish(_TOP_KEYS)
    return Completion(tuple(dict.fromkeys(chosen)), questions or 0)


def _discussion(top: Table) -> DiscussionDefaults:
    table = top.table("discussion")
    if table is None:
        return DiscussionDefaults("read", False)
    guests = table.choice("guests", GUESTS, "read")
    must_post_first = table.truth("must_post_first", False)
    table.finish(_TOP_KEYS)
    return DiscussionDefaults(cast(Guests, guests), must_post_first)
