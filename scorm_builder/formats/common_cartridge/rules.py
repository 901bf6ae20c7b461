"""Rules for Common Cartridge 1.1 and 1.3.

From the IMS Common Cartridge Profile, part 3 (its restrictions of content packaging: one
organization with one root item, items that are folders or link to one resource, a closed list of
resource types) and part 4 (web links, discussion topics, LTI links), and from the behaviour of
importers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.common_cartridge import CartridgeVersion
from scorm_builder.formats.content_packaging import MANIFEST

_PROFILE = "IMS Common Cartridge Profile"
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_TOP = ("metadata", "organizations", "resources")
_Read = Callable[[str], bytes]


def findings(
    version: CartridgeVersion, root: XmlElement, files: Mapping[str, int], read: _Read
) -> Iterator[Finding]:
    """Check all rules; ``read`` returns the content of one of ``files`` (name and size)."""
    yield from _metadata(version, root)
    yield from _order(root)
    yield from _identifiers(root)
    yield from _organizations(root)
    yield from _items(root)
    yield from _resources(version, root)
    yield from _files(root, files)
    yield from _descriptors(version, root, files, read)


def _error(rule: str, message: str, at: XmlElement, file: str = MANIFEST) -> Finding:
    return Finding("error", f"cc/{rule}", message, file, at.line, _PROFILE)


def _metadata(version: CartridgeVersion, root: XmlElement) -> Iterator[Finding]:
    metadata = root.first("metadata")
    wanted = (("schema", "IMS Common Cartridge"), ("schemaversion", version.version))
    for name, text in wanted:
        found = metadata.first(name) if metadata else None
        if found is None:
            yield _error(name, f"<metadata> lacks <{name}>{text}</{name}>.", metadata or root)
        elif found.text != text:
            yield _error(name, f'<{name}> must be "{text}", not "{found.text}".', found)
    lom = metadata.first("lom") if metadata else None
    general = lom.first("general") if lom else None
    if lom is None or lom.namespace != version.namespaces["xmlns:lomimscc"]:
        message = f"<metadata> lacks <lom> of {version.namespaces['xmlns:lomimscc']}."
        yield _error("lom", message, metadata or root)
    elif general is None or general.first("title") is None:
        yield _error("lom", "The description (<lom>) does not tell the title.", lom)


def _order(root: XmlElement) -> Iterator[Finding]:
    places = [_TOP.index(child.local) for child in root.children if child.local in _TOP]
    if places != sorted(places):
        yield _error("order", f"In <manifest> the order is {', '.join(_TOP)}.", root)
    for name in _TOP[1:]:
        if root.first(name) is None:
            yield _error(name, f"<manifest> lacks <{name}>.", root)


def _identifiers(root: XmlElement) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for one in root.walk():
        if one.local not in ("manifest", "organization", "item", "resource"):
            continue
        name = one.attributes.get("identifier", "")
        if not _NAME.fullmatch(name):
            message = f'The identifier "{name}" of <{one.local}> must start with a letter and hold '
            yield _error("identifier", message + "letters, digits, . - _ only.", one)
        elif name in seen:
            message = f'The identifier "{name}" was given before, in line {seen[name]}.'
            yield _error("duplicate-identifier", message, one)
        seen.setdefault(name, one.line)


def _organizations(root: XmlElement) -> Iterator[Finding]:
    parent = root.first("organizations")
    found = parent.all("organization") if parent else []
    if len(found) > 1:
        yield _error("organization", "A cartridge has one organization at most.", found[1])
    for one in found:
        if one.attributes.get("structure") != "rooted-hierarchy":
            yield _error("structure", 'The structure must be "rooted-hierarchy".', one)
        roots = one.all("item")
        if len(roots) != 1:
            yield _error("root-item", f"There is one root item, not {len(roots)}.", one)
        for item in roots:
            if "identifierref" in item.attributes:
                yield _error("root-item", "The root item leads nowhere: it only holds.", item)


def _items(root: XmlElement) -> Iterator[Finding]:
    resources = _by_identifier(root)
    for top in (one for one in root.walk() if one.local == "organization"):
        held = [item for item in top.walk() if item.local == "item"]
        for item in held:
            target = item.attributes.get("identifierref")
            title = item.first("title")
            if item not in top.children and (title is None or not title.text):
                yield _error("title", "The item lacks a title.", item)
            if target is None:
                continue
            if target not in resources:
                yield _error("identifierref", f'There is no resource "{target}".', item)
            if item.first("item") is not None:
                yield _error("leaf", "An item that leads to a resource holds no items.", item)


def _by_identifier(root: XmlElement) -> dict[str, XmlElement]:
    parent = root.first("resources")
    return {one.attributes.get("identifier", ""): one for one in _resources_of(parent)}


def _resources_of(parent: XmlElement | None) -> list[XmlElement]:
    return parent.all("resource") if parent else []


def _types(version: CartridgeVersion) -> tuple[str, ...]:
    cc = f"imscc_xml{version.part}"
    own = ("webcontent", version.topic, version.web_link, version.tool_link)
    more = ("assignment_xmlv1p0", "imsapip_zipv1p0", "imsiwb_iwbv1p0", "idpfepub_epubv3p0")
    tests = (f"imsqti_xmlv1p2/{cc}/assessment", f"imsqti_xmlv1p2/{cc}/question-bank")
    whole = (*own, *tests, f"associatedcontent/{cc}/learning-application-resource")
    return (*whole, *more) if version.version == "1.3.0" else whole


def _resources(version: CartridgeVersion, root: XmlElement) -> Iterator[Finding]:
    names = _by_identifier(root)
    for one in names.values():
        kind = one.attributes.get("type", "")
        if kind not in _types(version):
            message = f'"{kind}" is not a type of Common Cartridge {version.version[:3]}.'
            yield _error("type", message, one)
        if kind == "webcontent" and not one.attributes.get("href"):
            yield _error("href", "Web content must say which file it starts with (href).", one)
        for child in one.all("dependency"):
            target = child.attributes.get("identifierref")
            if target not in names:
                yield _error("dependency", f'There is no resource "{target}".', child)


def _plain(href: str) -> str:
    return unquote(href.partition("#")[0].partition("?")[0])


def _files(root: XmlElement, files: Mapping[str, int]) -> Iterator[Finding]:
    listed = {MANIFEST}
    for one in _resources_of(root.first("resources")):
        own = [_plain(file.attributes.get("href", "")) for file in one.all("file")]
        for file, name in zip(one.all("file"), own, strict=True):
            if name not in files:
                message = f"{name or 'A file without a name'} is listed but is not in the package."
                yield _error("absent", message, file)
        href = _plain(one.attributes.get("href", ""))
        if href and href not in own:
            message = f"{href} is started with but not among the files of its resource."
            yield _error("unlisted", message, one)
        listed.update(own)
    for name in sorted(set(files) - listed):
        message = "The file is in the package but in no resource of the manifest."
        yield Finding("warning", "cc/unlisted", message, name, source=_PROFILE)


def _descriptors(
    version: CartridgeVersion, root: XmlElement, files: Mapping[str, int], read: _Read
) -> Iterator[Finding]:
    """Check the XML documents of web links, topics and LTI links."""
    rules = {
        version.topic: _topic,
        version.web_link: _web_link,
        version.tool_link: _tool_link,
    }
    for one in _resources_of(root.first("resources")):
        rule = rules.get(one.attributes.get("type", ""))
        if rule is None:
            continue
        names = [_plain(file.attributes.get("href", "")) for file in one.all("file")]
        if not names:
            yield _error("descriptor", "The resource lists no file.", one)
        elif names[0] in files:
            try:
                document = xml.read(read(names[0]))
            except (xml.XmlError, ValueError) as error:
                yield Finding("error", "cc/xml", f"It cannot be read: {error}.", names[0])
            else:
                yield from rule(version, document, names[0])


def _is_root(document: XmlElement, name: str, namespace: str, file: str) -> Iterator[Finding]:
    if (document.local, document.namespace) != (name, namespace):
        message = f"The document's element must be <{name}> in {namespace}."
        yield _error("descriptor", message, document, file)


def _topic(version: CartridgeVersion, document: XmlElement, file: str) -> Iterator[Finding]:
    namespace = f"http://www.imsglobal.org/xsd/imscc{version.part}/imsdt_{version.part}"
    yield from _is_root(document, "topic", namespace, file)
    yield from _titled(document, file)
    text = document.first("text")
    if text is None or text.attributes.get("texttype") not in ("text/html", "text/plain"):
        message = 'A topic has a <text> with texttype "text/html" or "text/plain".'
        yield _error("topic", message, text or document, file)


def _web_link(version: CartridgeVersion, document: XmlElement, file: str) -> Iterator[Finding]:
    namespace = f"http://www.imsglobal.org/xsd/imscc{version.part}/imswl_{version.part}"
    yield from _is_root(document, "webLink", namespace, file)
    yield from _titled(document, file)
    url = document.first("url")
    href = url.attributes.get("href", "") if url else ""
    if not _is_web_url(href):
        yield _error("web-link", f'"{href}" is not a web address.', url or document, file)


def _tool_link(version: CartridgeVersion, document: XmlElement, file: str) -> Iterator[Finding]:
    namespace = f"http://www.imsglobal.org/xsd/imslticc_{version.link_part}"
    yield from _is_root(document, "cartridge_basiclti_link", namespace, file)
    yield from _titled(document, file)
    launches = [*document.all("launch_url"), *document.all("secure_launch_url")]
    if not launches:
        yield _error("tool-link", "There is no address to launch.", document, file)
    for one in launches:
        if not _is_web_url(one.text):
            yield _error("tool-link", f'"{one.text}" is not a web address.', one, file)


def _titled(document: XmlElement, file: str) -> Iterator[Finding]:
    title = document.first("title")
    if title is None or not title.text:
        yield _error("title", f"<{document.local}> lacks a title.", document, file)


def _is_web_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
