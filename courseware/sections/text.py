"""Sections of text: Markdown without items."""

from courseware.sections.kind import SectionKind


class TextSection(SectionKind):
    """A section that is only a text."""

    name = "text"
    needs_text = True
