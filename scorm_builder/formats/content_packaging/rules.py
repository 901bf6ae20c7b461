"""Rules of IMS Content Packaging, for every format based on it.

IMS Content Packaging 1.1.2 to 1.1.4: identifiers, the order of children, organizations with their
items, the files listed in resources. The rules of a format call these with a :class:`RuleSource`,
which adds the format's name and its specification to each finding. An ``error`` is what the LMS
that is named, or every LMS, refuses or cannot play; everything else is a ``warning``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.references import (
    BadReferenceError,
    Base,
    FileNames,
    resolve,
    with_bases,
    xml_base,
)
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import MANIFEST

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_CONTROL_DOCUMENTS = (".xsd", ".dtd")
_LONGEST_TITLE = 200
_IDENTIFIED = ("manifest", "organization", "item", "resource")

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
    """Check that identifiers are present, valid (XML Schema's ID) and unique.

    LMSs look items up among items and resources among resources: only there is a second one lost.
    """
    seen: dict[str, XmlElement] = {}
    for one in root.walk():
        if one.local not in _IDENTIFIED:
            continue
        name = one.get("identifier")
        if not name:
            message = f"<{one.local}> lacks an identifier."
            level = make.warning if one.local == "manifest" else make.error
            yield level("identifier", message, one, make.ims)
            continue
        if not _NAME.fullmatch(name):
            message = (
                f'The identifier "{name}" should start with a letter and hold letters, digits, '
                ". - _ only."
            )
            yield make.warning("identifier", message, one, make.ims)
        if (other := seen.setdefault(name, one)) is not one:
            message = f'The identifier "{name}" was given before, in line {other.line}.'
            level = make.error if other.local == one.local else make.warning
            yield level("duplicate-identifier", message, one, make.ims)


def in_order(
    make: RuleSource, parent: XmlElement, found: list[str], wanted: tuple[str, ...], words: str
) -> Iterator[Finding]:
    """Check that those names of ``found`` that are in ``wanted`` have its order.

    ``words`` is the order for the message.
    """
    places = [wanted.index(name) for name in found if name in wanted]
    if places != sorted(places):
        yield make.warning("order", f"In <{parent.local}> the order is {words}.", parent, make.ims)


def organizations(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    """Check that there is an organization with items, and a default one."""
    parent = root.first("organizations")
    several = parent.all("organization") if parent else []
    if parent is None or not several:
        if any(one.get("href") for one in resource_elements(root).values()):
            message = "There is no <organization>: Moodle plays each resource by itself."
            yield make.warning("organizations", message, parent or root, "Moodle")
        else:
            message = "There is no <organization>: nothing to play."
            yield make.error("organizations", message, parent or root, make.ims)
        return
    names = [one.get("identifier") for one in several]
    default = parent.get("default")
    if not default:
        message = "<organizations> does not name its default."
        yield make.warning("default", message, parent, make.ims)
    elif default not in names:
        message = f'The default organization "{default}" does not exist.'
        yield make.warning("default", message, parent, make.ims)
    for one in several:
        heading = one.first("title")
        if heading is None or not heading.text:
            message = "<organization> lacks a title, without which Open edX stops the import."
            yield make.error("title", message, one, "Open edX")
        else:
            yield from title(make, one)
        if one.first("item") is None:
            level = make.error if len(several) == 1 else make.warning
            yield level("items", "The organization has no item: nothing to play.", one)


def title(make: RuleSource, parent: XmlElement) -> Iterator[Finding]:
    """Check that an element has a title of a length that LMSs must support."""
    found = parent.first("title")
    if found is None or not found.text:
        yield make.warning("title", f"<{parent.local}> lacks a title.", parent)
    elif len(found.text) > _LONGEST_TITLE:
        message = (
            f"The title has {len(found.text)} characters; LMSs must store {_LONGEST_TITLE} of them."
        )
        yield make.warning("title", message, found)


def resource_elements(root: XmlElement) -> dict[str, XmlElement]:
    """Return the resources by identifier, those of manifests inside the manifest too."""
    found: dict[str, XmlElement] = {}
    for parent in root.walk():
        if parent.local == "resources":
            for one in parent.all("resource"):
                found.setdefault(one.get("identifier"), one)
    return found


def played(make: RuleSource, root: XmlElement) -> Iterator[Finding | XmlElement]:
    """Check all items; yield their findings, and each item that launches a resource."""
    resources = resource_elements(root)
    manifests = {one.get("identifier") for one in root.walk() if one.local == "manifest"}
    for item in (one for one in root.walk() if one.local == "item"):
        yield from title(make, item)
        target = item.get("identifierref")
        if not target:
            if item.first("item") is None:
                message = "The item leads to no resource: it is a heading only."
                yield make.warning("identifierref", message, item, make.ims)
        elif target not in resources:
            if target not in manifests:
                message = f'There is no resource "{target}".'
                yield make.error("identifierref", message, item, make.ims)
        else:
            if item.attributes["identifierref"] != resources[target].attributes["identifier"]:
                message = f'The identifier "{target}" has white space around it; Moodle keeps it.'
                yield make.warning("white-space", message, item, "Moodle")
            if not resources[target].get("href"):
                message = f'The resource "{target}" is played but lacks an href.'
                yield make.error("href", message, item)
            yield item


def resources(make: RuleSource, root: XmlElement, kind: str) -> Iterator[Finding]:
    """Check the SCORM type and the dependencies of every resource.

    ``kind`` is the full name of the attribute with the type.
    """
    if root.first("resources") is None:
        yield make.error("resources", "<manifest> lacks <resources>.", root, make.ims)
    for resource in resource_elements(root).values():
        yield from _kind(make, resource, kind)
    yield from dependencies(make, root)


def dependencies(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    """Check that the dependencies of resources exist."""
    found = resource_elements(root)
    for resource in found.values():
        for dependency in resource.all("dependency"):
            target = dependency.get("identifierref")
            if target not in found:
                message = f'There is no resource "{target}".'
                yield make.warning("dependency", message, dependency, make.ims)


def _kind(make: RuleSource, resource: XmlElement, wanted: str) -> Iterator[Finding]:
    if resource.get("type") != "webcontent":
        yield make.warning("type", 'The type of a resource is "webcontent".', resource, make.ims)
    kind = resource.get(wanted)
    if kind in ("sco", "asset"):
        return
    name = wanted.rpartition("|")[2]
    case = "in lower case" if name.islower() else "with a capital T"
    for found in resource.attributes:
        if found.rpartition("|")[2].lower() == name.lower() and not kind:
            right = f'adlcp:{name}="{resource.get(found).lower()}"'
            message = f"{found.rpartition('|')[2]} must be written {right}, {case}."
            if "adlcp" in found:  # Moodle makes no difference between upper and lower case here
                yield make.warning("scormtype", message, resource)
            else:
                yield make.error("scormtype", message, resource, "Moodle")
            return
    if kind:
        message = f'The resource must say adlcp:{name}="sco" or "asset", not "{kind}".'
        yield make.error("scormtype", message, resource, "Moodle")
    else:
        message = f'The resource does not say adlcp:{name}="sco": LMSs take it for an asset.'
        yield make.warning("scormtype", message, resource)


def listed_files(make: RuleSource, root: XmlElement, files: Files) -> Iterator[Finding]:
    """Check that listed files exist and that existing files are listed.

    Files are listed in resources, and as metadata by ``adlcp:location``. URLs are resolved as in
    RFC 3986, with ``xml:base`` of the manifest, the resources and the resource.
    """
    lists = _FileList(make, files)
    for one, base in with_bases(root):
        if xml_base(one) and make.prefix.startswith("scorm"):
            yield from _base(make, one)
        if one.local == "location" and "adlcp" in one.namespace and one.text:
            yield from lists.add(one, one.text, base)
        elif one.local == "resource":
            yield from _resource_files(make, lists, one, base)
    for name in sorted(set(files) - lists.listed):
        if not name.endswith(_CONTROL_DOCUMENTS):
            message = "The file is in the package but in no resource of the manifest."
            yield Finding("warning", f"{make.prefix}/unlisted", message, name, source=make.ims)


def _base(make: RuleSource, one: XmlElement) -> Iterator[Finding]:
    """Say what LMSs do with ``xml:base``, which they should follow."""
    if one.local != "resource":
        message = f"Moodle and Open edX ignore xml:base of <{one.local}>: write whole paths."
        yield make.warning("base", message, one, "Moodle, Open edX")
    elif not xml_base(one).endswith("/"):
        message = "xml:base should end with a slash: Moodle puts it before the href."
        yield make.warning("base", message, one, "Moodle")
    else:
        message = "Open edX ignores xml:base: write whole paths."
        yield make.warning("base", message, one, "Open edX")


def _resource_files(
    make: RuleSource, lists: "_FileList", resource: XmlElement, base: Base
) -> Iterator[Finding]:
    own: set[str | None] = set()
    for one in resource.all("file"):
        href = one.get("href")
        if not href:
            yield make.warning("href", "<file> lacks an href.", one, make.ims)
            continue
        yield from lists.add(one, href, base)
        own.add(lists.last)
    href = resource.get("href")
    if not href:
        return
    found = list(lists.add(resource, href, base))
    if lists.last in own:
        return
    yield from found
    if lists.last in lists.files:
        message = f"{lists.last} is played but not among the files of its resource."
        yield make.warning("unlisted", message, resource, make.ims)


class _FileList:
    """The files that a manifest lists. ``last`` is the file that was added last, if it is one."""

    def __init__(self, make: RuleSource, files: Files) -> None:
        self.files = files
        self.listed = {MANIFEST}
        self.last: str | None = None
        self._make = make
        self._names = FileNames(files)

    def add(self, at: XmlElement, href: str, base: Base) -> Iterator[Finding]:
        """Add the file of a URL; yield a finding if there is none."""
        self.last = None
        try:
            name = resolve(href, base)
        except BadReferenceError as error:
            yield self._make.error("href", f"{error}.", at, self._make.ims)
            return
        if name is None:
            return
        self.last = name
        if name in self.files:
            self.listed.add(name)
            return
        hint = ""
        if (similar := self._names.similar(name)) is not None:
            self.listed.add(similar[0])
            hint = f" {similar[1]}"
        message = f"{name or href} is listed but is not in the package.{hint}"
        yield self._make.error("absent", message, at, self._make.ims)
