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

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, Template
from markupsafe import Markup

from courseware import templating
from courseware.interface import interface
from courseware.languages import endonym
from courseware.module import Module
from courseware.page import build
from scorm_builder import VERSION

_LAUNCH = "index.html"


@dataclass(frozen=True, slots=True)
class About:
    """What the pages say of their package: its format, and the address of the live tool if any."""

    form: str = ""
    tool: str | None = None


def render(
    module: Module,
    languages: Sequence[str],
    media: Callable[[str], str],
    about: About = About(),
) -> dict[str, str]:
    """Return the pages by their file name: the launch page, in the first language, comes first."""
    names = {tag: _LAUNCH if tag == languages[0] else f"{tag}.html" for tag in languages}
    others = {tag: _page(module, tag, names, media, about, []) for tag in languages[1:]}
    bodies = [{"tag": tag, "body": _body(html)} for tag, html in others.items()]
    first = _page(module, languages[0], names, media, about, bodies)
    return {_LAUNCH: first, **{names[tag]: html for tag, html in others.items()}}


def _page(
    module: Module,
    language: str,
    names: dict[str, str],
    media: Callable[[str], str],
    about: About,
    others: list[dict[str, Any]],
) -> str:
    page = build(module, language, media=media)
    page = replace(page, languages=tuple(one for one in page.languages if one.tag in names))
    return template("package/index.html").render(
        page=page,
        ui=interface(language),
        asset=lambda name: name,
        language_href=names.__getitem__,
        progress={"done": 0, "total": len(module.completion.sections), "seen": ()},
        module_data=_data(module, tuple(names), about),
        tool=about.tool,
        others=others,
    )


def _data(module: Module, languages: Sequence[str], about: About) -> dict[str, Any]:
    """Return what the script must know and no language changes."""
    return {
        "id": module.id,
        "version": module.version,
        "languages": [{"tag": tag, "name": endonym(tag)} for tag in languages],
        "sections": [section.id for section in module.sections],
        "required": list(module.completion.sections),
        "questions": module.completion.questions,
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
    return templating.environment(bytecode_cache=_compiled())


def _compiled() -> BytecodeCache | None:
    """Return where compiled templates are kept from one process to the next, if there is a place.

    Compiling them takes a quarter of a whole build. Jinja goes by the templates' content, so
    what is kept is never out of date.
    """
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "minga" / "templates"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None
