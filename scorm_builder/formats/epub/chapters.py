"""The XHTML documents of an e-book: a title page and a chapter for each section.

Rendered Markdown is HTML; here it becomes XHTML, which EPUB requires.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree, html
from markupsafe import Markup

from courseware.i18n import interface
from courseware.page import Page
from scorm_builder import package_pages

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XHTML = "{http://www.w3.org/1999/xhtml}"
TITLE_PAGE = "title.xhtml"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A document of the book: ``name`` is its file name, ``tree`` its content."""

    name: str
    title: str
    lang: str
    dir: str
    tree: etree._Element


def chapters(page: Page, *, film: str, cover_shown: bool) -> list[Chapter]:
    """Return the chapters, the title page first; links between them point to the right file.

    ``film`` is how videos are shown: ``play`` or ``describe``.
    """
    found = [Chapter(TITLE_PAGE, page.title, page.lang, page.dir, _tree(page, cover_shown, film))]
    for section in page.sections:
        title = f"{section.letter}. {section.title}" if section.letter else section.title
        tree = _tree(page, cover_shown, film, section, title)
        found.append(Chapter(f"part-{section.id}.xhtml", title, section.lang, section.dir, tree))
    file_of_id = {name: chapter.name for chapter in found for name in ids(chapter.tree)}
    for chapter in found:
        _rewrite_links(chapter, file_of_id)
    return found


def _tree(
    page: Page, cover_shown: bool, film: str, section: object = None, title: str = ""
) -> etree._Element:
    text = package_pages.template("package/epub_chapter.html").render(
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
    """Parse a document that we rendered; add ``xml:lang`` wherever there is ``lang``."""
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
    """Return the paths of all pictures, videos and other media of a document."""
    return [unquote(str(one)) for one in tree.xpath("//@src | //@poster")]


def _rewrite_links(chapter: Chapter, file_of_id: Mapping[str, str]) -> None:
    """Point links to the file of their target; replace links without a target by their text."""
    for link in chapter.tree.iter("{*}a"):
        url = link.get("href", "")
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            continue
        target = file_of_id.get(unquote(parts.fragment)) if not parts.path else None
        if target is None:
            link.tag = f"{_XHTML}span"
            link.attrib.clear()
        elif target != chapter.name:
            link.set("href", f"{target}#{parts.fragment}")


def document(tree: etree._Element) -> bytes:
    """Serialize a document."""
    return etree.tostring(tree, encoding="utf-8", xml_declaration=True) + b"\n"
