"""A module in one language, ready for the templates: texts rendered, URLs resolved.

Parts that are not translated fall back to the module's source language one by one; each part has
its own ``lang`` and ``dir``.
"""

from dataclasses import dataclass

from markupsafe import Markup

from courseware import licences
from courseware.languages import choose, direction, endonym, normal
from courseware.module import Module, Section
from courseware.page_view import Media, PageItem, View
from courseware.sections.kind import SectionKind


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """A language of the module, with its name in that language."""

    tag: str
    name: str
    dir: str
    current: bool


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of the page; ``fallback``: it is not in the page's language."""

    id: str
    kind: SectionKind
    letter: str | None
    title: str
    html: Markup
    lang: str
    dir: str
    fallback: bool
    required: bool
    items: tuple[PageItem, ...]

    @property
    def questions(self) -> tuple[PageItem, ...]:
        """The items that participants answer."""
        return self.items if self.kind.answerable else ()


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a template shows of a module.

    ``asked`` is the requested language; ``fallback``: the module does not have it. Title, series
    and summary have languages of their own, because each may be untranslated.
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
    licence_url: str | None
    keywords: tuple[str, ...]
    questions_required: int

    @property
    def questions(self) -> tuple[PageItem, ...]:
        """The items of all sections that participants answer."""
        return tuple(item for section in self.sections for item in section.questions)

    @property
    def discussion_section(self) -> PageSection | None:
        """The section with the discussion, if there is one."""
        return next((one for one in self.sections if one.kind.holds_discussion), None)


def anchors(module: Module) -> dict[str, str]:
    """Return the HTML ids of sections and items, by the ids that their author gave them."""
    ids = {section.id: section.id for section in module.sections}
    for section in module.sections:
        ids |= {item.id: section.kind.anchor_prefix + item.id for item in section.items}
    return ids


def build(module: Module, language: str, *, media: Media) -> Page:
    """Return the page of ``module`` in the nearest of its languages to ``language``.

    ``media`` turns the path of one of the module's files (``media/map.png``) into its URL.
    """
    lang = choose([language], module.languages, module.source_language)
    view = View(module, lang, media, anchors(module))
    return Page(
        module_id=module.id,
        number=module.number,
        version=module.version,
        series=view.text(module.series) or None,
        series_lang=view.lang_of(module.series),
        title=view.text(module.titles),
        title_lang=view.lang_of(module.titles),
        summary=view.text(module.summaries),
        summary_lang=view.lang_of(module.summaries),
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
        cover_text=view.text(module.cover_texts),
        authors=module.authors,
        licence=module.licence,
        licence_name=licences.name(module.licence),
        licence_url=licences.url(module.licence),
        keywords=module.keywords,
        questions_required=module.completion.questions,
    )


def _sections(view: View) -> tuple[PageSection, ...]:
    sections, questions = [], 0
    for section in view.module.sections:
        sections.append(_section(view, section, questions))
        questions += len(section.questions)
    return tuple(sections)


def _section(view: View, section: Section, questions_before: int) -> PageSection:
    lang = view.lang_of(section.titles)
    kind = section.kind
    return PageSection(
        id=section.id,
        kind=kind,
        letter=section.letter,
        title=view.text(section.titles),
        html=view.html(view.of(section.texts)),
        lang=lang,
        dir=direction(lang),
        fallback=lang != view.lang,
        required=section.id in view.module.completion.sections,
        items=tuple(
            kind.page_item(item, view, questions_before + position if kind.answerable else 0)
            for position, item in enumerate(section.items, 1)
        ),
    )
