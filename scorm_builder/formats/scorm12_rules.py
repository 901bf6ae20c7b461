"""What SCORM 1.2 asks of a manifest, rule by rule; what LMSs were seen to do stands beside some.

From the SCORM 1.2 Content Aggregation Model (part 2.3, content packaging) and IMS Content
Packaging 1.1.2. ``error`` is what makes an LMS refuse the package or not play it, ``warning`` what
they pass over.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from scorm_builder.findings import Finding
from scorm_builder.xml import Element

MANIFEST = "imsmanifest.xml"
CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
XML = "http://www.w3.org/XML/1998/namespace"

_CAM = "SCORM 1.2 CAM 2.3"
_IMS = "IMS Content Packaging 1.1.2"
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_CONTROL_DOCUMENTS = (".xsd", ".dtd")
_ITEM_ORDER = ("title", "item", "metadata")
_TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")
_LONGEST_TITLE = 200

_Files = Mapping[str, int]


def findings(root: Element, files: _Files) -> Iterator[Finding]:
    """Go through every rule; ``files`` are the names and sizes of what the package holds."""
    if root.local != "manifest":
        yield _error(
            "root", f"The document's element is <{root.local}>, not <manifest>.", root, _IMS
        )
        return
    if root.namespace != CP:
        yield _error("namespace", f"<manifest> must be in the namespace {CP}.", root)
    yield from _version(root)
    yield from _identifiers(root)
    yield from _order(root)
    yield from _organizations(root)
    yield from _items(root)
    yield from _resources(root)
    yield from _files(root, files)


def _error(rule: str, message: str, at: Element, source: str = _CAM) -> Finding:
    return Finding("error", f"scorm12/{rule}", message, MANIFEST, at.line, source)


def _warning(rule: str, message: str, at: Element, source: str = _CAM) -> Finding:
    return Finding("warning", f"scorm12/{rule}", message, MANIFEST, at.line, source)


def _version(root: Element) -> Iterator[Finding]:
    metadata = root.first("metadata")
    for name, wanted in (("schema", "ADL SCORM"), ("schemaversion", "1.2")):
        found = metadata.first(name) if metadata else None
        if found is None:
            message = f"<metadata> lacks <{name}>{wanted}</{name}>."
            yield _error(name, message, metadata or root)
        elif found.text != wanted:
            yield _error(name, f'<{name}> must be "{wanted}", not "{found.text}".', found)


def _identifiers(root: Element) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for one in root.walk():
        if one.local not in ("manifest", "organization", "item", "resource"):
            continue
        name = one.attributes.get("identifier")
        if name is None:
            yield _error("identifier", f"<{one.local}> lacks an identifier.", one, _IMS)
        elif not _NAME.fullmatch(name):
            message = (
                f'The identifier "{name}" must start with a letter and hold letters, digits, . - _'
            )
            yield _error("identifier", f"{message} only.", one, _IMS)
        elif name in seen:
            message = f'The identifier "{name}" was given before, in line {seen[name]}.'
            yield _error("duplicate-identifier", message, one, _IMS)
        else:
            seen[name] = one.line


def _order(root: Element) -> Iterator[Finding]:
    wanted = ("metadata", "organizations", "resources", "manifest")
    yield from _in_order(root, [child.local for child in root.children], wanted)
    for item in (one for one in root.walk() if one.local == "item"):
        known = [child.local if child.namespace != ADLCP else "adlcp" for child in item.children]
        yield from _in_order(item, known, (*_ITEM_ORDER, "adlcp"))


def _in_order(parent: Element, found: list[str], wanted: tuple[str, ...]) -> Iterator[Finding]:
    places = [wanted.index(name) for name in found if name in wanted]
    if places != sorted(places):
        order = ", ".join(wanted[:-1]).replace("item", "items")
        last = "adlcp elements" if wanted[-1] == "adlcp" else f"{wanted[-1]}s"
        yield _error("order", f"In <{parent.local}> the order is {order}, {last}.", parent, _IMS)


def _organizations(root: Element) -> Iterator[Finding]:
    parent = root.first("organizations")
    if parent is None:
        yield _error("organizations", "<manifest> lacks <organizations>.", root, _IMS)
        return
    organizations = parent.all("organization")
    if not organizations:
        yield _error("organizations", "There is no <organization>: nothing to play.", parent)
        return
    names = [one.attributes.get("identifier") for one in organizations]
    default = parent.attributes.get("default")
    if default is None:
        yield _warning("default", "<organizations> does not name its default.", parent, _IMS)
    elif default not in names:
        yield _error(
            "default", f'The default organization "{default}" does not exist.', parent, _IMS
        )
    for one in organizations:
        yield from _title(one)
        if one.first("item") is None:
            yield _error("items", "The organization has no item: nothing to play.", one)


def _title(parent: Element) -> Iterator[Finding]:
    title = parent.first("title")
    if title is None or not title.text:
        yield _error("title", f"<{parent.local}> lacks a title.", parent)
    elif len(title.text) > _LONGEST_TITLE:
        message = (
            f"The title has {len(title.text)} characters; {_LONGEST_TITLE} are promised to be kept."
        )
        yield _warning("title", message, title)


def _items(root: Element) -> Iterator[Finding]:
    parent = root.first("resources")
    resources = (
        {one.attributes.get("identifier"): one for one in parent.all("resource")} if parent else {}
    )
    played = 0
    for item in (one for one in root.walk() if one.local == "item"):
        yield from _title(item)
        target = item.attributes.get("identifierref")
        if target is None:
            if item.first("item") is None:
                yield _error("identifierref", "The item leads to no resource.", item, _IMS)
        elif target not in resources:
            yield _error("identifierref", f'There is no resource "{target}".', item, _IMS)
        else:
            played += 1
            if not resources[target].attributes.get("href"):
                yield _error("href", f'The resource "{target}" is played but lacks an href.', item)
        yield from _item_rules(item)
    if played > 1:
        message = f"There are {played} items to play: several LMSs show only the first."
        yield _warning("several", message, root)


def _item_rules(item: Element) -> Iterator[Finding]:
    for child in item.children:
        if child.local == "masteryscore":
            if child.namespace != ADLCP:
                yield _error(
                    "masteryscore", "<masteryscore> must be in the adlcp namespace.", child
                )
            if not _is_percent(child.text):
                message = f'The mastery score must be a number from 0 to 100, not "{child.text}".'
                yield _error("masteryscore", message, child)
        elif child.local == "timelimitaction" and child.text not in _TIME_LIMIT_ACTIONS:
            message = f'"{child.text}" is not one of {"; ".join(_TIME_LIMIT_ACTIONS)}.'
            yield _error("timelimitaction", message, child)


def _is_percent(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", text) is not None and float(text) <= 100


def _resources(root: Element) -> Iterator[Finding]:
    parent = root.first("resources")
    if parent is None:
        yield _error("resources", "<manifest> lacks <resources>.", root, _IMS)
        return
    names = {one.attributes.get("identifier") for one in parent.all("resource")}
    for resource in parent.all("resource"):
        yield from _kind(resource)
        for dependency in resource.all("dependency"):
            target = dependency.attributes.get("identifierref")
            if target not in names:
                yield _error("dependency", f'There is no resource "{target}".', dependency, _IMS)


def _kind(resource: Element) -> Iterator[Finding]:
    if resource.attributes.get("type") != "webcontent":
        yield _error("type", 'The type of a resource is "webcontent".', resource, _IMS)
    kind = resource.attributes.get(f"{ADLCP}|scormtype")
    if kind in ("sco", "asset"):
        return
    for name, value in resource.attributes.items():
        if name.rpartition("|")[2].lower() == "scormtype" and kind is None:
            right = f'adlcp:scormtype="{value.lower()}"'
            message = f"{name.rpartition('|')[2]} must be written {right}, in lower case."
            yield _error("scormtype", message, resource)
            return
    message = 'The resource must say adlcp:scormtype="sco" or "asset"'
    yield _error("scormtype", message + (f', not "{kind}".' if kind else "."), resource)


def _files(root: Element, files: _Files) -> Iterator[Finding]:
    parent = root.first("resources")
    if parent is None:
        return
    listed = {MANIFEST}
    base = root.attributes.get(f"{XML}|base", "") + parent.attributes.get(f"{XML}|base", "")
    for resource in parent.all("resource"):
        here = base + resource.attributes.get(f"{XML}|base", "")
        own = {one.attributes.get("href", "") for one in resource.all("file")}
        for one in resource.all("file"):
            yield from _listed(one, here, files, listed)
        href = resource.attributes.get("href")
        if href is None:
            continue
        yield from _listed(resource, here, files, listed)
        if not _is_remote(href) and _plain(href) not in {_plain(name) for name in own}:
            message = f"{_plain(href)} is played but not among the files of its resource."
            yield _error("unlisted", message, resource, _IMS)
    for name in sorted(set(files) - listed):
        if not name.endswith(_CONTROL_DOCUMENTS):
            message = "The file is in the package but in no resource of the manifest."
            yield Finding("warning", "scorm12/unlisted", message, name, source=_IMS)


def _listed(at: Element, base: str, files: _Files, listed: set[str]) -> Iterator[Finding]:
    href = at.attributes.get("href", "")
    if _is_remote(href):
        return
    name = base + _plain(href)
    if name in files:
        listed.add(name)
        return
    if not name:
        yield _error("href", f"<{at.local}> lacks an href.", at, _IMS)
        return
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        yield _error("href", f"{name} does not stay inside the package.", at, _IMS)
        return
    other = next((one for one in files if one.lower() == name.lower()), None)
    hint = f" {other} differs by upper and lower case." if other else ""
    yield _error("absent", f"{name} is listed but is not in the package.{hint}", at, _IMS)


def _is_remote(href: str) -> bool:
    return bool(urlsplit(href).netloc)


def _plain(href: str) -> str:
    """Return the file's name in a href: no query, no fragment, percent signs undone."""
    return unquote(href.partition("#")[0].partition("?")[0])
