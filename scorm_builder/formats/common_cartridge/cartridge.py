"""The files of a Common Cartridge, which an LMS imports as its own pages, links and forums.

A page for each language is web content, links are web links, and the discussion is a topic that
becomes a forum of the LMS, in the module's order. IMS Common Cartridge Profile 1.1 (2011) and 1.3
(2013): part 3 (packaging), 4.3 (discussion topics), 4.4 (web links), 4.6 (Basic LTI links).

There is one topic for all questions and all languages, because it is one conversation: an LMS makes
a forum of each topic, and a forum for each question would separate people (and ask them to
subscribe each time). With the URL of a live tool, an LTI link replaces the topic: there are never
two forums for one module.

An LMS stores the files of all its cartridges in one tree and recognises resources of an earlier
import by their identifiers, so both contain the module's id.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from courseware.i18n import interface
from courseware.languages import endonym, normal
from courseware.module import Item, Module, Section
from courseware.page import build
from courseware.sections.kind import Resource
from scorm_builder import package_pages, xml_writer
from scorm_builder.formats.common_cartridge import CartridgeVersion
from scorm_builder.formats.content_packaging import MANIFEST
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan, from_bytes, static_files
from scorm_builder.xml_writer import Node, element

FILE_BASE = "$IMS-CC-FILEBASE$/"


@dataclass(frozen=True, slots=True)
class _CartridgeResource:
    """A resource; ``needs`` are the identifiers of the resources that it depends on."""

    identifier: str
    kind: str
    files: tuple[PackageFile, ...]
    needs: tuple[str, ...] = ()


def draw(module: Module, languages: Sequence[str], media: MediaUrl) -> Iterator[PackageFile]:
    """Render a page without scripts for each language, ``<tag>.html``."""
    for tag in languages:
        html = package_pages.template("package/cartridge_page.html").render(
            page=build(module, tag, media=media),
            ui=interface(tag),
            asset=lambda name: name,
            flow=lambda markup: markup,
        )
        yield from_bytes(f"{tag}.html", html.encode())
    yield from static_files()
    for section in module.sections:
        for item in section.items:
            resource = section.kind.resource(item)
            if resource and resource.file:
                media(resource.file)


def complete(version: CartridgeVersion, plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return all files of the package, the manifest first."""
    resources = _resources(version, plan)
    files = [file for resource in resources.values() for file in resource.files]
    return (from_bytes(MANIFEST, _manifest(version, plan, resources)), *files)


def _id(module: Module, *words: str) -> str:
    return "-".join(("minga", module.id, *words))


def _file_id(module: Module, path: str) -> str:
    """Return an identifier that depends only on the path of the file."""
    return _id(module, "file", hashlib.sha256(path.encode()).hexdigest()[:12])


def _resources(version: CartridgeVersion, plan: PackagePlan) -> dict[str, _CartridgeResource]:
    """Return every resource by its identifier, pages first."""
    module = plan.module
    page_of = {f"{tag}.html": tag for tag in plan.languages}
    found = [
        _CartridgeResource(_file_id(module, file.path), "webcontent", (_inside(module, file),))
        for file in plan.files
        if file.path not in page_of
    ]
    needs = tuple(resource.identifier for resource in found)
    drawn = [
        _CartridgeResource(
            _id(module, "page", page_of[file.path]), "webcontent", (_inside(module, file),), needs
        )
        for file in plan.files
        if file.path in page_of
    ]
    links = [
        _descriptor(
            module,
            version.web_link,
            ("link", item.id),
            _web_link(version, plan, item, resource.url),
        )
        for section in module.sections
        for item, resource in _listed_items(section)
        if resource.url
    ]
    topic = _topic_or_tool_link(version, plan)
    resources = (*drawn, *found, *links, *((topic,) if topic else ()))
    return {resource.identifier: resource for resource in resources}


def _inside(module: Module, file: PackageFile) -> PackageFile:
    return replace(file, path=f"{module.id}/{file.path}")


def _descriptor(
    module: Module, kind: str, words: tuple[str, ...], document: Node
) -> _CartridgeResource:
    file = from_bytes(f"{module.id}/{'-'.join(words)}.xml", xml_writer.document(document))
    return _CartridgeResource(_id(module, *words), kind, (file,))


def _listed_items(section: Section) -> list[tuple[Item, Resource]]:
    """Return the items that the LMS lists by themselves."""
    found = ((item, section.kind.resource(item)) for item in section.items)
    return [(item, resource) for item, resource in found if resource is not None]


def _web_link(version: CartridgeVersion, plan: PackagePlan, item: Item, url: str) -> Node:
    namespace = f"http://www.imsglobal.org/xsd/imscc{version.part}/imswl_{version.part}"
    return element(
        "webLink",
        {"xmlns": namespace},
        element("title", None, _first(plan, item.titles)),
        element("url", {"href": url, "target": "_blank"}),
    )


def _topic_section(module: Module) -> Section | None:
    """Return the section of the topic: the discussion, else the last one with questions."""
    asks = [section for section in module.sections if section.questions]
    return module.discussion_section or next(iter(asks[-1:]), None)


def _topic_or_tool_link(version: CartridgeVersion, plan: PackagePlan) -> _CartridgeResource | None:
    section = _topic_section(plan.module)
    if plan.tool_url:
        document = _tool_link(version, plan, plan.tool_url)
        return _descriptor(plan.module, version.tool_link, ("tool",), document)
    if section is None:
        return None
    document = _topic(version, plan, section)
    return _descriptor(plan.module, version.topic, ("discussion",), document)


def _topic(version: CartridgeVersion, plan: PackagePlan, section: Section) -> Node:
    base = FILE_BASE + plan.module.id + "/"
    shown = [
        build(plan.module, tag, media=lambda path: base + quote(path)) for tag in plan.languages
    ]
    html = package_pages.template("package/cartridge_topic.html").render(pages=shown)
    namespace = f"http://www.imsglobal.org/xsd/imscc{version.part}/imsdt_{version.part}"
    return element(
        "topic",
        {"xmlns": namespace},
        element("title", None, _first(plan, section.titles)),
        element("text", {"texttype": "text/html"}, _on_one_line(html)),
    )


def _on_one_line(html: str) -> str:
    """Return HTML that means the same when every line break is replaced by a space."""
    escaped = re.sub(
        r"<pre\b.*?</pre>", lambda pre: pre[0].replace("\n", "&#10;"), html, flags=re.S
    )
    return re.sub(r"\s+", " ", escaped).strip()


def _tool_link(version: CartridgeVersion, plan: PackagePlan, tool_url: str) -> Node:
    # Moodle chooses the registered tool whose URL is a prefix of the link's; the tool registers
    # "/lti/launch".
    url = f"{tool_url}/lti/launch?module={quote(plan.module.id)}"
    secure = [element("blti:secure_launch_url", None, url)] if url.startswith("https:") else []
    summary = plan.module.summaries.get(plan.languages[0], "")
    return element(
        "cartridge_basiclti_link",
        {
            "xmlns": f"http://www.imsglobal.org/xsd/imslticc_{version.link_part}",
            "xmlns:blti": "http://www.imsglobal.org/xsd/imsbasiclti_v1p0",
            "xmlns:lticp": "http://www.imsglobal.org/xsd/imslticp_v1p0",
        },
        element("blti:title", None, _first(plan, plan.module.titles)),
        element("blti:description", None, summary),
        element("blti:launch_url", None, url),
        *secure,
        element(
            "blti:vendor",
            None,
            element("lticp:code", None, "minga"),
            element("lticp:name", None, "Minga"),
        ),
    )


def _first(plan: PackagePlan, words: Mapping[str, str]) -> str:
    return words.get(plan.languages[0]) or words[plan.module.source_language]


def _manifest(
    version: CartridgeVersion, plan: PackagePlan, resources: dict[str, _CartridgeResource]
) -> bytes:
    return xml_writer.document(
        element(
            "manifest",
            {"identifier": _id(plan.module), **version.namespaces},
            element(
                "metadata",
                None,
                element("schema", None, "IMS Common Cartridge"),
                element("schemaversion", None, version.version),
                _lom(plan),
            ),
            element("organizations", None, _organization(plan, resources)),
            element("resources", None, *(_resource(resource) for resource in resources.values())),
        )
    )


def _organization(plan: PackagePlan, resources: dict[str, _CartridgeResource]) -> Node:
    module = plan.module
    inside = [_page_item(plan, tag) for tag in plan.languages]
    for section in module.sections:
        inside += _section_items(plan, section, resources)
    if plan.tool_url and _topic_section(module) is None:
        inside.append(_item(module, ("talk",), _first(plan, module.titles), _id(module, "tool")))
    name = element("title", None, _first(plan, module.titles))
    whole = element("item", {"identifier": _id(module, "items")}, name, *inside)
    root = element("item", {"identifier": _id(module, "root")}, whole)
    facts = {"identifier": _id(module, "organization"), "structure": "rooted-hierarchy"}
    return element("organization", facts, root)


def _page_item(plan: PackagePlan, tag: str) -> Node:
    title = plan.module.titles.get(tag) or plan.module.titles[plan.module.source_language]
    shown = f"{title} · {endonym(tag)}" if len(plan.languages) > 1 else title
    return _item(plan.module, ("page", tag), shown, _id(plan.module, "page", tag))


def _section_items(
    plan: PackagePlan, section: Section, resources: dict[str, _CartridgeResource]
) -> Iterator[Node]:
    module = plan.module
    title = _first(plan, section.titles)
    listed = _listed_items(section)
    if listed:
        yield element(
            "item",
            {"identifier": _id(module, "item", section.id)},
            element("title", None, title),
            *(
                _item(
                    module,
                    ("reading", item.id),
                    _first(plan, item.titles),
                    _target(module, item, resource),
                )
                for item, resource in listed
            ),
        )
    if section == _topic_section(module):
        for name in (_id(module, "tool"), _id(module, "discussion")):
            if name in resources:
                yield _item(module, ("talk",), title, name)


def _target(module: Module, item: Item, resource: Resource) -> str:
    return _file_id(module, resource.file) if resource.file else _id(module, "link", item.id)


def _item(module: Module, words: tuple[str, ...], title: str, target: str) -> Node:
    facts = {"identifier": _id(module, "item", *words), "identifierref": target}
    return element("item", facts, element("title", None, title))


def _resource(resource: _CartridgeResource) -> Node:
    href = quote(resource.files[0].path)
    facts = {"identifier": resource.identifier, "type": resource.kind}
    if resource.kind == "webcontent":
        facts["href"] = href
    return element(
        "resource",
        facts,
        *(element("file", {"href": quote(file.path)}) for file in resource.files),
        *(element("dependency", {"identifierref": name}) for name in resource.needs),
    )


def _lom(plan: PackagePlan) -> Node:
    """Return the metadata of the module (LOM, as restricted by the profile)."""
    module = plan.module
    titles = {tag: module.titles[tag] for tag in plan.languages if tag in module.titles}
    summaries = {tag: module.summaries[tag] for tag in plan.languages if tag in module.summaries}
    general = [_words("title", titles or module.titles)]
    general += [element("lomimscc:language", None, normal(tag) or tag) for tag in plan.languages]
    if summaries:
        general.append(_words("description", summaries))
    general += [_words("keyword", {"": keyword}) for keyword in module.keywords]
    return element(
        "lomimscc:lom",
        None,
        element("lomimscc:general", None, *general),
        element(
            "lomimscc:rights",
            None,
            element(
                "lomimscc:copyrightAndOtherRestrictions",
                None,
                element("lomimscc:value", None, "yes"),
            ),
            _words("description", {"": module.licence}),
        ),
    )


def _words(name: str, by_language: Mapping[str, str]) -> Node:
    strings = [
        element("lomimscc:string", {"language": tag} if tag else None, text)
        for tag, text in by_language.items()
    ]
    return element(f"lomimscc:{name}", None, *strings)
