"""Check the content of texts: links, pictures, HTML, markup that is not supported."""

import re
from collections.abc import Collection, Iterator

from courseware import links, markdown
from courseware.markdown.dialect_kinds import KINDS, LEFT_OUT
from courseware.markdown.other_dialects import UnsupportedMarkup
from courseware.module import Text
from courseware.parser.folder import MEDIA
from courseware.parser.media import Media, Use
from courseware.parser.remote_videos import is_web_url
from courseware.parser.report import Report, did_you_mean, listed, shown
from courseware.parser.url_advice import url_advice

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9.-]*)[^<>]*>")
_MAX_HEADING_LEVEL = 6
_HTML: dict[str, str] = {
    "br": "End the line with a \\ to begin a new one.",
    "sub": "Write the lowered sign itself: H₂O, CO₂.",
    "sup": "Write the raised sign itself: x², 1.º.",
    "b": "Write **strong** instead.",
    "strong": "Write **strong** instead.",
    "i": "Write *emphasis* instead.",
    "em": "Write *emphasis* instead.",
    "u": "Write *emphasis* instead.",
    "mark": "Write **strong** instead.",
    "kbd": "Write it as code: `Ctrl`.",
    "code": "Write it as code: `words`.",
    "pre": "Write the code between two lines of ```.",
    "s": "Write ~~words~~ instead.",
    "del": "Write ~~words~~ instead.",
    "hr": "Write * * * on a line of its own.",
    "blockquote": "Begin each line with > instead.",
    "img": "Write ![what it shows](../media/name.png) instead.",
    "a": "Write [words](https://…) instead.",
    "ul": "Begin each item with - instead.",
    "ol": "Begin each item with 1. instead.",
    "li": "Begin each item with - instead.",
    "table": "Write the table with bars: | A | B | and below it | --- | --- |.",
    "details": "Write the words openly, below a heading.",
    "summary": "Write the words openly, below a heading.",
    "iframe": "Show a video in a section of the kind videos; link to anything else.",
    "video": "Show it in a section of the kind videos.",
    "audio": "Put the file into media/ and link to it.",
    "h1": "Begin the line with ## instead.",
    "h2": "Begin the line with ## instead.",
    "h3": "Begin the line with ### instead.",
    "script": "Remove it: a module has no programs.",
    "style": "Remove it: all modules have the same style.",
}
_OTHER_HTML = "Write it in Markdown; if the sign < is meant itself, write \\< instead."


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
                _check_html(text.file, line, part.value, report)
            case "not_a_heading":
                _report_no_heading(text, line, part.value, report)
    missed = {part.line for part in markdown.parts(text.markdown) if part.kind == "not_a_heading"}
    for found in markdown.unsupported(text.markdown):
        if found.kind != "attributes" or found.line not in missed:
            _report_unsupported(text.file, text.line + found.line, found, report)


def check_title(title: str, file: str, line: int, report: Report) -> None:
    """Report what a title leaves out or shows as it is typed: a title is plain text."""
    source = "# " + title.replace("\n", " ")
    for part in markdown.parts(source):
        if part.kind in ("link", "picture"):
            report.warning(
                file,
                line,
                f'A title has no links or pictures, so "{shown(part.value)}" is left out.',
                "Write it in the text below the title.",
            )
        elif part.kind == "html":
            _check_html(file, line, part.value, report)
    for found in markdown.unsupported(source):
        _report_unsupported(file, line, found, report)


def _report_unsupported(file: str, line: int, found: UnsupportedMarkup, report: Report) -> None:
    source = shown(found.source, 50)
    if found.kind in LEFT_OUT:
        why, remedy = LEFT_OUT[found.kind]
        report.warning(file, line, f'{why}: "{source}".', remedy)
    else:
        why, remedy = KINDS[found.kind]
        report.warning(file, line, f'{why}: "{source}" is shown as it is typed.', remedy)


def _check_html(file: str, line: int, html: str, report: Report) -> None:
    rest = _without_comments(html).strip()
    if rest.startswith("<!--"):
        report.warning(
            file,
            line,
            "A comment begins here and is not closed: everything after it is left out.",
            "End it with -->.",
        )
        return
    tag = _TAG.match(rest)
    if not rest or (tag and rest.startswith("</") and tag.end() == len(rest)):
        return
    lines = rest.count("\n")
    more = f", with the words in it, up to line {line + html.rstrip().count(chr(10))}"
    report.warning(
        file,
        line,
        f'HTML is left out{more if lines else ""}: "{shown(" ".join(rest.split()), 30)}".',
        _HTML.get(tag[1].lower() if tag else "", _OTHER_HTML),
    )


def _without_comments(html: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            return html[start:] if not "".join(parts).strip() else "".join(parts)
        parts.append(html[at:start])
        at = end + 3
    return "".join((*parts, html[at:]))


def _report_no_heading(text: Text, line: int, source: str, report: Report) -> None:
    """Report ``##Title``: an error if it has an id, because then a heading was surely meant."""
    rest = source.lstrip("#")
    hashes = source[: len(source) - len(rest)]
    remedy = f"Write an ordinary space after the {hashes}"
    if len(hashes) > _MAX_HEADING_LEVEL:
        why, remedy = f"it begins with more than {_MAX_HEADING_LEVEL} #", "Write ## or ###"
    elif rest[:1].isspace():
        why = f"what follows the {hashes} is a no-break space, not an ordinary one"
    else:
        why = f"no space follows the {hashes}"
    add = report.error if markdown.ends_with_id(source) else report.warning
    add(
        text.file,
        line,
        f'"{shown(source, 40)}" is no heading, because {why}.',
        f"{remedy}; if the signs # are meant themselves, write \\{hashes} instead.",
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
    if link.kind == "file" and link.value.startswith(MEDIA) and link.value != MEDIA:
        media.use(Use(link.value, text.file, line, "picture"))
        return
    report.error(
        text.file,
        line,
        f'The picture "{shown(url)}" is not in the module\'s folder.',
        url_advice(url, paths=True)
        or "Put it into media/ and write ../media/ and its name: a module carries its pictures.",
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
            elif links.is_other_language(text.file, url):
                report.warning(
                    text.file,
                    line,
                    f'The link "{shown(url)}" leads to the page in the reader\'s language, '
                    "not to another one.",
                    f"Write {shown(url.rpartition('/')[2])} instead.",
                )
        case "file" if link.value.startswith(MEDIA):
            media.use(Use(link.value, text.file, line))
        case "unsupported":
            _report_bad_url(text, line, url, report)
        case _:
            folder = link.kind == "file" and f"{link.value}/" == MEDIA
            report.error(
                text.file,
                line,
                f'The link "{shown(url)}" leads to the folder media/, not to a file.'
                if folder
                else f'The link "{shown(url)}" leads to a file outside media/.'
                if url
                else "The link has no address.",
                (
                    (not folder and url_advice(url))
                    or "Put the file into media/ and write ../media/ and its name."
                )
                if url
                else "Write it between the round brackets.",
            )


def _report_bad_url(text: Text, line: int, url: str, report: Report) -> None:
    report.error(
        text.file,
        line,
        f'"{shown(url)}" is not an address that a module can link to.',
        url_advice(url)
        or "Copy the whole address from the browser: it begins with https:// (or use mailto:).",
    )
