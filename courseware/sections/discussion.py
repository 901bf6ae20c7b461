"""The section with the discussion of the live tool; its text is a notice above it."""

from courseware.sections.kind import SectionKind


class DiscussionSection(SectionKind):
    """The discussion. In a cartridge it becomes a discussion topic of the LMS."""

    name = "discussion"
    at_most_one = True
    holds_discussion = True
    text_note = "The notice above the discussion. Markdown."
