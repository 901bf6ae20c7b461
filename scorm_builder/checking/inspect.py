"""Inspect a package of any origin: format, title, languages, SCOs, completion rule, files.

Nothing that the package says is trusted. What cannot be read is left empty, and the findings of the
check say why.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from courseware.languages import normal
from courseware.media_types import kind_of
from scorm_builder.checking.archive import Archive
from scorm_builder.checking.check import check_contents
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import CheckReport, Finding
from scorm_builder.checking.recognition import open_package, recognise
from scorm_builder.checking.references import BadReferenceError, resolve
from scorm_builder.checking.text import decode, plain
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats import epub, registry

_GROUP_BY_SUFFIX = {
    ".html": "pages",
    ".htm": "pages",
    ".xhtml": "pages",
    ".js": "scripts",
    ".mjs": "scripts",
    ".css": "styles",
    ".xml": "manifests and schemas",
    ".xsd": "manifests and schemas",
    ".dtd": "manifests and schemas",
    ".opf": "manifests and schemas",
    ".ncx": "manifests and schemas",
    ".woff": "fonts",
    ".woff2": "fonts",
    ".ttf": "fonts",
    ".otf": "fonts",
    ".json": "data",
}
_GROUP_BY_FAMILY = {
    "picture": "pictures",
    "video": "videos",
    "captions": "captions",
    "attachment": "attachments",
}
_MODULE_DATA = re.compile(
    r'<script type="application/json" id="minga-module">(.*?)</script>', re.DOTALL
)
_LANG = re.compile(r"<html\b[^>]*?\blang=[\"']?([A-Za-z0-9-]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_MAX_PAGES = 50
_MAX_HEAD = 2_000_000


@dataclass(frozen=True, slots=True)
class LaunchItem:
    """An SCO or assignable unit of a package: its title and the page that it opens."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class FileGroup:
    """The files of one kind: their number and their total size in bytes."""

    name: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a package holds. ``made_here`` is the id and version of our module, if it is one."""

    format: str
    title: str
    languages: tuple[str, ...]
    made_here: str
    scos: tuple[LaunchItem, ...]
    completion: str
    kinds: tuple[FileGroup, ...]
    findings: tuple[Finding, ...]

    @property
    def readable(self) -> bool:
        """Whether the package could be opened."""
        return bool(self.kinds)


def inspect(path: Path) -> Inspection:
    """Inspect the zip, unpacked folder or single file at ``path``. Never raises for its content."""
    contents = open_package(path)
    if isinstance(contents, Finding):
        return Inspection("", "", (), "", (), "", (), (contents,))
    with contents:
        return _inspect(contents, check_contents(contents))


def _inspect(contents: PackageContents, report: CheckReport) -> Inspection:
    archive = contents.archive
    is_readable = archive is None or archive.safe
    root = _manifest(contents) if is_readable else None
    items = tuple(_launch_items(root)) if root else ()
    pages = _module_data_of_pages(archive, items) if archive else ()
    module = pages[0] if pages else {}
    return Inspection(
        _format(contents) if is_readable else _UNKNOWN,
        _title(root, archive),
        _languages(root, module, archive),
        f"{module['id']} {module['version']}" if module else "",
        items,
        _completion(root, pages, items),
        _file_groups(contents),
        report.findings,
    )


_UNKNOWN = "zip of no format that is known here"


def _format(contents: PackageContents) -> str:
    label = next(iter(recognise(contents).values()), None)
    if label is not None:
        return label
    if contents.unreadable:
        return "package whose manifest cannot be read"
    return "website" if "index.html" in contents.files else _UNKNOWN


def _manifest(contents: PackageContents) -> XmlElement | None:
    """Return the root of the first manifest of the registered formats that can be parsed."""
    markers = dict.fromkeys(package_format.marker for package_format in registry.all_formats())
    roots = (contents.root(name) for name in markers if name.endswith(".xml"))
    found = next((root for root in roots if root is not None), None)
    return found if found is not None else epub.package_document(contents)


def _text(archive: Archive | None, name: str) -> str:
    if archive is None or not archive.safe or name not in archive.files:
        return ""
    try:
        return decode(archive.read(name))
    except (ValueError, OSError):  # damaged or too large, which the check reports
        return ""


def _module_data_of_pages(
    archive: Archive, scos: tuple[LaunchItem, ...]
) -> tuple[dict[str, Any], ...]:
    """Return the module data of each page that an LMS or a browser opens, if we made it."""
    names = dict.fromkeys(["index.html", *(_page(sco.href) for sco in scos[:_MAX_PAGES])])
    return tuple(facts for name in names if (facts := _module_data(archive, name)))


def _page(href: str) -> str:
    try:
        return resolve(href) or ""
    except BadReferenceError:
        return ""


def _module_data(archive: Archive, page: str) -> dict[str, Any]:
    found = _MODULE_DATA.search(_text(archive, page))
    with suppress(ValueError, RecursionError):
        facts = json.loads(found[1]) if found else {}
        if isinstance(facts, dict) and all(name in facts for name in ("id", "version")):
            return facts
    return {}


def _named(root: XmlElement, local: str) -> list[XmlElement]:
    return [one for one in root.walk() if one.local == local]


def _title(root: XmlElement | None, archive: Archive | None) -> str:
    """Return the title in the manifest, or else that of the first page."""
    if root is not None and (words := _course_title(root)):
        return words
    found = _TITLE.search(_text(archive, "index.html")[:_MAX_HEAD])
    return plain(found[1]) if found else ""


def _course_title(root: XmlElement) -> str:
    for parent in ("organization", "course", "activity", "general", "metadata"):
        for one in _named(root, parent):
            title = one.first("title") or one.first("name")
            strings = title.children if title and title.children else [title]
            words = next((string.text for string in strings if string and string.text), "")
            if words:
                return words
    return ""


def _course_languages(root: XmlElement) -> tuple[str, ...]:
    """Return the languages that the manifest names, or those of the course's title."""
    parents = [*_named(root, "general"), *_named(root, "metadata")]
    said = [tag.text for parent in parents for tag in parent.all("language")]
    for course in _named(root, "course"):
        title = course.first("title")
        said += [one.attributes.get("lang", "") for one in (title.children if title else ())]
    return tuple(dict.fromkeys(tag for one in said if (tag := normal(one))))


def _languages(
    root: XmlElement | None, ours: Mapping[str, Any], archive: Archive | None
) -> tuple[str, ...]:
    with suppress(KeyError, TypeError):
        return tuple(str(one["tag"]) for one in ours["languages"])
    if root is not None and (tags := _course_languages(root)):
        return tags
    said = []
    files = archive.files if archive else ()
    pages = [name for name in files if name.lower().endswith((".html", ".htm", ".xhtml"))]
    for name in pages[:_MAX_PAGES]:
        found = _LANG.search(_text(archive, name)[:10_000])
        said += [found[1]] if found else []
    return tuple(dict.fromkeys(tag for one in said if (tag := normal(one))))


def _launch_items(root: XmlElement) -> Iterator[LaunchItem]:
    for unit in _named(root, "au") if root.local == "courseStructure" else ():
        title, url = unit.first("title"), unit.first("url")
        words = title.first("langstring") if title else None
        yield LaunchItem(words.text if words else "", unquote(url.text) if url else "")
    resources = {one.get("identifier"): one for one in _named(root, "resource")}
    for item in _named(root, "item"):
        resource = resources.get(item.get("identifierref"))
        if resource is None:
            continue
        kinds = (
            resource.get(name)
            for name in resource.attributes
            if name.rpartition("|")[2].lower() == "scormtype"
        )
        if next(kinds, "").lower() == "sco":
            title = item.first("title")
            href = unquote(resource.get("href"))
            yield LaunchItem(title.text if title else "", href)


def _completion(
    root: XmlElement | None, ours: Sequence[Mapping[str, Any]], scos: tuple[LaunchItem, ...]
) -> str:
    if len(ours) > 1:
        return " ".join(["Each part by itself.", *map(_own_rule, ours)])
    if ours:
        return _own_rule(ours[0])
    for local, attribute, sentence in (
        ("masteryscore", "", "A score of at least {} of 100."),
        ("minNormalizedMeasure", "", "A score of at least {} of 1."),
        ("completionThreshold", "minProgressMeasure", "A progress of at least {} of 1."),
        ("au", "moveOn", "The criterion of the LMS (cmi5 moveOn): {}."),
    ):
        for one in _named(root, local) if root else ():
            value = one.attributes.get(attribute, "") or one.text
            if value:
                return sentence.format(value[:40])
    return "Its own script decides: the manifest sets no rule." if scos else ""


def _own_rule(ours: Mapping[str, Any]) -> str:
    required, sections = ours.get("required"), ours.get("sections")
    if not isinstance(required, list) or not isinstance(sections, list):
        return ""
    seen = (
        f"All {len(sections)} sections seen"
        if len(required) == len(sections) > 1
        else f"Sections seen: {', '.join(map(str, required)) or 'none'}"
    )
    asked = ours.get("questions")
    rule = f"{seen}; suggested questions answered: {asked}." if asked else f"{seen}."
    mastery = ours.get("mastery")
    return f"{rule} Passed from {mastery} % of that on." if mastery else rule


def _file_groups(contents: PackageContents) -> tuple[FileGroup, ...]:
    sizes: dict[str, list[int]] = {}
    for name, size in _sizes(contents).items():
        sizes.setdefault(_group(name), []).append(size)
    groups = [FileGroup(name, len(found), sum(found)) for name, found in sizes.items()]
    return tuple(sorted(groups, key=lambda group: (-group.size, group.name)))


def _sizes(contents: PackageContents) -> Mapping[str, int]:
    if not contents.is_single_file:
        return contents.files
    name = "manifest.xml" if contents.is_xml_file else contents.path.name
    return {name: contents.path.stat().st_size}


def _group(name: str) -> str:
    suffix = posixpath.splitext(name)[1].lower()
    known = kind_of(name)
    return _GROUP_BY_SUFFIX.get(suffix) or (
        _GROUP_BY_FAMILY[known.family] if known else "other files"
    )
