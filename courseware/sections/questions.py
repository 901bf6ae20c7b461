"""Sections of suggested questions, which participants answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courseware.module import Item, Text
from courseware.sections.kind import Declaration, SectionKind

if TYPE_CHECKING:
    from courseware.parser.context import ParserContext


@dataclass(frozen=True, slots=True)
class Question(Item):
    """A suggested question."""


class QuestionsSection(SectionKind):
    """Questions, numbered through the page. In a cartridge they are above the topic."""

    name = "questions"
    item_name = "question"
    answerable = True
    anchor_prefix = "q-"
    text_note = "Introduces the suggested questions. Markdown."
    item_note = "A suggested question."

    def item(
        self,
        item_id: str,
        titles: Mapping[str, str],
        texts: Mapping[str, Text],
        declaration: Declaration | None,
        context: "ParserContext",
    ) -> Question:
        """Return a question."""
        return Question(item_id, titles, texts)
