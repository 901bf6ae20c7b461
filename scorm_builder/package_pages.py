"""Render the interactive HTML pages of a package, with the template of the live module page.

How a package holds several languages: ``index.html`` shows the source language and contains the
body of every other language in a ``<template>``, which the script swaps in (``runtime/page.js``).
Beside it there is a file for each other language, to which the same links lead without scripts.

The alternatives: a page per language with links between them would end the SCORM session at each
change (``pagehide``), and an LMS refuses a second Initialize in the same window. A shell with a
frame inside the LMS's frame breaks printing and adds a level for screen readers, and where a
package is opened from a folder, its two documents may not communicate. One document with hidden
languages would load all pictures and contain every id twice; templates load nothing and have no ids
until they are shown.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from markupsafe import Markup

from courseware.languages import endonym
from courseware.module import Module
from courseware.page import Page, build
from scorm_builder import VERSION

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_LAUNCH = "index.html"
_MAX_FRAGMENT_BYTES = 4_000_000
_ID = re.compile(r'\bid="([^"]+)"')
_INNER_LINK = re.compile(r'<a\b[^>]*\bhref="#([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the pages say about their package.

    ``format_name`` is its format and ``tool_url`` the URL of a live tool, if any. ``section`` is
    the id of the section on the pages, if they do not show the whole module, and
    ``questions_before`` the number of questions in the sections before it.
    """

    format_name: str = ""
    tool_url: str | None = None
    section: str | None = None
    questions_before: int = 0


def render(
    module: Module,
    languages: Sequence[str],
    on_media: Callable[[str], object],
    context: PageContext = PageContext(),
) -> dict[str, str]:
    """Return the pages by file name; the launch page, in the first language, comes first.

    ``on_media`` is called with the path of every file of the module that the pages refer to.
    """
    names = _file_names(languages, context.section)
    launch = names[languages[0]]
    others = {tag: _page(module, tag, names, on_media, context, []) for tag in languages[1:]}
    bodies = [{"tag": tag, "body": _body(html)} for tag, html in others.items()]
    first = _page(module, languages[0], names, on_media, context, bodies)
    return {launch: first, **{names[tag]: html for tag, html in others.items()}}


def _file_names(languages: Sequence[str], section: str | None) -> dict[str, str]:
    """Return the file name of each language. Ids of sections have no dots, so names are unique."""
    first, *rest = languages
    if section is None:
        return {first: _LAUNCH} | {tag: f"{tag}.html" for tag in rest}
    return {first: f"{section}.html"} | {tag: f"{section}.{tag}.html" for tag in rest}


def _page(
    module: Module,
    language: str,
    names: dict[str, str],
    on_media: Callable[[str], object],
    context: PageContext,
    others: list[dict[str, Any]],
) -> str:
    from courseware.i18n import interface

    content = _content_of(module)
    page, files = content.page(language)
    for path in files:
        on_media(path)
    page = replace(page, languages=tuple(one for one in page.languages if one.tag in names))
    if context.section is not None:
        page = _as_section_page(page, context.questions_before)
    html = template("package/index.html").render(
        fragment_cache=content.fragments,
        page=page,
        page_key=language,
        progress={"done": 0, "total": len(module.completion.sections), "seen": ()},
        module_data=_module_data(module, tuple(names), context),
        tool=context.tool_url,
        alone=context.section is not None,
        others=others,
        ui=interface(language),
        asset=lambda name: name,
        language_href=names.__getitem__,
    )
    return html if context.section is None else _without_links_to_other_sections(html)


class _ModuleContent:
    """The content of a module by language and its rendered fragments.

    Most of a page is the same in every format, so it is cached for the module's next package.
    """

    def __init__(self, module: Module) -> None:
        from courseware.fragment_cache import FragmentCache

        self.module = module
        self.fragments = FragmentCache(_MAX_FRAGMENT_BYTES)
        self._pages: dict[str, tuple[Page, tuple[str, ...]]] = {}

    def page(self, language: str) -> tuple[Page, tuple[str, ...]]:
        """Return the content in one language, and the paths of the files that it refers to."""
        if language not in self._pages:
            files: dict[str, None] = {}

            def media_url(path: str) -> str:
                files[path] = None
                return quote(path)

            page = build(self.module, language, media=media_url)
            self._pages[language] = page, tuple(files)
        return self._pages[language]


_latest: _ModuleContent | None = None


def _content_of(module: Module) -> _ModuleContent:
    global _latest  # one module, so that memory does not grow with the number of modules
    if _latest is None or _latest.module is not module:
        _latest = _ModuleContent(module)
    return _latest


def _as_section_page(page: Page, questions_before: int) -> Page:
    """Return the page of one section, without what is shown once for the whole module."""
    (section,) = page.sections
    if section.kind.answerable:
        items = tuple(replace(one, number=one.number + questions_before) for one in section.items)
        section = replace(section, items=items)
    return replace(page, summary="", minutes=0, sections=(section,))


def _without_links_to_other_sections(html: str) -> str:
    """Replace links to other sections by their text.

    To follow one would end the session, and an LMS refuses a second Initialize in the same window:
    only the LMS's own menu leads from one SCO to another.
    """
    ids = set(_ID.findall(html))
    return _INNER_LINK.sub(lambda link: link[0] if unquote(link[1]) in ids else link[2], html)


def _module_data(module: Module, languages: Sequence[str], context: PageContext) -> dict[str, Any]:
    """Return the data for the script that does not depend on the language."""
    return {
        "id": module.id,
        "version": module.version,
        "languages": [{"tag": tag, "name": endonym(tag)} for tag in languages],
        "sections": [section.id for section in module.sections],
        "required": list(module.completion.sections),
        "questions": module.completion.questions,
        "mastery": module.completion.mastery,
        "section": context.section,
        "package": {"format": context.format_name, "built_with": f"minga {VERSION}"},
    }


def _body(html: str) -> Markup:
    """Return the content of ``<body>`` of a page that we rendered."""
    return Markup(html.partition("<body>")[2].rpartition("</body>")[0])  # noqa: S704


def template(name: str) -> "Template":
    """Return a template by its path below ``templates/``."""
    return _environment().get_template(name)


@cache
def _environment() -> "Environment":
    from jinja2 import FileSystemBytecodeCache

    from courseware import templating
    from scorm_builder.cache import folder

    # compiling the templates takes a fifth of a build in a new process
    compiled = folder("templates")
    cache = FileSystemBytecodeCache(str(compiled)) if compiled else None
    return templating.environment(bytecode_cache=cache)
