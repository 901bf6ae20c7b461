"""Rules for EPUB 3, as far as they decide whether a reading system opens the book.

From the Open Container Format 3.2 (mimetype, container) and EPUB Packages 3.2 (metadata, manifest,
spine, navigation); links inside must have a target. The tests also run EPUBCheck.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote, urlsplit
from zipfile import ZIP_STORED, ZipInfo

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.epub import CONTAINER, MEDIA_TYPE

_OCF = "EPUB Open Container Format 3.2"
_PACKAGES = "EPUB Packages 3.2"
_XHTML = "application/xhtml+xml"
_Read = Callable[[str], bytes]


def findings(files: Mapping[str, ZipInfo], read: _Read) -> Iterator[Finding]:
    """Check all rules; ``files`` are the entries of the zip in their order."""
    yield from _type(files, read)
    try:
        path = _package_path(xml.read(read(CONTAINER)))
        root = xml.read(read(path))
    except KeyError as missing:
        yield _error("container", f"There is no {missing.args[0]}.", _OCF)
        return
    except (xml.XmlError, ValueError) as error:
        yield _error("container", f"The book's description cannot be read: {error}.", _OCF)
        return
    yield from _metadata(root, path)
    yield from _manifest(root, path, files)
    yield from _documents(root, path, files, read)


def _error(
    rule: str, message: str, source: str, file: str = "", line: int | None = None
) -> Finding:
    return Finding("error", f"epub/{rule}", message, file, line, source)


def _type(files: Mapping[str, ZipInfo], read: _Read) -> Iterator[Finding]:
    first = next(iter(files.values()))
    if first.filename != "mimetype" or read("mimetype") != MEDIA_TYPE.encode():
        yield _error("mimetype", f"The first file must be mimetype, with {MEDIA_TYPE} in it.", _OCF)
    elif first.compress_type != ZIP_STORED or first.extra:
        yield _error("mimetype", "mimetype must be stored as it is, uncompressed.", _OCF)


def _package_path(container: XmlElement) -> str:
    for one in container.walk():
        if one.local == "rootfile":
            return one.attributes.get("full-path", "")
    raise ValueError("the container names no package document")


def _metadata(root: XmlElement, path: str) -> Iterator[Finding]:
    metadata = root.first("metadata") or root
    if root.attributes.get("version") != "3.0":
        yield _error("version", 'The version must be "3.0".', _PACKAGES, path, root.line)
    for name in ("identifier", "title", "language"):
        found = metadata.first(name)
        if found is None or not found.text:
            yield _error("metadata", f"The book lacks its {name}.", _PACKAGES, path, metadata.line)
    unique = root.attributes.get("unique-identifier")
    if unique not in [one.attributes.get("id") for one in metadata.all("identifier")]:
        message = f'The identifier "{unique}" of the package does not exist.'
        yield _error("identifier", message, _PACKAGES, path, root.line)
    changed = [one.attributes.get("property") for one in metadata.all("meta")]
    if changed.count("dcterms:modified") != 1:
        message = "The book tells once when it was last changed (dcterms:modified)."
        yield _error("modified", message, _PACKAGES, path, metadata.line)


def _items(root: XmlElement) -> list[XmlElement]:
    manifest = root.first("manifest")
    return manifest.all("item") if manifest else []


def _place(path: str, href: str) -> str:
    """Return the file that a relative URL in another file refers to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(href)))


def _manifest(root: XmlElement, path: str, files: Mapping[str, ZipInfo]) -> Iterator[Finding]:
    listed = {"mimetype", CONTAINER, path}
    names = set()
    for item in _items(root):
        name = _place(path, item.attributes.get("href", ""))
        listed.add(name)
        names.add(item.attributes.get("id"))
        if name not in files:
            message = f"{name} is listed but is not in the book."
            yield _error("absent", message, _PACKAGES, path, item.line)
        if not item.attributes.get("media-type"):
            yield _error("type", f"{name} lacks its type.", _PACKAGES, path, item.line)
    for name in files:
        if name not in listed and not name.startswith("META-INF/"):
            yield _error("unlisted", "The file is in the book but not listed.", _PACKAGES, name)
    navigation = [
        one for one in _items(root) if "nav" in one.attributes.get("properties", "").split()
    ]
    if len(navigation) != 1:
        yield _error("nav", "One document must hold the contents (nav).", _PACKAGES, path)
    spine = root.first("spine")
    for one in spine.all("itemref") if spine else []:
        target = one.attributes.get("idref")
        if target not in names:
            message = f'There is no item "{target}" to read.'
            yield _error("spine", message, _PACKAGES, path, one.line)
    if spine is None or not spine.all("itemref"):
        yield _error("spine", "The book has nothing to read (spine).", _PACKAGES, path)


def _documents(
    root: XmlElement, path: str, files: Mapping[str, ZipInfo], read: _Read
) -> Iterator[Finding]:
    trees = {}
    for item in _items(root):
        name = _place(path, item.attributes.get("href", ""))
        if item.attributes.get("media-type") != _XHTML or name not in files:
            continue
        try:
            trees[name] = xml.read(read(name))
        except (xml.XmlError, ValueError) as error:
            yield _error("xhtml", f"It cannot be read: {error}.", _PACKAGES, name)
    ids = {
        name: {one.attributes["id"] for one in tree.walk() if "id" in one.attributes}
        for name, tree in trees.items()
    }
    for name, tree in trees.items():
        for one in tree.walk():
            for key in ("href", "src", "poster"):
                if key in one.attributes:
                    yield from _leads(name, one, one.attributes[key], files, ids)


def _leads(
    name: str,
    at: XmlElement,
    url: str,
    files: Mapping[str, ZipInfo],
    ids: Mapping[str, set[str]],
) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return
    target = _place(name, parts.path) if parts.path else name
    fragment = unquote(parts.fragment)
    if target not in files or (fragment and fragment not in ids.get(target, {fragment})):
        yield _error("link", f"{url} leads nowhere in the book.", _PACKAGES, name, at.line)
