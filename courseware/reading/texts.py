"""What can be wrong inside a text: its links, its pictures, its HTML."""

import re
from collections.abc import Collection, Iterator

from courseware import links, markdown
from courseware.module import Text
from courseware.reading.folder import MEDIA
from courseware.reading.media import Media, Use
from courseware.reading.remote import is_web_address
from courseware.reading.report import Report, did_you_mean, listed, shown

_COMMENT = re.compile(r"\s*(?:<!--.*?-->\s*)+", re.DOTALL)


def places(text: Text) -> Iterator[tuple[int, str]]:
    """Yield the ids of the headings in a text (``### Title {#place}``), each with its line."""
    for part in markdown.parts(text.markdown):
        if part.kind == "place":
            yield text.line + part.line, part.value


def check_text(text: Text, known: Collection[str], media: Media, report: Report) -> None:
    """Report what is wrong in a text. ``known``: the ids on the page that a link may lead to."""
    for part in markdown.parts(text.markdown):
        line = text.line + part.line
        if part.kind == "picture":
            _check_picture(text, line, part.value, part.words, media, report)
        elif part.kind == "link":
            _check_link(text, line, part.value, known, media, report)
        elif part.kind == "html":
            _check_html(text, line, part.value, report)


def _check_html(text: Text, line: int, html: str, report: Report) -> None:
    if not _COMMENT.fullmatch(html) and not html.startswith("</"):
        report.warning(
            text.file,
            line,
            f'HTML is left out: "{shown(html.strip(), 30)}".',
            "Write it in Markdown; if the sign < is meant itself, write \\< instead.",
        )


def _check_picture(
    text: Text, line: int, address: str, words: str, media: Media, report: Report
) -> None:
    if not words.strip():
        report.error(
            text.file,
            line,
            f'The picture "{shown(address)}" has no words for people who cannot see it.',
            f"Write between the brackets what it shows: ![A map of …]({shown(address)})",
        )
    link = links.resolve(text.file, address)
    if link.kind == "file" and link.value.startswith(MEDIA):
        media.use(Use(link.value, text.file, line, "picture"))
    else:
        report.error(
            text.file,
            line,
            f'The picture "{shown(address)}" is not in the module\'s folder.',
            "Put it into media/ and write ../media/ and its name: a module carries its pictures.",
        )


def _check_link(
    text: Text, line: int, address: str, known: Collection[str], media: Media, report: Report
) -> None:
    link = links.resolve(text.file, address)
    match link.kind:
        case "site":
            web = link.value.lower().startswith("http")
            if web and not is_web_address(link.value):
                _bad_address(text, line, address, report)
        case "place":
            if link.value and link.value not in known:
                report.error(
                    text.file,
                    line,
                    f'The link "{shown(address)}" leads nowhere: nothing here has that id.',
                    did_you_mean(link.value, known, f"The ids are {listed(sorted(known))}."),
                )
        case "file" if link.value.startswith(MEDIA):
            media.use(Use(link.value, text.file, line))
        case "unsupported":
            _bad_address(text, line, address, report)
        case _:
            report.error(
                text.file,
                line,
                f'The link "{shown(address)}" leads to a file outside media/.'
                if address
                else "The link has no address.",
                "Put the file into media/ and write ../media/ and its name."
                if address
                else "Write it between the round brackets.",
            )


def _bad_address(text: Text, line: int, address: str, report: Report) -> None:
    report.error(
        text.file,
        line,
        f'"{shown(address)}" is not an address that a module can link to.',
        "Copy the whole address from the browser: it begins with https:// (or use mailto:).",
    )
