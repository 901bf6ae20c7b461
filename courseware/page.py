"""A module in one language, ready for the templates: every text rendered, every address resolved.

What is not translated falls back, piece by piece, to the module's source language, and says so:
each part carries its own ``lang`` and ``dir``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from markupsafe import Markup

from courseware import licences, links
from courseware.languages import choose, direction, endonym, normal
from courseware.markdown import PLACE, module_html
from courseware.media_types import kind_of
from courseware.module import Module, Question, Reading, Section, Text, Video

_T = TypeVar("_T")
Media = Callable[[str], str]

_TRANSCRIPT_HEADINGS = 4


class PageLanguage(NamedTuple):
    """A language that the module can be read in, under its own name."""

    tag: str
    name: str
    dir: str
    current: bool


class Track(NamedTuple):
    """The captions of a video in one language."""

    lang: str
    name: str
    src: str
    default: bool


class PageVideo(NamedTuple):
    """A video: ``src`` where it is ours, ``embed`` and ``watch`` where somebody else keeps it.

    ``provider`` is ``local``, ``youtube``, ``vimeo`` or ``peertube``; ``size`` is in bytes.
    """

    id: str
    title: str
    html: Markup
    lang: str
    dir: str
    provider: str
    provider_name: str
    src: str | None
    media_type: str | None
    poster: str | None
    size: int | None
    seconds: int | None
    tracks: tuple[Track, ...]
    transcript: Markup | None
    transcript_lang: str
    transcript_dir: str
    embed: str | None
    watch: str | None


class PageReading(NamedTuple):
    """Something to read: ``type_name`` and ``size`` (bytes) of a file, ``host`` of a link."""

    id: str
    title: str
    html: Markup
    lang: str
    dir: str
    href: str
    local: bool
    type_name: str | None
    size: int | None
    host: str | None
    language: str | None
    language_name: str | None


class PageQuestion(NamedTuple):
    """A suggested question, with its number on the page (the first is 1)."""

    id: str
    number: int
    title: str
    html: Markup
    lang: str
    dir: str


class PageSection(NamedTuple):
    """A part of the page; ``fallback`` says that it is not in the page's language."""

    id: str
    kind: str
    letter: str | None
    title: str
    html: Markup
    lang: str
    dir: str
    fallback: bool
    required: bool
    videos: tuple[PageVideo, ...]
    readings: tuple[PageReading, ...]
    questions: tuple[PageQuestion, ...]


class Page(NamedTuple):
    """Everything that a template shows of a module.

    ``asked`` is the language that was asked for; ``fallback`` says that the module lacks it. The
    words at its head may be missing in ``lang``: each has a language of its own.
    """

    module_id: str
    number: int | None
    version: str
    series: str | None
    series_lang: str
    title: str
    title_lang: str
    summary: str
    summary_lang: str
    minutes: int
    lang: str
    dir: str
    asked: str
    fallback: bool
    languages: tuple[PageLanguage, ...]
    sections: tuple[PageSection, ...]
    cover: str | None
    cover_text: str
    authors: tuple[str, ...]
    licence: str
    licence_name: str
    licence_address: str | None
    keywords: tuple[str, ...]
    questions_required: int


class _View(NamedTuple):
    """The module seen in one language."""

    module: Module
    lang: str
    media: Media
    anchors: Mapping[str, str]

    def of(self, by_language: Mapping[str, _T]) -> _T | None:
        found = by_language.get(self.lang)
        return by_language.get(self.module.source_language) if found is None else found

    def tongue(self, by_language: Mapping[str, str]) -> str:
        """The language of what ``of`` finds."""
        return self.lang if self.lang in by_language else self.module.source_language

    def words(self, by_language: Mapping[str, str]) -> str:
        return self.of(by_language) or ""

    def html(self, text: Text | None, heading_base: int = 3) -> Markup:
        if text is None or not text.markdown.strip():
            return Markup()
        html = module_html(
            text.markdown,
            address=lambda address: self.address(text.file, address),
            heading_base=heading_base,
        )
        return Markup(html)  # noqa: S704 - nh3 has cleaned it

    def address(self, file: str, address: str) -> str:
        link = links.resolve(file, address)
        match link.kind:
            case "site":
                return link.value
            case "file":
                return self.media(link.value)
            case "place":
                return f"#{self.anchors.get(link.value, PLACE + link.value)}"
            case _:
                return "#"


def anchors(module: Module) -> dict[str, str]:
    """Return the id on the page of every part of the module, by the id that its author gave it."""
    ids = {section.id: section.id for section in module.sections}
    for section in module.sections:
        ids |= {video.id: f"v-{video.id}" for video in section.videos}
        ids |= {reading.id: f"r-{reading.id}" for reading in section.readings}
        ids |= {question.id: f"q-{question.id}" for question in section.questions}
    return ids


def build(module: Module, language: str, *, media: Media) -> Page:
    """Return the page of ``module`` for somebody who asks for ``language``.

    ``media`` turns the path of one of the module's files (``media/map.png``) into its address.
    """
    lang = choose([language], module.languages, module.source_language)
    view = _View(module, lang, media, anchors(module))
    return Page(
        module_id=module.id,
        number=module.number,
        version=module.version,
        series=view.words(module.series) or None,
        series_lang=view.tongue(module.series),
        title=view.words(module.titles),
        title_lang=view.tongue(module.titles),
        summary=view.words(module.summaries),
        summary_lang=view.tongue(module.summaries),
        minutes=module.minutes,
        lang=lang,
        dir=direction(lang),
        asked=normal(language) or lang,
        fallback=choose([language], module.languages, "") == "",
        languages=tuple(
            PageLanguage(tag, endonym(tag), direction(tag), tag == lang) for tag in module.languages
        ),
        sections=_sections(view),
        cover=media(module.cover) if module.cover else None,
        cover_text=view.words(module.cover_texts),
        authors=module.authors,
        licence=module.licence,
        licence_name=licences.name(module.licence),
        licence_address=licences.address(module.licence),
        keywords=module.keywords,
        questions_required=module.completion.questions,
    )


def _sections(view: _View) -> tuple[PageSection, ...]:
    sections, number = [], 0
    for section in view.module.sections:
        sections.append(_section(view, section, number))
        number += len(section.questions)
    return tuple(sections)


def _section(view: _View, section: Section, asked_before: int) -> PageSection:
    lang = _lang(view, section.titles)
    return PageSection(
        id=section.id,
        kind=section.kind,
        letter=section.letter,
        title=view.words(section.titles),
        html=view.html(view.of(section.texts)),
        lang=lang,
        dir=direction(lang),
        fallback=lang != view.lang,
        required=section.id in view.module.completion.sections,
        videos=tuple(_video(view, video) for video in section.videos),
        readings=tuple(_reading(view, reading) for reading in section.readings),
        questions=tuple(
            _question(view, question, asked_before + place)
            for place, question in enumerate(section.questions, 1)
        ),
    )


def _lang(view: _View, by_language: Mapping[str, object]) -> str:
    return view.lang if view.lang in by_language else view.module.source_language


def _video(view: _View, video: Video) -> PageVideo:
    lang = _lang(view, video.titles)
    file = view.module.file(video.file) if video.file else None
    transcript = view.of(video.transcripts)
    transcript_lang = transcript.language if transcript else lang
    remote = video.remote
    return PageVideo(
        id=video.id,
        title=view.words(video.titles),
        html=view.html(video.texts.get(lang), 3),
        lang=lang,
        dir=direction(lang),
        provider=remote.provider if remote else "local",
        provider_name=remote.name if remote else "",
        src=view.media(video.file) if video.file else None,
        media_type=file.media_type if file else None,
        poster=view.media(video.poster) if video.poster else None,
        size=file.size if file else None,
        seconds=video.seconds,
        tracks=_tracks(view, video),
        transcript=view.html(transcript, _TRANSCRIPT_HEADINGS) if transcript else None,
        transcript_lang=transcript_lang,
        transcript_dir=direction(transcript_lang),
        embed=remote.embed if remote else None,
        watch=remote.watch if remote else None,
    )


def _tracks(view: _View, video: Video) -> tuple[Track, ...]:
    shown = choose([view.lang], tuple(video.captions), view.module.source_language)
    return tuple(
        Track(tag, endonym(tag), view.media(path), tag == shown)
        for tag, path in video.captions.items()
    )


def _reading(view: _View, reading: Reading) -> PageReading:
    lang = _lang(view, reading.titles)
    file = view.module.file(reading.file) if reading.file else None
    kind = kind_of(reading.file) if reading.file else None
    return PageReading(
        id=reading.id,
        title=view.words(reading.titles),
        html=view.html(reading.texts.get(lang)),
        lang=lang,
        dir=direction(lang),
        href=view.media(reading.file) if reading.file else reading.address or "#",
        local=reading.file is not None,
        type_name=kind.name if kind else None,
        size=file.size if file else None,
        host=urlsplit(reading.address).hostname if reading.address else None,
        language=reading.language,
        language_name=endonym(reading.language) if reading.language else None,
    )


def _question(view: _View, question: Question, number: int) -> PageQuestion:
    lang = _lang(view, question.titles)
    return PageQuestion(
        id=question.id,
        number=number,
        title=view.words(question.titles),
        html=view.html(question.texts.get(lang)),
        lang=lang,
        dir=direction(lang),
    )
