"""The file of a section in one language: its title, its text, and its items.

The first line is ``# Title``. In a section of videos, readings or questions every ``## Title
{#id}`` begins an item; what stands before the first one introduces the section.
"""

import re
from typing import NamedTuple

from courseware.markdown import plain_title
from courseware.module import Text
from courseware.reading.parts import ID_RULE, is_id
from courseware.reading.report import Report, shown

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARK = re.compile(r"\s*\{#\s*([^}]*?)\s*\}\s*$")


class ItemFile(NamedTuple):
    """An item in one language."""

    id: str
    title: str
    line: int
    text: Text


class SectionFile(NamedTuple):
    """A section in one language."""

    title: str
    text: Text
    items: dict[str, ItemFile]
    failed: bool


class _Heading(NamedTuple):
    level: int
    title: str
    mark: str | None
    line: int


def split(
    text: str, *, file: str, language: str, with_items: bool, report: Report
) -> SectionFile | None:
    """Split the text of a section's file that is not empty; None, and why, if it has no title."""
    lines = text.split("\n")
    headings = _headings(lines)
    title = _title(lines, headings, file, report)
    if title is None:
        return None
    starts = [heading for heading in headings if heading.level == 2] if with_items else []
    for heading in headings:
        if heading.level == 1 and heading is not title:
            report.warning(
                file,
                heading.line,
                "This is a second title: a file has one line that begins with a single #.",
                "Begin the line with ## or more.",
            )
    ends = [*(heading.line for heading in starts), len(lines) + 1]
    items = _items(lines, starts, ends, file, language, report)
    return SectionFile(
        title=title.title,
        text=_text(lines, title.line + 1, ends[0], file, language),
        items=items,
        failed=len(items) < len(starts),
    )


def body(text: str, *, file: str, language: str) -> Text:
    """Return a file that is one text, without the title that may stand above it."""
    lines = text.split("\n")
    headings = _headings(lines)
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
    titled = bool(headings) and headings[0].line == first and headings[0].level == 1
    return _text(lines, first + 1 if titled else 1, len(lines) + 1, file, language)


def _headings(lines: list[str]) -> list[_Heading]:
    headings = []
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if fence:
            closes = mark and mark[1].startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closes else fence
        elif mark:
            fence = mark[1]
        else:
            match = _HEADING.fullmatch(line)
            if match:
                headings.append(_heading(len(match[1]), match[2] or "", number))
    return headings


def _heading(level: int, words: str, line: int) -> _Heading:
    mark = _MARK.search(words)
    title = plain_title(words[: mark.start()] if mark else words)
    return _Heading(level, title, mark[1] if mark else None, line)


def _title(
    lines: list[str], headings: list[_Heading], file: str, report: Report
) -> _Heading | None:
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
    title = headings[0] if headings else None
    if title is None or title.line != first or title.level != 1 or not title.title:
        report.error(
            file,
            first,
            "The file does not begin with the section's title.",
            'Write "# " (a hash sign and a space) and the title in its first line.',
        )
        return None
    return title


def _text(lines: list[str], start: int, end: int, file: str, language: str) -> Text:
    """Return the lines from ``start`` up to, not with, ``end``, without the empty ones around."""
    while start < end and (start > len(lines) or not lines[start - 1].strip()):
        start += 1
    markdown = "\n".join(lines[start - 1 : end - 1]).rstrip()
    return Text(language, file, min(start, len(lines)), markdown)


def _items(
    lines: list[str],
    starts: list[_Heading],
    ends: list[int],
    file: str,
    language: str,
    report: Report,
) -> dict[str, ItemFile]:
    items: dict[str, ItemFile] = {}
    for start, end in zip(starts, ends[1:], strict=True):
        if start.mark is None or not is_id(start.mark):
            report.error(
                file,
                start.line,
                f'"{shown(start.title)}" has no id.'
                if start.mark is None
                else f'"{shown(start.mark)}" cannot be an id.',
                f"End the line with an id that will never change, such as {{#my-id}}. {ID_RULE}",
            )
            continue
        if not start.title:
            report.error(
                file,
                start.line,
                f'"{start.mark}" has no title.',
                "Write it between the ## and the {#" + start.mark + "}.",
            )
        if start.mark in items:
            report.error(
                file,
                start.line,
                f'The id "{start.mark}" is used twice: first in line {items[start.mark].line}.',
                "Give one of them another id.",
            )
            continue
        text = _text(lines, start.line + 1, end, file, language)
        items[start.mark] = ItemFile(start.mark, start.title, start.line, text)
    return items
