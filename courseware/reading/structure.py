"""``module.toml``: what a module says of itself, whatever the language.

Always returns what could be understood: a missing title must not hide a missing video.
"""

import re
from typing import NamedTuple

from courseware import licences
from courseware.languages import normal
from courseware.module import Completion, DiscussionDefaults
from courseware.reading.folder import STRUCTURE, Folder, read_text
from courseware.reading.parts import (
    TOP_KEYS,
    MediaPath,
    ReadingFacts,
    SectionFacts,
    VideoFacts,
    completion_of,
    discussion_of,
    identifier,
    is_tag,
    media_path,
    readings_of,
    sections_of,
    videos_of,
)
from courseware.reading.report import Report, closest, did_you_mean, listed, shown
from courseware.reading.toml import Lines, Table, parse

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


class Structure(NamedTuple):
    """What ``module.toml`` says. Empty where it says nothing that could be understood."""

    id: str
    number: int | None
    version: str
    source: str
    languages: tuple[str, ...]
    titles: dict[str, str]
    series: dict[str, str]
    summaries: dict[str, str]
    cover_texts: dict[str, str]
    minutes: int
    licence: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    cover: MediaPath | None
    sections: tuple[SectionFacts, ...]
    videos: dict[str, VideoFacts]
    readings: dict[str, ReadingFacts]
    completion: Completion
    completion_line: int | None
    languages_line: int | None
    discussion: DiscussionDefaults


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
    sections = sections_of(top)
    cover = media_path(top, "cover", "media/cover.svg")
    return Structure(
        id=identifier(top, "id", "module-4"),
        number=top.whole("number", 4, least=0),
        version=_version(top),
        source=source,
        languages=languages,
        languages_line=top.line("languages"),
        titles=_by_language(top, "title", languages, source, required=True),
        series=_by_language(top, "series", languages, source),
        summaries=_by_language(top, "summary", languages, source, required=True),
        minutes=top.whole("minutes", 45, least=1, required=True) or 0,
        licence=_licence(top),
        authors=top.texts("authors", "Name of a person", required=True),
        keywords=top.texts("keywords", "cooperation"),
        cover=cover,
        cover_texts=_by_language(
            top, "cover_text", languages, source, required="cover" in top.values
        ),
        sections=sections,
        videos=videos_of(top),
        readings=readings_of(top),
        completion=completion_of(top, sections),
        completion_line=top.lines.of(("completion", "questions")),
        discussion=discussion_of(top),
    )


def _languages(top: Table) -> tuple[str, ...]:
    tags = []
    for tag in top.texts("languages", "es", required=True):
        if is_tag(top, "languages", tag):
            if tag in tags:
                top.error("languages", f'The language "{tag}" is listed twice.', "Remove one.")
            else:
                tags.append(tag)
    return tuple(tags)


def _source(top: Table, languages: tuple[str, ...]) -> str:
    source = top.text("source_language", "es", required=True)
    if source is not None and is_tag(top, "source_language", source):
        if languages and source not in languages:
            top.error(
                "source_language",
                f'The source language "{source}" is not among the languages.',
                f'Add "{source}" to the list "languages".',
            )
        return source
    return languages[0] if languages else ""


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
    if not isinstance(top.values[key], dict):
        top.asked(key)
        top.error(
            key,
            f'"{key}" should be written once for each language.',
            f'Write [{key}] on a line of its own and below it, say: {source or "es"} = "…"',
        )
        return {}
    table = top.inner(top.values[key], key)
    top.asked(key)
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
        if tag in top.values or tag in TOP_KEYS:
            remedy = "Move the line to the top of the file, above the first [ heading ]."
        elif near := closest(tag, languages):
            remedy = f'Did you mean "{near}"?'
        elif normal(tag) == tag:
            remedy = f'Add "{tag}" to the list "languages", or remove the line.'
        else:
            remedy = f"Use one of {listed(languages)}."
        table.error(tag, f'"{shown(tag)}" is not one of the module\'s languages.', remedy)


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
