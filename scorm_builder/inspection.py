"""What is in a package, for a person who holds a zip and wonders. Ours or anybody's.

Nothing is taken for granted: what cannot be read is left empty, and the findings of the check say
why.
"""

import json
import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile

from courseware.languages import normal
from courseware.media_types import kind_of
from scorm_builder import check, xml
from scorm_builder.archive import Archive, open_archive
from scorm_builder.findings import Finding
from scorm_builder.formats import cmi5_rules
from scorm_builder.xml import Element

_MANIFESTS = ("imsmanifest.xml", "cmi5.xml", "tincan.xml")
_ENDINGS = {
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
_FAMILIES = {
    "picture": "pictures",
    "video": "videos",
    "captions": "captions",
    "attachment": "attachments",
}
_OURS = re.compile(r'<script type="application/json" id="minga-module">(.*?)</script>', re.DOTALL)
_LANG = re.compile(r"<html\b[^>]*?\blang=[\"']?([A-Za-z0-9-]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What a damaged or encrypted entry raises; the check tells of it."""

_UNKNOWN_XML = "XML of no format known here"
_MOST_PAGES = 50
_MOST_HEAD = 2_000_000


@dataclass(frozen=True, slots=True)
class Sco:
    """Something that an LMS starts: its title and the page it opens."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Kind:
    """The files of one kind: how many, and their bytes in all."""

    name: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a zip holds. ``made_here`` is the id and version of our module, if it is one."""

    format: str
    title: str
    languages: tuple[str, ...]
    made_here: str
    scos: tuple[Sco, ...]
    completion: str
    kinds: tuple[Kind, ...]
    findings: tuple[Finding, ...]

    @property
    def readable(self) -> bool:
        """Whether it could be looked into at all."""
        return bool(self.kinds)


def inspect(path: Path) -> Inspection:
    """Look into the zip at ``path``. Never raises for anything that it holds."""
    report = check.check(path)
    if cmi5_rules.stands_alone(path):
        return _alone(path, report)
    archive = open_archive(path)
    if isinstance(archive, Finding):
        return Inspection("", "", (), "", (), "", (), report.findings)
    with archive:
        root = _manifest(archive) if archive.safe else None
        scos = tuple(_scos(root)) if root else ()
        parts = _ours(archive, scos)
        ours = parts[0] if parts else {}
        return Inspection(
            _format(report.format, root, archive),
            _title(root, archive),
            _languages(root, ours, archive),
            f"{ours['id']} {ours['version']}" if ours else "",
            scos,
            _completion(root, parts, scos),
            _kinds(archive),
            report.findings,
        )


def _alone(path: Path, report: check.Report) -> Inspection:
    """Tell of a course structure of cmi5 that came without a package."""
    try:
        data = path.read_bytes()
        root = xml.read(data)
    except (OSError, xml.XmlError):
        return Inspection("", "", (), "", (), "", (), report.findings)
    scos = tuple(_scos(root))
    return Inspection(
        "cmi5, the course structure alone" if root.local == "courseStructure" else _UNKNOWN_XML,
        _course_title(root),
        _course_languages(root),
        "",
        scos,
        _completion(root, (), scos),
        (Kind(_ENDINGS[".xml"], 1, len(data)),),
        report.findings,
    )


def _text(archive: Archive, name: str) -> str:
    if not archive.safe or name not in archive.files:
        return ""
    try:
        return archive.read(name).decode("utf-8", "replace")
    except _UNREADABLE:
        return ""


def _manifest(archive: Archive) -> Element | None:
    name = next((one for one in _MANIFESTS if one in archive.files), "")
    with suppress(xml.XmlError):
        text = _text(archive, name)
        return xml.read(text.encode()) if text else None
    return None


def _ours(archive: Archive, scos: tuple[Sco, ...]) -> tuple[dict[str, Any], ...]:
    """Return what each page of ours says that an LMS starts, or that a browser does."""
    names = dict.fromkeys(["index.html", *(sco.href for sco in scos[:_MOST_PAGES])])
    return tuple(facts for name in names if (facts := _facts(archive, name)))


def _facts(archive: Archive, page: str) -> dict[str, Any]:
    found = _OURS.search(_text(archive, page))
    with suppress(ValueError):
        facts = json.loads(found[1]) if found else {}
        if isinstance(facts, dict) and all(name in facts for name in ("id", "version")):
            return facts
    return {}


def _format(known: str | None, root: Element | None, archive: Archive) -> str:
    if root is not None:
        words = [one.text for name in ("schema", "schemaversion") for one in _named(root, name)[:1]]
        if words and all(words):
            return " ".join(words)
        if root.local == "courseStructure":
            return "cmi5"
        if root.local == "tincan":
            return "Tin Can (xAPI)"
    if _text(archive, "mimetype").strip() == "application/epub+zip":
        return "EPUB"
    if known:
        return known
    return "website" if "index.html" in archive.files else "zip of no format that is known here"


def _named(root: Element, local: str) -> list[Element]:
    return [one for one in root.walk() if one.local == local]


def _title(root: Element | None, archive: Archive) -> str:
    """Return the title that the manifest gives the whole, or else the first page's."""
    if root is not None and (words := _course_title(root)):
        return words
    found = _TITLE.search(_text(archive, "index.html")[:_MOST_HEAD])
    return found[1] if found else ""


def _course_title(root: Element) -> str:
    for parent in ("organization", "course", "activity", "general"):
        for one in _named(root, parent):
            title = one.first("title") or one.first("name")
            strings = title.children if title and title.children else [title]
            words = next((string.text for string in strings if string and string.text), "")
            if words:
                return words
    return ""


def _course_languages(root: Element) -> tuple[str, ...]:
    """Return the languages that a manifest names, or those of its course's title."""
    said = [tag.text for general in _named(root, "general") for tag in general.all("language")]
    for course in _named(root, "course"):
        title = course.first("title")
        said += [one.attributes.get("lang", "") for one in (title.children if title else ())]
    return tuple(dict.fromkeys(tag for one in said if (tag := normal(one))))


def _languages(root: Element | None, ours: Mapping[str, Any], archive: Archive) -> tuple[str, ...]:
    with suppress(KeyError, TypeError):
        return tuple(str(one["tag"]) for one in ours["languages"])
    if root is not None and (tags := _course_languages(root)):
        return tags
    said = []
    pages = [name for name in archive.files if name.lower().endswith((".html", ".htm", ".xhtml"))]
    for name in pages[:_MOST_PAGES]:
        found = _LANG.search(_text(archive, name)[:10_000])
        said += [found[1]] if found else []
    return tuple(dict.fromkeys(tag for one in said if (tag := normal(one))))


def _scos(root: Element) -> Iterator[Sco]:
    for unit in _named(root, "au") if root.local == "courseStructure" else ():
        title, url = unit.first("title"), unit.first("url")
        words = title.first("langstring") if title else None
        yield Sco(words.text if words else "", unquote(url.text) if url else "")
    resources = {one.attributes.get("identifier"): one for one in _named(root, "resource")}
    for item in _named(root, "item"):
        resource = resources.get(item.attributes.get("identifierref", ""))
        kinds = (
            value
            for name, value in (resource.attributes.items() if resource else ())
            if name.rpartition("|")[2].lower() == "scormtype"
        )
        if resource is not None and next(kinds, "").lower() == "sco":
            title = item.first("title")
            href = unquote(resource.attributes.get("href", ""))
            yield Sco(title.text if title else "", href)


def _completion(
    root: Element | None, ours: Sequence[Mapping[str, Any]], scos: tuple[Sco, ...]
) -> str:
    if len(ours) > 1:
        return " ".join(["Each part by itself.", *map(_own_rule, ours)])
    if ours:
        return _own_rule(ours[0])
    for local, attribute, sentence in (
        ("masteryscore", "", "A score of at least {} of 100."),
        ("minNormalizedMeasure", "", "A score of at least {} of 1."),
        ("completionThreshold", "minProgressMeasure", "A progress of at least {} of 1."),
        ("au", "moveOn", "What the LMS is told, as cmi5 names it: {}."),
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


def _kinds(archive: Archive) -> tuple[Kind, ...]:
    kinds: dict[str, list[int]] = {}
    for name, entry in archive.files.items():
        kinds.setdefault(_kind(name), []).append(entry.file_size)
    found = [Kind(name, len(sizes), sum(sizes)) for name, sizes in kinds.items()]
    return tuple(sorted(found, key=lambda kind: (-kind.size, kind.name)))


def _kind(name: str) -> str:
    ending = posixpath.splitext(name)[1].lower()
    known = kind_of(name)
    return _ENDINGS.get(ending) or (_FAMILIES[known.family] if known else "other files")
