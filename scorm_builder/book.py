"""A module as a book in one language: a title page, a chapter for each section, well-formed as XML.

Used by the formats that are read away from any LMS (``formats/epub.py``, ``formats/print.py``).
Markdown was rendered as HTML; here it becomes XHTML, which books need and which is HTML as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree, html
from markupsafe import Markup

from courseware.i18n import interface
from courseware.page import Page
from scorm_builder import pages

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XHTML = "{http://www.w3.org/1999/xhtml}"
TITLE_PAGE = "title.xhtml"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the book: ``name`` is its file, ``tree`` its document."""

    name: str
    title: str
    lang: str
    dir: str
    tree: etree._Element


def chapters(page: Page, *, film: str, cover_shown: bool) -> list[Chapter]:
    """Return the chapters with the title page first; links between them lead to the right file.

    ``film`` is how a video is shown: ``play`` or ``describe``.
    """
    found = [Chapter(TITLE_PAGE, page.title, page.lang, page.dir, _tree(page, cover_shown, film))]
    for section in page.sections:
        title = f"{section.letter}. {section.title}" if section.letter else section.title
        tree = _tree(page, cover_shown, film, section, title)
        found.append(Chapter(f"part-{section.id}.xhtml", title, section.lang, section.dir, tree))
    homes = {name: chapter.name for chapter in found for name in ids(chapter.tree)}
    for chapter in found:
        _lead(chapter, homes)
    return found


def _tree(
    page: Page, cover_shown: bool, film: str, section: object = None, title: str = ""
) -> etree._Element:
    text = pages.template("package/book_page.html").render(
        page=page,
        ui=interface(page.lang),
        title=title or page.title,
        section=section,
        film=film,
        cover=True,
        cover_shown=cover_shown,
        attached=False,
        flow=xhtml,
    )
    return parsed(text)


def parsed(text: str) -> etree._Element:
    """Return a document that we rendered; ``xml:lang`` stands wherever ``lang`` does."""
    parser = etree.XMLParser(remove_blank_text=False, resolve_entities=False, no_network=True)
    tree = etree.fromstring(text.encode(), parser)
    for one in tree.iter("{*}*"):
        if "lang" in one.attrib:
            one.set(_XML_LANG, str(one.get("lang")))
    return tree


def xhtml(markup: str) -> Markup:
    """Return rendered Markdown as XHTML."""
    whole = html.fragment_fromstring(markup, create_parent="div")
    for one in whole.iter():
        if one.tag == "a" and one.get("target"):
            del one.attrib["target"]
    text = etree.tostring(whole, encoding="unicode", method="xml")
    return Markup(text)  # noqa: S704 - it was sanitised where it was rendered


def ids(tree: etree._Element) -> Sequence[str]:
    """Return every id of a document."""
    return [str(name) for name in tree.xpath("//@id")]


def pictures(tree: etree._Element) -> Sequence[str]:
    """Return the addresses of everything that a document shows or plays."""
    return [unquote(str(one)) for one in tree.xpath("//@src | //@poster")]


def _lead(chapter: Chapter, homes: Mapping[str, str]) -> None:
    """Lead links to where their target went; one that leads nowhere in a book is only its words."""
    for link in chapter.tree.iter("{*}a"):
        address = link.get("href", "")
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        home = homes.get(unquote(parts.fragment)) if not parts.path else None
        if home is None:
            link.tag = f"{_XHTML}span"
            link.attrib.clear()
        elif home != chapter.name:
            link.set("href", f"{home}#{parts.fragment}")


def document(tree: etree._Element) -> bytes:
    """Return a document as it is written to a file."""
    return etree.tostring(tree, encoding="utf-8", xml_declaration=True) + b"\n"
