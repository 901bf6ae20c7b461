"""Rules of IMS Content Packaging, for every format based on it.

IMS Content Packaging 1.1.2 to 1.1.4: identifiers, the order of children, organizations with their
items, the files listed in resources. The rules of a format call these with a :class:`RuleSource`,
which adds the format's name and its specification to each finding.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import MANIFEST

XML = "http://www.w3.org/XML/1998/namespace"

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_CONTROL_DOCUMENTS = (".xsd", ".dtd")
_LONGEST_TITLE = 200

Files = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Make the findings of a format.

    ``prefix`` is its name in rule ids; ``own`` and ``ims`` are the specifications to cite.
    """

    prefix: str
    own: str
    ims: str

    def error(self, rule: str, message: str, at: XmlElement, source: str | None = None) -> Finding:
        """Return a finding that makes an LMS refuse the package or not play it."""
        clause = f"{self.prefix}/{rule}"
        return Finding("error", clause, message, MANIFEST, at.line, source or self.own)

    def warning(
        self, rule: str, message: str, at: XmlElement, source: str | None = None
    ) -> Finding:
        """Return a finding that an LMS ignores or interprets differently than intended."""
        clause = f"{self.prefix}/{rule}"
        return Finding("warning", clause, message, MANIFEST, at.line, source or self.own)


def identifiers(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    """Check that identifiers are present, valid and unique."""
    seen: dict[str, int] = {}
    for one in root.walk():
        if one.local not in ("manifest", "organization", "item", "resource"):
            continue
        name = one.attributes.get("identifier")
        if name is None:
            yield make.error("identifier", f"<{one.local}> lacks an identifier.", one, make.ims)
        elif not _NAME.fullmatch(name):
            message = (
                f'The identifier "{name}" must start with a letter and hold letters, digits, . - _'
            )
            yield make.error("identifier", f"{message} only.", one, make.ims)
        elif name in seen:
            message = f'The identifier "{name}" was given before, in line {seen[name]}.'
            yield make.error("duplicate-identifier", message, one, make.ims)
        else:
            seen[name] = one.line


def in_order(
    make: RuleSource, parent: XmlElement, found: list[str], wanted: tuple[str, ...], words: str
) -> Iterator[Finding]:
    """Check that those names of ``found`` that are in ``wanted`` have its order.

    ``words`` is the order for the message.
    """
    places = [wanted.index(name) for name in found if name in wanted]
    if places != sorted(places):
        yield make.error("order", f"In <{parent.local}> the order is {words}.", parent, make.ims)


def organizations(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    """Check that there is an organization with items, and a default one."""
    parent = root.first("organizations")
    if parent is None:
        yield make.error("organizations", "<manifest> lacks <organizations>.", root, make.ims)
        return
    several = parent.all("organization")
    if not several:
        yield make.error("organizations", "There is no <organization>: nothing to play.", parent)
        return
    names = [one.attributes.get("identifier") for one in several]
    default = parent.attributes.get("default")
    if default is None:
        message = "<organizations> does not name its default."
        yield make.warning("default", message, parent, make.ims)
    elif default not in names:
        message = f'The default organization "{default}" does not exist.'
        yield make.error("default", message, parent, make.ims)
    for one in several:
        yield from title(make, one)
        if one.first("item") is None:
            yield make.error("items", "The organization has no item: nothing to play.", one)


def title(make: RuleSource, parent: XmlElement) -> Iterator[Finding]:
    """Check that an element has a title of a length that LMSs must support."""
    found = parent.first("title")
    if found is None or not found.text:
        yield make.error("title", f"<{parent.local}> lacks a title.", parent)
    elif len(found.text) > _LONGEST_TITLE:
        message = (
            f"The title has {len(found.text)} characters; {_LONGEST_TITLE} are promised to be kept."
        )
        yield make.warning("title", message, found)


def played(make: RuleSource, root: XmlElement) -> Iterator[Finding | XmlElement]:
    """Check all items; yield their findings, and each item that launches a resource."""
    parent = root.first("resources")
    resources = (
        {one.attributes.get("identifier"): one for one in parent.all("resource")} if parent else {}
    )
    for item in (one for one in root.walk() if one.local == "item"):
        yield from title(make, item)
        target = item.attributes.get("identifierref")
        if target is None:
            if item.first("item") is None:
                yield make.error("identifierref", "The item leads to no resource.", item, make.ims)
        elif target not in resources:
            message = f'There is no resource "{target}".'
            yield make.error("identifierref", message, item, make.ims)
        else:
            if not resources[target].attributes.get("href"):
                message = f'The resource "{target}" is played but lacks an href.'
                yield make.error("href", message, item)
            yield item


def resources(make: RuleSource, root: XmlElement, kind: str) -> Iterator[Finding]:
    """Check the SCORM type and the dependencies of every resource.

    ``kind`` is the full name of the attribute with the type.
    """
    parent = root.first("resources")
    if parent is None:
        yield make.error("resources", "<manifest> lacks <resources>.", root, make.ims)
        return
    names = {one.attributes.get("identifier") for one in parent.all("resource")}
    for resource in parent.all("resource"):
        yield from _kind(make, resource, kind)
        for dependency in resource.all("dependency"):
            target = dependency.attributes.get("identifierref")
            if target not in names:
                message = f'There is no resource "{target}".'
                yield make.error("dependency", message, dependency, make.ims)


def _kind(make: RuleSource, resource: XmlElement, wanted: str) -> Iterator[Finding]:
    if resource.attributes.get("type") != "webcontent":
        yield make.error("type", 'The type of a resource is "webcontent".', resource, make.ims)
    kind = resource.attributes.get(wanted)
    if kind in ("sco", "asset"):
        return
    name = wanted.rpartition("|")[2]
    case = "in lower case" if name.islower() else "with a capital T"
    for found, value in resource.attributes.items():
        if found.rpartition("|")[2].lower() == name.lower() and kind is None:
            right = f'adlcp:{name}="{value.lower()}"'
            message = f"{found.rpartition('|')[2]} must be written {right}, {case}."
            yield make.error("scormtype", message, resource)
            return
    message = f'The resource must say adlcp:{name}="sco" or "asset"'
    yield make.error("scormtype", message + (f', not "{kind}".' if kind else "."), resource)


def listed_files(
    make: RuleSource, root: XmlElement, files: Files, others: tuple[XmlElement, ...] = ()
) -> Iterator[Finding]:
    """Check that listed files exist and that existing files are listed, with the same case.

    The text of ``others`` are names of files too.
    """
    parent = root.first("resources")
    if parent is None:
        return
    listed = {MANIFEST}
    base = root.attributes.get(f"{XML}|base", "")
    for one in others:
        yield from _listed(make, one, one.text, base, files, listed)
    base += parent.attributes.get(f"{XML}|base", "")
    for resource in parent.all("resource"):
        here = base + resource.attributes.get(f"{XML}|base", "")
        own = {one.attributes.get("href", "") for one in resource.all("file")}
        for one in resource.all("file"):
            yield from _listed(make, one, one.attributes.get("href", ""), here, files, listed)
        href = resource.attributes.get("href")
        if href is None:
            continue
        yield from _listed(make, resource, href, here, files, listed)
        if not _is_remote(href) and _plain(href) not in {_plain(name) for name in own}:
            message = f"{_plain(href)} is played but not among the files of its resource."
            yield make.error("unlisted", message, resource, make.ims)
    for name in sorted(set(files) - listed):
        if not name.endswith(_CONTROL_DOCUMENTS):
            message = "The file is in the package but in no resource of the manifest."
            yield Finding("warning", f"{make.prefix}/unlisted", message, name, source=make.ims)


def _listed(
    make: RuleSource, at: XmlElement, href: str, base: str, files: Files, listed: set[str]
) -> Iterator[Finding]:
    if _is_remote(href):
        return
    name = base + _plain(href)
    if name in files:
        listed.add(name)
        return
    if not name:
        yield make.error("href", f"<{at.local}> lacks an href.", at, make.ims)
        return
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        yield make.error("href", f"{name} does not stay inside the package.", at, make.ims)
        return
    other = next((one for one in files if one.lower() == name.lower()), None)
    hint = f" {other} differs by upper and lower case." if other else ""
    yield make.error("absent", f"{name} is listed but is not in the package.{hint}", at, make.ims)


def _is_remote(href: str) -> bool:
    return bool(urlsplit(href).netloc)


def _plain(href: str) -> str:
    """Return the file name in an href: without query and fragment, percent-decoded."""
    return unquote(href.partition("#")[0].partition("?")[0])
