"""``module.toml``: the facts of a module that do not depend on a language.

Returns everything that could be parsed: a missing title must not hide a missing video.
"""

import re
from dataclasses import dataclass
from typing import Any, cast

from courseware import licences
from courseware.languages import normal
from courseware.markdown import has_markup
from courseware.module import Completion, DiscussionDefaults, Guests
from courseware.parser.folder import MANIFEST, Folder, read_text
from courseware.parser.manifest_fields import (
    TOP_KEYS,
    MediaPath,
    because,
    identifier,
    is_tag,
    media_path,
)
from courseware.parser.manifest_sections import (
    SectionDeclaration,
    parse_item_declarations,
    parse_sections,
)
from courseware.parser.report import Report, closest, did_you_mean, listed, shown
from courseware.parser.toml_table import Lines, Table, parse
from courseware.sections.kind import Declaration

GUESTS: tuple[Guests, ...] = ("none", "read", "post")

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of ``module.toml``; empty values where it has none that are valid.

    ``source`` is the source language; ``declared_items`` are by kind and item id.
    """

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
    sections: tuple[SectionDeclaration, ...]
    declared_items: dict[str, dict[str, Declaration]]
    completion: Completion
    completion_line: int | None
    languages_line: int | None
    discussion: DiscussionDefaults


def parse_manifest(folder: Folder, report: Report) -> Manifest | None:
    """Parse ``module.toml``; return None, and report the error, if it is missing or not TOML."""
    if MANIFEST not in folder.files:
        report.error(
            MANIFEST,
            None,
            f'The folder has no file "{MANIFEST}".',
            "Check that this is a module's folder; scorm-builder new makes one to start from.",
        )
        return None
    text = read_text(folder, MANIFEST, report)
    values = None if text is None else parse(text, MANIFEST, report)
    if text is None or values is None:
        return None
    top = Table(values, (), Lines(text), report, MANIFEST)
    manifest = _manifest(top)
    top.finish()
    if manifest.id and folder.root.name and manifest.id != folder.root.resolve().name:
        report.warning(
            MANIFEST,
            top.line("id"),
            f'The id "{manifest.id}" is not the name of the folder, '
            f'"{shown(folder.root.resolve().name)}".',
            "Give both the same name, so that people find one by the other.",
        )
    return manifest


def _manifest(top: Table) -> Manifest:
    languages = _languages(top)
    source = _source(top, languages)
    sections = parse_sections(top)
    cover = media_path(top, "cover", "media/cover.svg")
    return Manifest(
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
        declared_items=parse_item_declarations(top),
        completion=_completion(top, sections),
        completion_line=top.lines.of(("completion", "questions")),
        discussion=_discussion(top),
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
        top.mark_known(key)
        if required:
            top.error(
                "cover" if key == "cover_text" else None,
                f'"{key}" is missing.',
                f'Add two lines at the end: [{key}] and below it {source or "es"} = "…"',
            )
        return {}
    if not isinstance(top.values[key], dict):
        top.mark_known(key)
        top.error(
            key,
            f'"{key}" should be written once for each language.',
            f'Write [{key}] on a line of its own and below it, say: {source or "es"} = "…"',
        )
        return {}
    table = top.inner(top.values[key], key)
    top.mark_known(key)
    texts = {}
    for language in languages:
        text = table.text(language, "…")
        if text is not None:
            texts[language] = text
            _check_plain(table, language, text)
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
            MANIFEST,
            table.line(),
            f'"{key}" is not translated to {listed(missing)}.',
            f'Add a line below [{key}] for each, such as: {missing[0]} = "…"',
        )
    return texts


def _check_plain(table: Table, key: str, text: str) -> None:
    if has_markup(text):
        table.report.warning(
            table.file,
            table.line(key),
            f'"{table.name(key)}" has markup, which is shown as it is typed: "{shown(text, 40)}".',
            "Write plain words: the short texts are no Markdown.",
        )


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
            "version",
            f'"{shown(version)}" cannot be a version{because(version)}.',
            'Write, say: version = "1.0.0"',
        )
    return version


def _licence(top: Table) -> str:
    licence = top.text("licence", "CC-BY-4.0", required=True) or ""
    if licence and not licences.is_identifier(licence):
        near = did_you_mean(
            licence, licences.COMMON, "Find it at https://spdx.org/licenses/ (CC-BY-4.0, say)."
        )
        top.error(
            "licence",
            f'"{shown(licence)}" is not the short code of a licence{because(licence)}.',
            near,
        )
    return licence


def _completion(top: Table, sections: tuple[SectionDeclaration, ...]) -> Completion:
    """Return the completion rule; by default, all sections must be seen."""
    every = tuple(section.id for section in sections)
    table = top.table("completion")
    if table is None:
        return Completion(every, 0)
    value: Any = table.values.get("sections", "all")
    table.mark_known("sections")
    if value == "all":
        chosen = every
    elif isinstance(value, list):
        chosen = table.texts("sections", "introduction")
        for name in chosen:
            if every and name not in every:
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
    mastery = table.whole("mastery", 80, least=1, most=100)
    table.finish(TOP_KEYS)
    return Completion(tuple(dict.fromkeys(chosen)), questions or 0, mastery)


def _discussion(top: Table) -> DiscussionDefaults:
    table = top.table("discussion")
    if table is None:
        return DiscussionDefaults("read", False)
    guests = table.choice("guests", GUESTS, "read")
    must_post_first = table.truth("must_post_first", False)
    table.finish(TOP_KEYS)
    return DiscussionDefaults(cast(Guests, guests), must_post_first)
