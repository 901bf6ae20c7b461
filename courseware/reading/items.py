"""The videos, readings and questions of a section: joined from all languages and ``module.toml``.

The source language decides which there are and in which order; the others translate them.
"""

import posixpath
from collections.abc import Collection, Mapping, Sequence

from courseware.languages import normal
from courseware.module import Question, Reading, Section, Text, Video
from courseware.reading.folder import STRUCTURE, Folder, read_text
from courseware.reading.media import Media, Use
from courseware.reading.parts import SectionFacts, VideoFacts
from courseware.reading.report import Report, did_you_mean, listed, shown
from courseware.reading.sections import ItemFile, SectionFile, body
from courseware.reading.structure import Structure

_PLURALS = {"videos": "video", "readings": "reading", "questions": "question"}


def joined(
    section: SectionFacts, files: Mapping[str, SectionFile], source: str, report: Report
) -> dict[str, dict[str, ItemFile]]:
    """Return the items of a section, in the source's order: by id, then by language."""
    word = _PLURALS[section.kind]
    original = files[source]
    if not original.items and not original.failed:
        report.error(
            original.text.file,
            None,
            f"The section has no {word}.",
            f"Begin each {word} with a line such as: ## Title {{#my-id}}",
        )
    items = {name: {source: item} for name, item in original.items.items()}
    for language, file in files.items():
        if language == source or original.failed or not items:
            continue
        for name, item in file.items.items():
            if name in items:
                items[name][language] = item
            else:
                report.warning(
                    file.text.file,
                    item.line,
                    f'The {word} "{name}" is not in the source language, so nobody will see it.',
                    did_you_mean(name, items, f"Write it in {original.text.file} too."),
                )
        missing = [name for name in items if language not in items[name]]
        if missing and not file.failed:
            report.warning(
                file.text.file,
                None,
                f"Not translated yet: {listed(missing)}.",
                f"Until then they are shown in {source}.",
            )
    return items


def _titles(item: Mapping[str, ItemFile]) -> dict[str, str]:
    return {language: file.title for language, file in item.items()}


def _texts(item: Mapping[str, ItemFile]) -> dict[str, Text]:
    return {language: file.text for language, file in item.items()}


def questions(items: Mapping[str, Mapping[str, ItemFile]]) -> tuple[Question, ...]:
    """Return the questions of a section."""
    return tuple(Question(name, _titles(item), _texts(item)) for name, item in items.items())


def readings(
    items: Mapping[str, Mapping[str, ItemFile]],
    structure: Structure,
    media: Media,
    report: Report,
) -> tuple[Reading, ...]:
    """Return the readings of a section."""
    found = []
    for name, item in items.items():
        facts = structure.readings.get(name)
        if facts is None:
            _undeclared("readings", name, item[structure.source], structure.readings, report)
            continue
        if facts.file:
            media.use(Use(facts.file.path, STRUCTURE, facts.file.line))
        file = facts.file.path if facts.file else None
        found.append(
            Reading(name, _titles(item), _texts(item), file, facts.address, facts.language)
        )
    return tuple(found)


def videos(
    items: Mapping[str, Mapping[str, ItemFile]],
    structure: Structure,
    folder: Folder,
    media: Media,
    report: Report,
) -> tuple[Video, ...]:
    """Return the videos of a section, with their captions and transcripts."""
    found = []
    for name, item in items.items():
        facts = structure.videos.get(name)
        if facts is None:
            _undeclared("videos", name, item[structure.source], structure.videos, report)
            continue
        if facts.file:
            media.use(Use(facts.file.path, STRUCTURE, facts.file.line, "video"))
        if facts.poster:
            media.use(Use(facts.poster.path, STRUCTURE, facts.poster.line, "picture"))
        else:
            report.warning(
                STRUCTURE,
                facts.line,
                f'The video "{name}" has no picture to show before it plays.',
                f'Put one into media/ and add a line: poster = "media/{name}.jpg"',
            )
        captions = _captions(name, facts, structure, folder, media, report)
        transcripts = _transcripts(name, structure, folder, report)
        _check_words(name, facts, captions, transcripts, structure, folder, report)
        found.append(
            Video(
                name,
                _titles(item),
                _texts(item),
                facts.file.path if facts.file else None,
                facts.remote,
                facts.poster.path if facts.poster else None,
                facts.seconds,
                captions,
                transcripts,
            )
        )
    return tuple(found)


def undeclared_elsewhere(
    structure: Structure, sections: Sequence[Section], unread: Collection[str], report: Report
) -> None:
    """Report what ``module.toml`` declares and no section's file writes about.

    ``unread`` are the ids of sections that may well do so, if only they could be read.
    """
    seen = {video.id for section in sections for video in section.videos}
    seen |= {reading.id for section in sections for reading in section.readings}
    lines: tuple[tuple[str, dict[str, int | None]], ...] = (
        ("videos", {name: facts.line for name, facts in structure.videos.items()}),
        ("readings", {name: facts.line for name, facts in structure.readings.items()}),
    )
    for key, declared in lines:
        homes = [section.id for section in structure.sections if section.kind == key]
        if not structure.sections or any(home in unread for home in homes):
            continue
        for name, line in declared.items():
            if name in seen:
                continue
            report.error(
                STRUCTURE,
                line,
                f'The {_PLURALS[key]} "{name}" is declared here but shown nowhere.',
                f"Add a line to {structure.source}/{homes[0]}.md: ## Title {{#{name}}}"
                if homes
                else f'Add a section of the kind "{key}", or remove these lines.',
            )


def _undeclared(
    key: str, name: str, item: ItemFile, known: Mapping[str, object], report: Report
) -> None:
    example = 'file = "media/…" or address = "https://…"'
    report.error(
        item.text.file,
        item.line,
        f'The {_PLURALS[key]} "{name}" is not declared in {STRUCTURE}.',
        did_you_mean(name, known, f"Add there: [{key}.{name}] and below it {example}"),
    )


def _captions(
    name: str,
    facts: VideoFacts,
    structure: Structure,
    folder: Folder,
    media: Media,
    report: Report,
) -> dict[str, str]:
    if facts.file is None:
        return {}
    found: dict[str, str] = {}
    file = facts.file.path
    stems = [posixpath.splitext(file)[0], f"{posixpath.dirname(file)}/{name}"]
    for stem in dict.fromkeys(stems):
        for path in folder.files:
            if not (path.startswith(f"{stem}.") and path.endswith(".vtt")):
                continue
            tag = path[len(stem) + 1 : -len(".vtt")]
            language = normal(tag)
            if language is None:
                report.warning(
                    path,
                    None,
                    f'"{shown(tag)}" is not the tag of a language.',
                    f"Name the captions {posixpath.basename(stem)}.{structure.source}.vtt, say.",
                )
            elif language not in found:
                media.use(Use(path, path, None, "captions"))
                found[language] = path
    order = {language: place for place, language in enumerate(structure.languages)}
    return dict(sorted(found.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0])))


def _transcripts(
    name: str, structure: Structure, folder: Folder, report: Report
) -> dict[str, Text]:
    found = {}
    for language in structure.languages:
        path = f"{language}/{name}.transcript.md"
        text = read_text(folder, path, report) if path in folder.files else None
        if text is None:
            continue
        transcript = body(text, file=path, language=language)
        if transcript.markdown:
            found[language] = transcript
        else:
            report.warning(path, None, "The transcript is empty.", "Write what is said and shown.")
    return found


def _check_words(
    name: str,
    facts: VideoFacts,
    captions: Mapping[str, str],
    transcripts: Mapping[str, Text],
    structure: Structure,
    folder: Folder,
    report: Report,
) -> None:
    """Report the languages in which a video says nothing to people who cannot hear or see it."""
    source = structure.source
    stem = posixpath.splitext(facts.file.path)[0] if facts.file else None
    ways = f"{source}/{name}.transcript.md" + (f" or {stem}.{source}.vtt" if stem else "")
    if stem and source not in captions and source not in transcripts:
        report.error(
            STRUCTURE,
            facts.line,
            f'The video "{name}" has neither captions nor a transcript in {source}.',
            f"Write what is said and shown into {ways}.",
        )
        return
    # A language that nobody has begun to translate is reported once, as a whole.
    begun = [language for language in structure.languages if language in folder.folders]
    kinds: list[tuple[str, Mapping[str, object], str]] = [
        ("transcript", transcripts, f"{{}}/{name}.transcript.md")
    ]
    if stem:
        kinds.append(("captions", captions, f"{stem}.{{}}.vtt"))
    for word, there, path in kinds:
        missing = [language for language in begun if language not in there]
        if missing:
            report.warning(
                STRUCTURE,
                facts.line,
                f'The video "{name}" has no {word} in {listed(missing)}.',
                f"Write {path.format(missing[0])}" + (" and so on." if len(missing) > 1 else "."),
            )
