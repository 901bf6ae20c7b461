"""Check the content of texts: links, pictures, HTML, and headings that are none."""

import re
from collections.abc import Collection, Iterator

from courseware import links, markdown
from courseware.module import Text
from courseware.parser.folder import MEDIA
from courseware.parser.media import Media, Use
from courseware.parser.remote_videos import is_web_url
from courseware.parser.report import Report, did_you_mean, listed, shown

_COMMENT = re.compile(r"\s*(?:<!--.*?-->\s*)+", re.DOTALL)


def heading_ids(text: Text) -> Iterator[tuple[int, str]]:
    """Yield the ids of the headings in a text (``### Title {#id}``), each with its line."""
    for part in markdown.parts(text.markdown):
        if part.kind == "heading_id":
            yield text.line + part.line, part.value


def check_text(text: Text, ids: Collection[str], media: Media, report: Report) -> None:
    """Report the problems of a text. ``ids`` are those on the page that a link may refer to."""
    for part in markdown.parts(text.markdown):
        line = text.line + part.line
        match part.kind:
            case "picture":
                _check_picture(text, line, part.value, part.alt, media, report)
            case "link":
                _check_link(text, line, part.value, ids, media, report)
            case "html":
                _check_html(text, line, part.value, report)
            case "not_a_heading":
                _report_no_heading(text, line, part.value, report)


def _check_html(text: Text, line: int, html: str, report: Report) -> None:
    if not _COMMENT.fullmatch(html) and not html.startswith("</"):
        report.warning(
            text.file,
            line,
            f'HTML is left out: "{shown(html.strip(), 30)}".',
            "Write it in Markdown; if the sign < is meant itself, write \\< instead.",
        )


def _report_no_heading(text: Text, line: int, source: str, report: Report) -> None:
    """Report ``##Title``: an error if it has an id, because then a heading was surely meant."""
    rest = source.lstrip("#")
    hashes = source[: len(source) - len(rest)]
    why = (
        f"no space follows the {hashes}"
        if not rest[:1].isspace()
        else f"what follows the {hashes} is a no-break space, not an ordinary one"
    )
    add = report.error if markdown.ends_with_id(source) else report.warning
    add(
        text.file,
        line,
        f'"{shown(source, 40)}" is no heading, because {why}.',
        f"Write an ordinary space after the {hashes}; if the signs # are meant themselves, "
        f"write \\{hashes} instead.",
    )


def _check_picture(text: Text, line: int, url: str, alt: str, media: Media, report: Report) -> None:
    if not alt.strip():
        report.error(
            text.file,
            line,
            f'The picture "{shown(url)}" has no words for people who cannot see it.',
            f"Write between the brackets what it shows: ![A map of …]({shown(url)})",
        )
    link = links.resolve(text.file, url)
    if link.kind == "file" and link.value.startswith(MEDIA):
        media.use(Use(link.value, text.file, line, "picture"))
    else:
        report.error(
            text.file,
            line,
            f'The picture "{shown(url)}" is not in the module\'s folder.',
            "Put it into media/ and write ../media/ and its name: a module carries its pictures.",
        )


def _check_link(
    text: Text, line: int, url: str, ids: Collection[str], media: Media, report: Report
) -> None:
    link = links.resolve(text.file, url)
    match link.kind:
        case "site":
            web = link.value.lower().startswith("http")
            if web and not is_web_url(link.value):
                _report_bad_url(text, line, url, report)
        case "place":
            if link.value and link.value not in ids:
                report.error(
                    text.file,
                    line,
                    f'The link "{shown(url)}" leads nowhere: nothing here has that id.',
                    did_you_mean(link.value, ids, f"The ids are {listed(sorted(ids))}."),
                )
        case "file" if link.value.startswith(MEDIA):
            media.use(Use(link.value, text.file, line))
        case "unsupported":
            _report_bad_url(text, line, url, report)
        case _:
            report.error(
                text.file,
                line,
                f'The link "{shown(url)}" leads to a file outside media/.'
                if url
                else "The link has no address.",
                "Put the file into media/ and write ../media/ and its name."
                if url
                else "Write it between the round brackets.",
            )


def _report_bad_url(text: Text, line: int, url: str, report: Report) -> None:
    report.error(
        text.file,
        line,
        f'"{shown(url)}" is not an address that a module can link to.',
        "Copy the whole address from the browser: it begins with https:// (or use mailto:).",
    )
