"""The files of an EPUB 3 publication, one book for each language.

EPUB 3.2 (W3C, 2019): 3 (package document), 4 (content documents), 5 (media), and the Open Container
Format. There is one book for each language, because libraries and reading systems expect one
language, title and page direction. Videos are included with their captions; reading systems that
cannot play them show the picture and the transcript. Files attached to readings are not included,
because no reading system opens them.
"""

import uuid
from collections.abc import Iterator
from urllib.parse import quote

from courseware import resources
from courseware.i18n import interface
from courseware.module import Module
from courseware.page import Page, build
from scorm_builder import package_pages, xml_writer
from scorm_builder.formats.epub import CONTAINER, MEDIA_TYPE
from scorm_builder.formats.epub import chapters as book
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan, PlanError, from_bytes
from scorm_builder.xml_writer import Node, element
from scorm_builder.zip_writer import entry_time

FOLDER = "EPUB/"
PACKAGE = f"{FOLDER}package.opf"
CONTENTS = "contents.xhtml"

_COVERS = (".svg", ".png", ".jpg", ".jpeg", ".gif")
_TYPES = {".xhtml": "application/xhtml+xml", ".css": "text/css"}


def draw(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Iterator[PackageFile]:
    """Render the chapters, the table of contents and the stylesheet of a book."""
    page = _page(module, languages, media)
    chapters = book.chapters(page, film="play", cover_shown=_cover(module) is not None)
    for chapter in chapters:
        yield from_bytes(chapter.name, book.document(chapter.tree))
    contents = package_pages.template("package/epub_contents.html").render(
        page=page,
        ui=interface(page.lang),
        parts=[
            {"href": one.name, "title": one.title, "lang": one.lang, "dir": one.dir}
            for one in chapters
        ],
    )
    yield from_bytes(CONTENTS, book.document(book.parsed(contents)))
    yield from_bytes("book.css", (resources.templates() / "package" / "epub.css").read_bytes())


def _page(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Page:
    if len(languages) != 1:
        raise PlanError(f"A book has one language; {module.id} was asked for in {len(languages)}.")
    return build(module, languages[0], media=media)


def _cover(module: Module) -> str | None:
    return module.cover if module.cover and module.cover.lower().endswith(_COVERS) else None


def complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return all files of the book, ``mimetype`` first."""
    shown = {_cover(plan.module)}
    for file in plan.files:
        if file.path.endswith(".xhtml") and file.data is not None:
            shown.update(book.pictures(book.parsed(file.data.decode())))
    inside = [file for file in plan.files if file.source is None or file.path in shown]
    return (
        from_bytes("mimetype", MEDIA_TYPE.encode()),
        from_bytes(CONTAINER, _container()),
        from_bytes(PACKAGE, package(plan, inside)),
        *(_moved(file) for file in inside),
    )


def _moved(file: PackageFile) -> PackageFile:
    return PackageFile(FOLDER + file.path, file.data, file.source, file.size, file.sha256)


def _container() -> bytes:
    facts = {"version": "1.0", "xmlns": "urn:oasis:names:tc:opendocument:xmlns:container"}
    kind = "application/oebps-package+xml"
    root = element("rootfile", {"full-path": PACKAGE, "media-type": kind})
    return xml_writer.document(element("container", facts, element("rootfiles", None, root)))


def package(plan: PackagePlan, files: list[PackageFile]) -> bytes:
    """Return the package document: metadata, manifest and spine."""
    (language,) = plan.languages
    page = build(plan.module, language, media=lambda path: path)
    order = [file.path for file in files if _is_chapter(file.path)]
    direction = {"page-progression-direction": "rtl"} if page.dir == "rtl" else {}
    facts = {
        "xmlns": "http://www.idpf.org/2007/opf",
        "version": "3.0",
        "unique-identifier": "book",
        "xml:lang": language,
        "dir": page.dir,
    }
    return xml_writer.document(
        element(
            "package",
            facts,
            element(
                "metadata",
                {"xmlns:dc": "http://purl.org/dc/elements/1.1/"},
                *_metadata(plan.module, page),
            ),
            element("manifest", None, *(_item(plan.module, file.path) for file in files)),
            element(
                "spine", direction, *(element("itemref", {"idref": _id(path)}) for path in order)
            ),
        )
    )


def _is_chapter(path: str) -> bool:
    return path.endswith(".xhtml") and path != CONTENTS


def _metadata(module: Module, page: Page) -> Iterator[Node]:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:minga:{module.id}:{page.lang}")
    yield element("dc:identifier", {"id": "book"}, f"urn:uuid:{name}")
    yield element("dc:title", None, page.title)
    yield element("dc:language", None, page.lang)
    year, month, day, hour, minute, second = entry_time()
    changed = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    yield element("meta", {"property": "dcterms:modified"}, changed)
    for author in page.authors:
        yield element("dc:creator", None, author)
    if page.summary:
        yield element("dc:description", None, page.summary)
    for keyword in page.keywords:
        yield element("dc:subject", None, keyword)
    yield element("dc:rights", None, page.licence_name)
    if page.series:
        yield element("meta", {"property": "belongs-to-collection", "id": "series"}, page.series)
        facts = {"refines": "#series", "property": "collection-type"}
        yield element("meta", facts, "series")
    yield from _access(page)


def _access(page: Page) -> Iterator[Node]:
    """Tell how the book can be perceived (EPUB Accessibility 1.0, 2)."""
    items = [item for section in page.sections for item in section.items]
    modes = ["textual", "visual"]
    modes += sorted({mode for item in items for mode in item.access_modes} - set(modes))
    features = ["structuralNavigation", "tableOfContents", "readingOrder", "alternativeText"]
    features += sorted({one for item in items for one in item.access_features} - set(features))
    for name, values in (("accessMode", modes), ("accessibilityFeature", features)):
        for value in values:
            yield element("meta", {"property": f"schema:{name}"}, value)


def _id(path: str) -> str:
    """Return an identifier for a path, different for each path."""
    safe = (c if (c.isascii() and c.isalnum()) or c in ".-" else f"_{ord(c):x}_" for c in path)
    return "f-" + "".join(safe)


def _item(module: Module, path: str) -> Node:
    file = module.file(path)
    known = next((kind for end, kind in _TYPES.items() if path.endswith(end)), "")
    facts = {
        "id": _id(path),
        "href": quote(path),
        "media-type": file.media_type if file else known,
    }
    if path == CONTENTS:
        facts["properties"] = "nav"
    elif path == _cover(module):
        facts["properties"] = "cover-image"
    return element("item", facts)
