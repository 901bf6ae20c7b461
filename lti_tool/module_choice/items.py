"""The content items of a deep-linking response: resource links to modules (Deep Linking 2.0 §3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from courseware import parts
from courseware.languages import choose
from courseware.module import Module
from lti_tool.discussion import deep_links as discussion_links
from lti_tool.gradebook import deep_links as grade_links
from lti_tool.launches.linked_module import LANGUAGE, PART
from lti_tool.lti import copy_history, selection_time
from lti_tool.lti.deep_linking import (
    FileItem,
    Frame,
    Image,
    LinkItem,
    Period,
    ResourceLinkItem,
    Window,
)
from lti_tool.module_choice.options_form import ModuleOptions
from lti_tool.packages import links as package_links
from lti_tool.web.assets import asset, media_url
from lti_tool.web.context import settings
from lti_tool.web.pages import wanted_languages

_FRAME_HEIGHT = 800
"""Pixels, where the platform gives the frame no height of its own."""


@dataclass(frozen=True, slots=True)
class Words:
    """Title and summary of a module in one language."""

    lang: str
    title: str
    summary: str
    section: str = ""


def words_of(module: Module, part: str = parts.WHOLE, language: str | None = None) -> Words:
    """Return the words of a module in the given language, else in the reader's."""
    wanted = [language] if language else wanted_languages()
    lang = choose(wanted, module.languages, module.source_language)
    source, section = module.source_language, parts.section_of(module, part)
    return Words(
        lang,
        module.titles.get(lang) or module.titles[source],
        module.summaries.get(lang) or module.summaries.get(source, ""),
        (section.titles.get(lang) or section.titles[source]) if section else "",
    )


def resource_link(
    options: ModuleOptions,
    targets: Collection[str],
    *,
    context_id: str | None,
    now: datetime,
) -> ResourceLinkItem:
    """Return the link to a module or a part of it, with everything that was chosen for it."""
    module, chosen, grading = options.module, options.discussion, options.grading
    words = words_of(module, options.part, options.language)
    title = f"{words.section} – {words.title}" if words.section else words.title
    in_window = options.window or not {"iframe", "frame"}.intersection(targets)
    path = url_for("launches.link", module_id=module.id, part=options.part or None)
    return ResourceLinkItem(
        url=settings().public_url + path,
        title=title,
        text=words.summary or None,
        icon=_icon(),
        thumbnail=_thumbnail(module),
        iframe=None if in_window else Frame(height=_FRAME_HEIGHT),
        window=Window() if in_window else None,
        available=Period(starts_at=chosen.opens_at),
        submission=Period(ends_at=chosen.closes_at),
        custom={
            "module": module.id,
            **({PART: options.part} if options.part else {}),
            **({LANGUAGE: options.language} if options.language else {}),
            **selection_time.parameters(now),
            **copy_history.CUSTOM_PARAMETERS,
            **grade_links.parameters(grading),
            **discussion_links.parameters(chosen, context_id),
        },
        line_item=grade_links.line_item(grading, parts.only(module, options.part), title),
    )


def file(module: Module, package_id: int, format_title: str, *, now: datetime) -> FileItem:
    """Return a package of a module, as a file that can be downloaded for a day."""
    words, expires_at = words_of(module), now + package_links.LIFETIME
    token = package_links.token_of(settings().secret_key, package_id, expires_at)
    path = url_for("package_files.download", token=token, name=f"{module.id}.zip")
    return FileItem(
        title=f"{words.title} ({format_title})",
        text=words.summary or None,
        url=settings().public_url + path,
        expires_at=expires_at,
        icon=_icon(),
        thumbnail=_thumbnail(module),
    )


def link(module: Module, activity_url: str) -> LinkItem:
    """Return a link to an activity of the course in the LMS that shows a module."""
    words = words_of(module)
    return LinkItem(
        title=words.title,
        text=words.summary or None,
        url=activity_url,
        icon=_icon(),
        thumbnail=_thumbnail(module),
    )


def _icon() -> Image:
    return Image(settings().public_url + asset("icon.svg"))


def _thumbnail(module: Module) -> Image | None:
    return Image(settings().public_url + media_url(module, module.cover)) if module.cover else None
