"""Rules for Common Cartridge 1.0 to 1.3.

From the IMS Common Cartridge Profile, part 3 (its restrictions of content packaging: one
organization with one root item, items that are folders or link to one resource, a closed list of
resource types) and part 4 (web links, discussion topics, LTI links), and from the behaviour of
importers: they leave out what they do not know, so most rules are warnings.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.references import BadReferenceError, Base, resolve, with_bases
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.common_cartridge import CartridgeVersion
from scorm_builder.formats.content_packaging import MANIFEST
from scorm_builder.formats.content_packaging import rules as packaging
from scorm_builder.formats.content_packaging.rules import RuleSource

_PROFILE = "IMS Common Cartridge Profile"
_FINDING = RuleSource("cc", _PROFILE, _PROFILE)
_SCHEMAS = ("IMS Common Cartridge", "IMS Thin Common Cartridge")
_TOP = ("metadata", "organizations", "resources")
_TYPES = re.compile(
    r"webcontent|ims(dt|wl|basiclti)_xmlv1p[0-9]|imsqti_xmlv1p[0-9](p[0-9])?"
    r"/imscc_xmlv1p[0-9]/(assessment|question-bank)"
    r"|associatedcontent/imscc_xmlv1p[0-9]/learning-application-resource"
    r"|assignment_xmlv1p0|imsapip_zipv1p[0-9]|imsiwb_iwbv1p0|idpfepub_epubv3p0"
)
"""The types of all versions; LMSs import what they know of them and leave out the rest."""

_Read = Callable[[str], bytes]


def findings(
    version: CartridgeVersion, root: XmlElement, files: Mapping[str, int], read: _Read
) -> Iterator[Finding]:
    """Check all rules; ``read`` returns the content of one of ``files`` (name and size)."""
    yield from _metadata(version, root)
    yield from _order(root)
    yield from packaging.identifiers(_FINDING, root)
    yield from _organizations(root)
    yield from _items(root)
    yield from _resources(version, root)
    yield from packaging.dependencies(_FINDING, root)
    yield from packaging.listed_files(_FINDING, root, files)
    yield from _descriptors(version, root, files, read)


def _error(rule: str, message: str, at: XmlElement, file: str = MANIFEST) -> Finding:
    return Finding("error", f"cc/{rule}", message, file, at.line, _PROFILE)


def _warning(rule: str, message: str, at: XmlElement, file: str = MANIFEST) -> Finding:
    return Finding("warning", f"cc/{rule}", message, file, at.line, _PROFILE)


def _metadata(version: CartridgeVersion, root: XmlElement) -> Iterator[Finding]:
    metadata = root.first("metadata")
    wanted = (("schema", _SCHEMAS), ("schemaversion", (version.version,)))
    for name, texts in wanted:
        found = metadata.first(name) if metadata else None
        if found is None:
            yield _warning(name, f"<metadata> lacks <{name}>{texts[0]}</{name}>.", metadata or root)
        elif found.text not in texts:
            yield _warning(name, f'<{name}> must be "{texts[0]}", not "{found.text}".', found)
    lom = metadata.first("lom") if metadata else None
    general = lom.first("general") if lom else None
    if lom is None or lom.namespace != version.namespaces["xmlns:lomimscc"]:
        message = f"<metadata> lacks <lom> of {version.namespaces['xmlns:lomimscc']}."
        yield _warning("lom", message, metadata or root)
    elif general is None or general.first("title") is None:
        yield _warning("lom", "The description (<lom>) does not tell the title.", lom)


def _order(root: XmlElement) -> Iterator[Finding]:
    found = [child.local for child in root.children]
    yield from packaging.in_order(_FINDING, root, found, _TOP, ", ".join(_TOP))
    if root.first("organizations") is None:
        yield _warning("organizations", "<manifest> lacks <organizations>.", root)
    if root.first("resources") is None:
        yield _error("resources", "<manifest> lacks <resources>: nothing to import.", root)


def _organizations(root: XmlElement) -> Iterator[Finding]:
    parent = root.first("organizations")
    found = parent.all("organization") if parent else []
    if len(found) > 1:
        yield _warning("organization", "A cartridge has one organization at most.", found[1])
    for one in found:
        if one.get("structure") != "rooted-hierarchy":
            yield _warning("structure", 'The structure must be "rooted-hierarchy".', one)
        roots = one.all("item")
        if len(roots) != 1:
            yield _warning("root-item", f"There is one root item, not {len(roots)}.", one)
        for item in roots:
            if item.get("identifierref"):
                yield _warning("root-item", "The root item leads nowhere: it only holds.", item)


def _items(root: XmlElement) -> Iterator[Finding]:
    resources = packaging.resource_elements(root)
    for top in (one for one in root.walk() if one.local == "organization"):
        roots = set(map(id, top.children))
        for item in (one for one in top.walk() if one.local == "item"):
            target = item.get("identifierref")
            title = item.first("title")
            if id(item) not in roots and (title is None or not title.text):
                yield _warning("title", "The item lacks a title.", item)
            if not target:
                continue
            if target not in resources:
                yield _error("identifierref", f'There is no resource "{target}".', item)
            if item.first("item") is not None:
                yield _warning("leaf", "An item that leads to a resource holds no items.", item)


def _types(version: CartridgeVersion) -> tuple[str, ...]:
    cc = f"imscc_xml{version.part}"
    own = ("webcontent", version.topic, version.web_link, version.tool_link)
    more = ("assignment_xmlv1p0", "imsapip_zipv1p0", "imsiwb_iwbv1p0", "idpfepub_epubv3p0")
    tests = (f"imsqti_xmlv1p2/{cc}/assessment", f"imsqti_xmlv1p2/{cc}/question-bank")
    whole = (*own, *tests, f"associatedcontent/{cc}/learning-application-resource")
    return (*whole, *more) if version.version == "1.3.0" else whole


def _resources(version: CartridgeVersion, root: XmlElement) -> Iterator[Finding]:
    for one in packaging.resource_elements(root).values():
        kind = one.get("type")
        if kind not in _types(version):
            message = f'"{kind}" is not a type of Common Cartridge: LMSs leave it out.'
            if _TYPES.fullmatch(kind):
                message = f'"{kind}" is a type of another version than {version.version[:3]}.'
            yield _warning("type", message, one)
        if kind == "webcontent" and not one.get("href"):
            yield _warning("href", "Web content should say which file it starts with (href).", one)


def _descriptors(
    version: CartridgeVersion, root: XmlElement, files: Mapping[str, int], read: _Read
) -> Iterator[Finding]:
    """Check the XML documents of web links, topics and LTI links, of any version."""
    rules = {"imsdt": _topic, "imswl": _web_link, "imsbasiclti": _tool_link}
    for one, base in with_bases(root):
        rule = rules.get(one.get("type").partition("_xml")[0]) if one.local == "resource" else None
        if rule is None:
            continue
        names = [name for file in one.all("file") if (name := _file(file, base)) is not None]
        if not names:
            yield _error("descriptor", "The resource lists no file.", one)
        elif names[0] in files:
            try:
                document = xml.read(read(names[0]))
            except (xml.XmlError, ValueError) as error:
                message = f"It cannot be read: {error}."
                yield Finding("error", "cc/xml", message, names[0], source="XML 1.0")
            else:
                yield from rule(version, document, names[0])


def _file(file: XmlElement, base: Base) -> str | None:
    try:
        return resolve(file.get("href"), base) or None
    except BadReferenceError:
        return None


def _namespace(version: CartridgeVersion, kind: str) -> str:
    part = "" if version.part == "v1p0" else version.part
    return f"http://www.imsglobal.org/xsd/imscc{part}/{kind}_{version.part}"


def _is_root(document: XmlElement, name: str, namespace: str, file: str) -> Iterator[Finding]:
    message = f"The document's element should be <{name}> in {namespace}."
    if document.local != name:
        yield _error("descriptor", message, document, file)
    elif document.namespace != namespace:
        yield _warning("descriptor", message, document, file)


def _topic(version: CartridgeVersion, document: XmlElement, file: str) -> Iterator[Finding]:
    namespace = _namespace(version, "imsdt")
    yield from _is_root(document, "topic", namespace, file)
    yield from _titled(document, file)
    text = document.first("text")
    if text is None or text.get("texttype") not in ("text/html", "text/plain"):
        message = 'A topic has a <text> with texttype "text/html" or "text/plain".'
        yield _warning("topic", message, text or document, file)


def _web_link(version: CartridgeVersion, document: XmlElement, file: str) -> Iterator[Finding]:
    namespace = _namespace(version, "imswl")
    yield from _is_root(document, "webLink", namespace, file)
    yield from _titled(document, file)
    url = document.first("url")
    href = url.get("href") if url else ""
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
        yield _warning("title", f"<{document.local}> lacks a title.", document, file)


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
