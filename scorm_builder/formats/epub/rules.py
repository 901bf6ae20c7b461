"""Rules for EPUB 3, as far as they decide whether a reading system opens the book.

From the Open Container Format 3.2 (mimetype, container) and EPUB Packages 3.2 (metadata, manifest,
spine, navigation); links inside must have a target. The tests also run EPUBCheck.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote
from zipfile import ZIP_STORED, ZipInfo

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.references import BadReferenceError, FileNames, resolve
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.epub import CONTAINER, MEDIA_TYPE, package_path

_OCF = "EPUB Open Container Format 3.2"
_PACKAGES = "EPUB Packages 3.2"
_XHTML = "application/xhtml+xml"
_Read = Callable[[str], bytes]


def findings(files: Mapping[str, ZipInfo], read: _Read) -> Iterator[Finding]:
    """Check all rules; ``files`` are the entries of the zip in their order."""
    yield from _type(files, read)
    try:
        path = package_path(xml.read(read(CONTAINER)))
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


def _warning(
    rule: str, message: str, source: str, file: str = "", line: int | None = None
) -> Finding:
    return Finding("warning", f"epub/{rule}", message, file, line, source)


def _is_epub_2(root: XmlElement) -> bool:
    return root.get("version").startswith("2")


def _type(files: Mapping[str, ZipInfo], read: _Read) -> Iterator[Finding]:
    first = next(iter(files.values()))
    if first.filename != "mimetype" or read("mimetype") != MEDIA_TYPE.encode():
        yield _error("mimetype", f"The first file must be mimetype, with {MEDIA_TYPE} in it.", _OCF)
    elif first.compress_type != ZIP_STORED or first.extra:
        yield _error("mimetype", "mimetype must be stored as it is, uncompressed.", _OCF)


def _metadata(root: XmlElement, path: str) -> Iterator[Finding]:
    metadata = root.first("metadata") or root
    if _is_epub_2(root):
        message = "This is EPUB 2: readers open it, and EPUB 3 says more to screen readers."
        yield _warning("version", message, _PACKAGES, path, root.line)
    elif root.get("version") != "3.0":
        yield _warning("version", 'The version must be "3.0".', _PACKAGES, path, root.line)
    for name in ("identifier", "title", "language"):
        found = metadata.first(name)
        if found is None or not found.text:
            yield _error("metadata", f"The book lacks its {name}.", _PACKAGES, path, metadata.line)
    unique = root.get("unique-identifier")
    if unique not in [one.get("id") for one in metadata.all("identifier")]:
        message = f'The identifier "{unique}" of the package does not exist.'
        yield _error("identifier", message, _PACKAGES, path, root.line)
    changed = [one.get("property") for one in metadata.all("meta") if not one.get("refines")]
    if changed.count("dcterms:modified") != 1 and not _is_epub_2(root):
        message = "The book tells once when it was last changed (dcterms:modified)."
        yield _error("modified", message, _PACKAGES, path, metadata.line)


def _items(root: XmlElement) -> list[XmlElement]:
    manifest = root.first("manifest")
    return manifest.all("item") if manifest else []


def _place(path: str, href: str) -> str | None:
    """Return the file that a relative URL in another file refers to, or None if it is remote.

    What leads nowhere is returned as it is.
    """
    try:
        return resolve(href, path)
    except BadReferenceError:
        return href


def _manifest(root: XmlElement, path: str, files: Mapping[str, ZipInfo]) -> Iterator[Finding]:
    listed = {"mimetype", CONTAINER, path}
    names = set()
    similar_names = FileNames(files)
    for item in _items(root):
        name = _place(path, item.get("href"))
        names.add(item.get("id"))
        if name is not None:
            listed.add(name)
            if name not in files:
                similar = similar_names.similar(name)
                listed |= {similar[0]} if similar else set()
                hint = f" {similar[1]}" if similar else ""
                message = f"{name} is listed but is not in the book.{hint}"
                yield _error("absent", message, _PACKAGES, path, item.line)
        if not item.get("media-type"):
            yield _error("type", f"{name} lacks its type.", _PACKAGES, path, item.line)
    for name in files:
        if name not in listed and not name.startswith("META-INF/"):
            yield _warning("unlisted", "The file is in the book but not listed.", _PACKAGES, name)
    navigation = [one for one in _items(root) if "nav" in one.get("properties").split()]
    if len(navigation) != 1 and not _is_epub_2(root):
        yield _error("nav", "One document must hold the contents (nav).", _PACKAGES, path)
    spine = root.first("spine")
    for one in spine.all("itemref") if spine else []:
        target = one.get("idref")
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
        name = _place(path, item.get("href"))
        if item.get("media-type") != _XHTML or name is None or name not in files or name in trees:
            continue
        try:
            trees[name] = xml.read(read(name))
        except xml.DeclarationsError as error:
            message = f"It was not checked: {error}."
            yield _warning("xhtml", message, _PACKAGES, name, error.line)
        except (xml.XmlError, ValueError) as error:
            yield _error("xhtml", f"It cannot be read: {error}.", _PACKAGES, name)
    ids = {name: {one.get("id") for one in tree.walk()} for name, tree in trees.items()}
    for name, tree in trees.items():
        for one in tree.walk():
            for key in ("href", "src", "poster"):
                if key in one.attributes:
                    yield from _leads(name, one, one.get(key), files, ids)


def _leads(
    name: str,
    at: XmlElement,
    url: str,
    files: Mapping[str, ZipInfo],
    ids: Mapping[str, set[str]],
) -> Iterator[Finding]:
    target = _place(name, url)
    if target is None:
        return
    fragment = unquote(url.partition("#")[2])
    if target not in files or (fragment and fragment not in ids.get(target, {fragment})):
        yield _error("link", f"{url} leads nowhere in the book.", _PACKAGES, name, at.line)
