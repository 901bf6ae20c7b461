"""The interface of a section kind, with defaults for a section that is only a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courseware.module import Item, Text
from courseware.page_view import PageItem, View

if TYPE_CHECKING:
    from courseware.parser.context import ParserContext
    from courseware.parser.toml_table import Table


@dataclass(frozen=True, slots=True)
class Declaration:
    """What ``module.toml`` declares of one item; ``line`` is the line of its table."""

    line: int | None


@dataclass(frozen=True, slots=True)
class ItemText:
    """A further text of each item, in the file ``<language>/<item id>.<name>.md``.

    ``attribute`` is the item's field with the texts by language, ``note`` is for translators.
    """

    name: str
    attribute: str
    note: str

    def texts(self, item: Item) -> Mapping[str, Text]:
        """Return the texts of an item, by language."""
        found: Mapping[str, Text] = getattr(item, self.attribute)
        return found


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that an LMS can list by itself: a file of the module, or a URL."""

    file: str | None
    url: str | None


class SectionKind:
    """A kind of section. Subclasses override what is different from a section of text."""

    name: str
    """The value of ``kind`` in ``module.toml``."""

    item_name: str | None = None
    """What an item is called in messages; None if the section has no items.

    Each heading ``## Title {#id}`` in the file of a section with items begins an item.
    """

    declares_items: bool = False
    """Whether each item is declared in ``module.toml``, in a table ``[<name>.<item id>]``."""

    declaration_example: str = ""
    """The lines of such a table, for messages."""

    item_texts: tuple[ItemText, ...] = ()
    """Further texts of each item, for kinds that declare their items."""

    at_most_one: bool = False
    """Whether a module can have only one section of this kind."""

    needs_text: bool = False
    """Whether the section's own text is required."""

    answerable: bool = False
    """Whether participants answer the items, which are then numbered through the whole page."""

    holds_discussion: bool = False
    """Whether the discussion of the live tool is in this section."""

    anchor_prefix: str = ""
    """Begins the HTML id of each item."""

    text_note: str = "Markdown. Leave addresses and ids {#…} as they are."
    """For translators: what the section's own text is."""

    item_note: str = "Title of an item."
    """For translators: what an item's title is."""

    def __repr__(self) -> str:
        return f"<section kind {self.name}>"

    @property
    def template(self) -> str:
        """The template of the items on the live page and in packages with scripts."""
        return f"module/sections/{self.name}.html"

    @property
    def document_template(self) -> str:
        """The template of the items in documents without scripts; well-formed XML."""
        return f"package/sections/{self.name}.html"

    def declaration(self, table: "Table") -> Declaration:
        """Parse the table of one item; report its errors to ``table.report``."""
        return Declaration(table.line())

    def item(
        self,
        item_id: str,
        titles: Mapping[str, str],
        texts: Mapping[str, Text],
        declaration: Declaration | None,
        context: "ParserContext",
    ) -> Item:
        """Return an item, and check it. ``declaration`` is None if the kind declares no items."""
        return Item(item_id, titles, texts)

    def page_item(self, item: Item, view: View, number: int) -> PageItem:
        """Return what templates show of an item; ``number`` is 0 if the items are not numbered."""
        return PageItem(**view.common(item, number))

    def resource(self, item: Item) -> Resource | None:
        """Return the file or URL that an item consists of, if a cartridge should list it."""
        return None

    def untranslated_files(self, item: Item, source: str, language: str) -> list[str]:
        """Return the files besides Markdown that exist in ``source`` and not in ``language``."""
        return []
