"""The parts that ``module.toml`` declares: sections, videos, readings, and what completes them."""

import re
from typing import Any, NamedTuple, cast

from courseware.languages import normal
from courseware.module import Completion, DiscussionDefaults, Guests, RemoteVideo, SectionKind
from courseware.reading import remote
from courseware.reading.folder import MEDIA
from courseware.reading.report import did_you_mean, listed, shown
from courseware.reading.toml import Table

KINDS: tuple[SectionKind, ...] = ("text", "videos", "readings", "questions", "discussion")
GUESTS: tuple[Guests, ...] = ("none", "read", "post")
ID_RULE = "Use the letters a to z, digits and hyphens, at most 64 signs in all."
TOP_KEYS = frozenset(("number", "version", "source_language", "languages", "minutes")) | frozenset(
    ("licence", "authors", "keywords", "cover")
)
"""Keys of the top of the file, which people write below some [ heading ] by mistake."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_TAKEN = re.compile(r"main|composer|p[0-9]+")


class SectionFacts(NamedTuple):
    """A section as it is declared."""

    id: str
    kind: SectionKind
    letter: str | None


class MediaPath(NamedTuple):
    """A file of ``media/``, and the line that names it."""

    path: str
    line: int | None


class VideoFacts(NamedTuple):
    """A video as it is declared."""

    file: MediaPath | None
    remote: RemoteVideo | None
    poster: MediaPath | None
    seconds: int | None
    line: int | None


class ReadingFacts(NamedTuple):
    """A reading as it is declared."""

    file: MediaPath | None
    address: str | None
    language: str | None
    line: int | None


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


def media_path(table: Table, key: str, example: str) -> MediaPath | None:
    """Return the file of ``media/`` that a key names; None if it names none, and report why."""
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
    return MediaPath(value, table.line(key))


def is_tag(table: Table, key: str, tag: str) -> bool:
    """Tell whether ``tag`` is a language's tag in its canonical form, and report it if not."""
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


def sections_of(top: Table) -> tuple[SectionFacts, ...]:
    """Return the sections, in the order of the page."""
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
    table.finish(TOP_KEYS)
    if letter is not None and len(letter) > 3:
        table.error("letter", f'The letter "{shown(letter)}" is too long.', "Write one letter.")
    if not section_id:
        return None
    return SectionFacts(section_id, cast(SectionKind, kind), letter)


def _check_section(table: Table, section: SectionFacts, before: list[SectionFacts]) -> None:
    if _TAKEN.fullmatch(section.id):
        table.error("id", f'The page itself uses the id "{section.id}".', "Choose another one.")
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


def _one_of_file_and_address(table: Table) -> None:
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


def videos_of(top: Table) -> dict[str, VideoFacts]:
    """Return the videos by their ids."""
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
        _one_of_file_and_address(table)
        poster = media_path(table, "poster", "media/video.jpg")
        seconds = table.whole("seconds", 150, least=1)
        table.finish(TOP_KEYS)
        videos[name] = VideoFacts(file, video, poster, seconds, table.line())
    return videos


def readings_of(top: Table) -> dict[str, ReadingFacts]:
    """Return the readings by their ids."""
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
        _one_of_file_and_address(table)
        language = table.text("language", "en")
        if language is not None and not is_tag(table, "language", language):
            language = None
        table.finish(TOP_KEYS)
        readings[name] = ReadingFacts(file, address, language, table.line())
    return readings


def completion_of(top: Table, sections: tuple[SectionFacts, ...]) -> Completion:
    """Return what completes the module; all of its sections, if nothing is said."""
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


def discussion_of(top: Table) -> DiscussionDefaults:
    """Return what the author proposes for the discussion."""
    table = top.table("discussion")
    if table is None:
        return DiscussionDefaults("read", False)
    guests = table.choice("guests", GUESTS, "read")
    must_post_first = table.truth("must_post_first", False)
    table.finish(TOP_KEYS)
    return DiscussionDefaults(cast(Guests, guests), must_post_first)
