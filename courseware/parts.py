"""Parts of a module that can be shown alone: one section, or the discussion.

A part is written as ``section/<id>`` or ``discussion``; an empty string is the whole module.
"""

import re
from dataclasses import replace

from courseware.module import Module, Section

WHOLE = ""
DISCUSSION = "discussion"
MOST_CHARACTERS = 80
_SECTION = "section/"
_VALID = re.compile(r"discussion|section/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def section_part(section: Section) -> str:
    """Return the part that is one section; that of the discussion is the discussion."""
    return DISCUSSION if section.kind.holds_discussion else _SECTION + section.id


def parse(text: str | None) -> str:
    """Return the part that a text names; the whole module if it names none."""
    return text if text and _VALID.fullmatch(text) else WHOLE


def choices(module: Module) -> tuple[str, ...]:
    """Return the parts of a module, the whole first, then in the order of its sections."""
    return (WHOLE, *(section_part(section) for section in module.sections))


def section_of(module: Module, part: str) -> Section | None:
    """Return the section that a part names; None for the whole module, or if it is not there."""
    if part == WHOLE:
        return None
    return next((each for each in module.sections if section_part(each) == part), None)


def only(module: Module, part: str) -> Module:
    """Return the module with the sections of a part alone; the same object for the whole module.

    Questions are answered in the discussion: their section is shown with it.
    """
    section = section_of(module, part)
    if section is None:
        return module
    discussion = module.discussion_section if section.questions else None
    shown = (section,) if discussion is None else (section, discussion)
    return replace(module, sections=shown)
