"""Split the file of a section in one language into its title, its text and its items.

The file begins with ``# Title``. In sections with items every ``## Title {#id}`` begins an item;
the text before the first one introduces the section. What a heading is, the Markdown parser
decides.
"""

from dataclasses import dataclass

from courseware.markdown import Heading, headings, plain_title, title_of
from courseware.module import Text
from courseware.parser.manifest_fields import ID_RULE, is_id
from courseware.parser.report import Report, shown
from courseware.parser.text_checks import check_title

_FENCES = {"---": ("---", "..."), "+++": ("+++",), ";;;": (";;;",)}


@dataclass(frozen=True, slots=True)
class ItemFile:
    """An item in one language; ``line`` is that of its heading."""

    id: str
    title: str
    line: int
    text: Text


@dataclass(frozen=True, slots=True)
class SectionFile:
    """A section in one language; ``failed``: not all of its items could be parsed."""

    title: str
    text: Text
    items: dict[str, ItemFile]
    failed: bool


def split(
    markdown: str, *, file: str, language: str, with_items: bool, report: Report
) -> SectionFile | None:
    """Split a file that is not empty; return None, and report it, if it has no title."""
    document = _Document(markdown, file, language)
    found = headings(markdown)
    title = title_of(markdown, found)
    if title is None or not _plain(title):
        report.error(
            file,
            document.first_line,
            f"The file begins with front matter, up to line {front}, which is not read."
            if (front := document.front_matter_end)
            else "The file does not begin with the section's title.",
            'Remove it: module.toml has what is about the whole module. Begin with "# " and '
            "the title."
            if front
            else 'Write "# " (a hash sign and a space) and the title in its first line.',
        )
        return None
    if title.id is not None:
        report.warning(
            file,
            title.start + 1,
            f'The id "{shown(title.id)}" of the title is not used.',
            "Remove it: the id of a section is the name of its file.",
        )
    check_title(title.markdown, file, title.start + 1, report)
    for heading in found:
        if heading.level == 1 and heading is not title:
            report.warning(
                file,
                heading.start + 1,
                "This is a second title: a file has one line that begins with a single #.",
                "Begin the line with ## or more.",
            )
    starts = [heading for heading in found if heading.level == 2] if with_items else []
    ends = [*(heading.start for heading in starts), len(document.lines)]
    items: dict[str, ItemFile] = {}
    for heading, end in zip(starts, ends[1:], strict=True):
        item_id = _check_item(heading, items, file, report)
        if item_id is not None:
            text = document.text(heading.end, end)
            check_title(heading.markdown, file, heading.start + 1, report)
            items[item_id] = ItemFile(item_id, _plain(heading), heading.start + 1, text)
    return SectionFile(
        title=_plain(title),
        text=document.text(title.end, ends[0]),
        items=items,
        failed=len(items) < len(starts),
    )


def text_without_title(markdown: str, *, file: str, language: str) -> Text:
    """Return the text of a file without the title that may stand above it."""
    document = _Document(markdown, file, language)
    title = title_of(markdown, headings(markdown))
    return document.text(title.end if title else 0, len(document.lines))


class _Document:
    """The lines of a file; positions count from 0."""

    def __init__(self, markdown: str, file: str, language: str) -> None:
        self.lines = markdown.split("\n")
        self._file = file
        self._language = language

    @property
    def first_line(self) -> int:
        """The number of the first line that is not empty, from 1."""
        return next((number for number, line in enumerate(self.lines, 1) if line.strip()), 1)

    @property
    def front_matter_end(self) -> int:
        """The last line of the front matter that the file begins with, from 1; 0 without any."""
        ends = _FENCES.get(self.lines[self.first_line - 1].strip(), ())
        following = enumerate(self.lines[self.first_line :], self.first_line + 1)
        return next((number for number, line in following if line.strip() in ends), 0)

    def text(self, start: int, end: int) -> Text:
        """Return the lines from ``start`` to before ``end``, without empty lines around them."""
        while start < end and not self.lines[start].strip():
            start += 1
        markdown = "\n".join(self.lines[start:end]).rstrip()
        return Text(self._language, self._file, min(start + 1, len(self.lines)), markdown)


def _plain(heading: Heading) -> str:
    return plain_title(heading.markdown)


def _check_item(
    heading: Heading, items: dict[str, ItemFile], file: str, report: Report
) -> str | None:
    """Return the id of an item; None, and report the error, if it has none of its own."""
    line, title = heading.start + 1, _plain(heading)
    if heading.id is None or not is_id(heading.id):
        report.error(
            file,
            line,
            f'"{shown(title)}" has no id.'
            if heading.id is None
            else f'"{shown(heading.id)}" cannot be an id.',
            f"End the line with an id that will never change, such as {{#my-id}}. {ID_RULE}",
        )
        return None
    if not title:
        report.error(
            file,
            line,
            f'"{heading.id}" has no title.',
            "Write it between the ## and the {#" + heading.id + "}.",
        )
    if heading.id in items:
        report.error(
            file,
            line,
            f'The id "{heading.id}" is used twice: first in line {items[heading.id].line}.',
            "Give one of them another id.",
        )
        return None
    return heading.id
