"""The pages of a package: the live page's template, with what a package needs around it.

How a package holds several languages: ``index.html`` shows the source language, and carries the
body of every other one in a ``<template>``, which the script exchanges with the page's own
(``runtime/page.js``). Beside it stands one file for each other language, which the same links lead
to without scripts.

What was weighed: a page for each language with links between them would end the session at each
change (``pagehide``), and an LMS refuses a second Initialize in the same window. A shell that
keeps the session and shows the pages in a frame within the LMS's frame costs printing, height on
phones and a level of nesting to screen readers, and where a package is opened from a folder its
two documents may not speak to each other. One document with every language hidden in it would load
all pictures and hold every id twice; templates load nothing and have no ids until they are shown.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from jinja2 import Environment, Template
from markupsafe import Markup

from courseware import templating
from courseware.i18n import interface
from courseware.languages import endonym
from courseware.module import Module
from courseware.page import Page, build
from scorm_builder import VERSION

_LAUNCH = "index.html"
_ID = re.compile(r'\bid="([^"]+)"')
_INNER_LINK = re.compile(r'<a\b[^>]*\bhref="#([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


class About(NamedTuple):
    """What the pages say of their package: its format, and the address of the live tool if any.

    ``section`` is the one that the pages hold, if they do not hold the whole module, and
    ``asked_before`` is how many questions stand before it.
    """

    form: str = ""
    tool: str | None = None
    section: str | None = None
    asked_before: int = 0


_NOTHING_SAID = About()


def render(
    module: Module,
    languages: Sequence[str],
    needs: Callable[[str], object],
    about: About = _NOTHING_SAID,
) -> dict[str, str]:
    """Return the pages by their file name: the launch page, in the first language, comes first.

    ``needs`` is told every file of the module that they refer to, by its path in the package.
    """
    names = _names(languages, about.section)
    launch = names[languages[0]]
    others = {tag: _page(module, tag, names, needs, about, []) for tag in languages[1:]}
    bodies = [{"tag": tag, "body": _body(html)} for tag, html in others.items()]
    first = _page(module, languages[0], names, needs, about, bodies)
    return {launch: first, **{names[tag]: html for tag, html in others.items()}}


def _names(languages: Sequence[str], section: str | None) -> dict[str, str]:
    """Return the file of each language. No id of a section has a dot, so no name meets another."""
    first, *rest = languages
    if section is None:
        return {first: _LAUNCH} | {tag: f"{tag}.html" for tag in rest}
    return {first: f"{section}.html"} | {tag: f"{section}.{tag}.html" for tag in rest}


def _page(
    module: Module,
    language: str,
    names: dict[str, str],
    needs: Callable[[str], object],
    about: About,
    others: list[dict[str, Any]],
) -> str:
    page = build(module, language, media=lambda path: _address(path, needs))
    page = replace(page, languages=tuple(one for one in page.languages if one.tag in names))
    if about.section is not None:
        page = _as_part(page, about.asked_before)
    html = template("package/index.html").render(
        page=page,
        progress={"done": 0, "total": len(module.completion.sections), "seen": ()},
        module_data=_data(module, tuple(names), about),
        tool=about.tool,
        alone=about.section is not None,
        others=others,
        ui=interface(language),
        asset=lambda name: name,
        language_href=names.__getitem__,
    )
    return html if about.section is None else _leading_nowhere_else(html)


def _address(path: str, needs: Callable[[str], object]) -> str:
    needs(path)
    return quote(path)


def _as_part(page: Page, asked_before: int) -> Page:
    """Return the page of one section: what is said of the whole module once is not said on each."""
    (section,) = page.sections
    if section.kind.answerable:
        items = tuple(replace(one, number=one.number + asked_before) for one in section.items)
        section = replace(section, items=items)
    return replace(page, summary="", minutes=0, sections=(section,))


def _leading_nowhere_else(html: str) -> str:
    """Return a page whose links to other sections are only their words.

    To follow one would end the session, and an LMS refuses a second Initialize in the same window:
    only the LMS's own menu leads from one SCO to another.
    """
    here = set(_ID.findall(html))
    return _INNER_LINK.sub(lambda link: link[0] if unquote(link[1]) in here else link[2], html)


def _data(module: Module, languages: Sequence[str], about: About) -> dict[str, Any]:
    """Return what the script must know and no language changes."""
    return {
        "id": module.id,
        "version": module.version,
        "languages": [{"tag": tag, "name": endonym(tag)} for tag in languages],
        "sections": [section.id for section in module.sections],
        "required": list(module.completion.sections),
        "questions": module.completion.questions,
        "mastery": module.completion.mastery,
        "section": about.section,
        "package": {"format": about.form, "built_with": f"minga {VERSION}"},
    }


def _body(html: str) -> Markup:
    """Return what stands inside the body of a page that we rendered ourselves."""
    return Markup(html.partition("<body>")[2].rpartition("</body>")[0])  # noqa: S704


def template(name: str) -> Template:
    """Return one of the templates, to render a page of a package with."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return templating.environment()
