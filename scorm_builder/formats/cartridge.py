"""Common Cartridge: the module in the LMS's own parts, where SCORM would be a box inside it.

A page for each language as web content, links as web links, the discussion as a topic that becomes
the LMS's own forum, in the module's order. IMS Common Cartridge Profile 1.1 (2011) and 1.3 (2013):
part 3 (packaging), 4.3 (discussion topics), 4.4 (web links), 4.6 (Basic LTI links).

One topic for all questions and all languages, because it stands for one conversation: an LMS makes
a forum of each topic, and a forum for each question would part people who should meet (and ask
them to subscribe each time). With the address of a live tool, a link to it takes the topic's
place: never two forums for one module.

An LMS keeps the files of all its cartridges in one tree, and recognizes the parts of an earlier
import by their identifiers, so both carry the module's id.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from courseware.i18n import interface
from courseware.languages import endonym, normal
from courseware.module import Item, Module, Section
from courseware.page import build
from courseware.sections.kind import Resource
from scorm_builder import pages, xml
from scorm_builder.formats import Format
from scorm_builder.plan import Media, Plan, PlanFile, from_bytes, shared
from scorm_builder.xml import Node, element

MANIFEST = "imsmanifest.xml"
FILE_BASE = "$IMS-CC-FILEBASE$/"


@dataclass(frozen=True, slots=True)
class Edition:
    """What differs between the versions: ``part`` names them in namespaces and types."""

    name: str
    version: str
    part: str
    link_part: str

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespaces of the manifest."""
        return {
            "xmlns": f"http://www.imsglobal.org/xsd/imscc{self.part}/imscp_v1p1",
            "xmlns:lomimscc": f"http://ltsc.ieee.org/xsd/imscc{self.part}/LOM/manifest",
        }

    @property
    def topic(self) -> str:
        """The type of a discussion topic."""
        return f"imsdt_xml{self.part}"

    @property
    def web_link(self) -> str:
        """The type of a web link."""
        return f"imswl_xml{self.part}"

    @property
    def tool_link(self) -> str:
        """The type of a link to a tool."""
        return f"imsbasiclti_xml{self.link_part}"


EDITIONS = (Edition("cc11", "1.1.0", "v1p1", "v1p0"), Edition("cc13", "1.3.0", "v1p3", "v1p3"))


@dataclass(frozen=True, slots=True)
class _Part:
    """A resource: ``needs`` are the identifiers of those that it refers to."""

    identifier: str
    kind: str
    files: tuple[PlanFile, ...]
    needs: tuple[str, ...] = ()


def format_of(edition: Edition) -> Format:
    """Return the format of one edition."""
    title = f"Common Cartridge {edition.version[:3]}"
    return Format(edition.name, title, (), partial(complete, edition), draw=draw)


def draw(module: Module, languages: Sequence[str], media: Media) -> Iterator[PlanFile]:
    """Draw a page without scripts for each language, ``<tag>.html``."""
    for tag in languages:
        html = pages.template("package/cartridge.html").render(
            page=build(module, tag, media=media),
            ui=interface(tag),
            asset=lambda name: name,
            flow=lambda markup: markup,
        )
        yield from_bytes(f"{tag}.html", html.encode())
    yield from shared()
    for section in module.sections:
        for item in section.items:
            resource = section.kind.resource(item)
            if resource and resource.file:
                media(resource.file)


def complete(edition: Edition, plan: Plan) -> tuple[PlanFile, ...]:
    """Return all files of the package; the manifest stands first, where LMSs look for it."""
    parts = _parts(edition, plan)
    files = [file for part in parts.values() for file in part.files]
    return (from_bytes(MANIFEST, _manifest(edition, plan, parts)), *files)


def _id(module: Module, *words: str) -> str:
    return "-".join(("minga", module.id, *words))


def _file_id(module: Module, path: str) -> str:
    """Return an identifier that stays the same for as long as the file keeps its name."""
    return _id(module, "file", hashlib.sha256(path.encode()).hexdigest()[:12])


def _parts(edition: Edition, plan: Plan) -> dict[str, _Part]:
    """Return every resource by its identifier, pages first."""
    module = plan.module
    page_of = {f"{tag}.html": tag for tag in plan.languages}
    found = [
        _Part(_file_id(module, file.path), "webcontent", (_inside(module, file),))
        for file in plan.files
        if file.path not in page_of
    ]
    needs = tuple(part.identifier for part in found)
    drawn = [
        _Part(
            _id(module, "page", page_of[file.path]), "webcontent", (_inside(module, file),), needs
        )
        for file in plan.files
        if file.path in page_of
    ]
    links = [
        _descriptor(
            module,
            edition.web_link,
            ("link", item.id),
            _web_link(edition, plan, item, resource.url),
        )
        for section in module.sections
        for item, resource in _resources(section)
        if resource.url
    ]
    talk = _talk(edition, plan)
    parts = (*drawn, *found, *links, *((talk,) if talk else ()))
    return {part.identifier: part for part in parts}


def _inside(module: Module, file: PlanFile) -> PlanFile:
    return file._replace(path=f"{module.id}/{file.path}")


def _descriptor(module: Module, kind: str, words: tuple[str, ...], document: Node) -> _Part:
    file = from_bytes(f"{module.id}/{'-'.join(words)}.xml", xml.document(document))
    return _Part(_id(module, *words), kind, (file,))


def _resources(section: Section) -> list[tuple[Item, Resource]]:
    """Return the items that the LMS lists by themselves."""
    found = ((item, section.kind.resource(item)) for item in section.items)
    return [(item, resource) for item, resource in found if resource is not None]


def _web_link(edition: Edition, plan: Plan, item: Item, url: str) -> Node:
    namespace = f"http://www.imsglobal.org/xsd/imscc{edition.part}/imswl_{edition.part}"
    return element(
        "webLink",
        {"xmlns": namespace},
        element("title", None, _first(plan, item.titles)),
        element("url", {"href": url, "target": "_blank"}),
    )


def _place_of_talk(module: Module) -> Section | None:
    """Return the section where people write: the discussion, else the last with questions."""
    asks = [section for section in module.sections if section.questions]
    return module.discussion_section or next(iter(asks[-1:]), None)


def _talk(edition: Edition, plan: Plan) -> _Part | None:
    section = _place_of_talk(plan.module)
    if plan.tool:
        document = _tool_link(edition, plan, plan.tool)
        return _descriptor(plan.module, edition.tool_link, ("tool",), document)
    if section is None:
        return None
    document = _topic(edition, plan, section)
    return _descriptor(plan.module, edition.topic, ("discussion",), document)


def _topic(edition: Edition, plan: Plan, section: Section) -> Node:
    base = FILE_BASE + plan.module.id + "/"
    shown = [
        build(plan.module, tag, media=lambda path: base + quote(path)) for tag in plan.languages
    ]
    html = pages.template("package/topic.html").render(pages=shown)
    namespace = f"http://www.imsglobal.org/xsd/imscc{edition.part}/imsdt_{edition.part}"
    return element(
        "topic",
        {"xmlns": namespace},
        element("title", None, _first(plan, section.titles)),
        element("text", {"texttype": "text/html"}, _on_one_line(html)),
    )


def _on_one_line(html: str) -> str:
    """Return HTML that means the same where every line break has become a space."""
    keep = re.sub(r"<pre\b.*?</pre>", lambda pre: pre[0].replace("\n", "&#10;"), html, flags=re.S)
    return re.sub(r"\s+", " ", keep).strip()


def _tool_link(edition: Edition, plan: Plan, tool: str) -> Node:
    address = f"{tool}/m/{quote(plan.module.id)}"
    secure = [element("blti:secure_launch_url", None, address)] if address[4] == "s" else []
    summary = plan.module.summaries.get(plan.languages[0], "")
    return element(
        "cartridge_basiclti_link",
        {
            "xmlns": f"http://www.imsglobal.org/xsd/imslticc_{edition.link_part}",
            "xmlns:blti": "http://www.imsglobal.org/xsd/imsbasiclti_v1p0",
            "xmlns:lticp": "http://www.imsglobal.org/xsd/imslticp_v1p0",
        },
        element("blti:title", None, _first(plan, plan.module.titles)),
        element("blti:description", None, summary),
        element("blti:launch_url", None, address),
        *secure,
        element(
            "blti:vendor",
            None,
            element("lticp:code", None, "minga"),
            element("lticp:name", None, "Minga"),
        ),
    )


def _first(plan: Plan, words: Mapping[str, str]) -> str:
    return words.get(plan.languages[0]) or words[plan.module.source_language]


def _manifest(edition: Edition, plan: Plan, parts: dict[str, _Part]) -> bytes:
    return xml.document(
        element(
            "manifest",
            {"identifier": _id(plan.module), **edition.namespaces},
            element(
                "metadata",
                None,
                element("schema", None, "IMS Common Cartridge"),
                element("schemaversion", None, edition.version),
                _lom(plan),
            ),
            element("organizations", None, _organization(plan, parts)),
            element("resources", None, *(_resource(part) for part in parts.values())),
        )
    )


def _organization(plan: Plan, parts: dict[str, _Part]) -> Node:
    module = plan.module
    inside = [_page_item(plan, tag) for tag in plan.languages]
    for section in module.sections:
        inside += _section_items(plan, section, parts)
    if plan.tool and _place_of_talk(module) is None:
        inside.append(_item(module, ("talk",), _first(plan, module.titles), _id(module, "tool")))
    name = element("title", None, _first(plan, module.titles))
    whole = element("item", {"identifier": _id(module, "items")}, name, *inside)
    root = element("item", {"identifier": _id(module, "root")}, whole)
    facts = {"identifier": _id(module, "organization"), "structure": "rooted-hierarchy"}
    return element("organization", facts, root)


def _page_item(plan: Plan, tag: str) -> Node:
    title = plan.module.titles.get(tag) or plan.module.titles[plan.module.source_language]
    shown = f"{title} · {endonym(tag)}" if len(plan.languages) > 1 else title
    return _item(plan.module, ("page", tag), shown, _id(plan.module, "page", tag))


def _section_items(plan: Plan, section: Section, parts: dict[str, _Part]) -> Iterator[Node]:
    module = plan.module
    title = _first(plan, section.titles)
    resources = _resources(section)
    if resources:
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
                for item, resource in resources
            ),
        )
    if section == _place_of_talk(module):
        for name in (_id(module, "tool"), _id(module, "discussion")):
            if name in parts:
                yield _item(module, ("talk",), title, name)


def _target(module: Module, item: Item, resource: Resource) -> str:
    return _file_id(module, resource.file) if resource.file else _id(module, "link", item.id)


def _item(module: Module, words: tuple[str, ...], title: str, target: str) -> Node:
    facts = {"identifier": _id(module, "item", *words), "identifierref": target}
    return element("item", facts, element("title", None, title))


def _resource(part: _Part) -> Node:
    href = quote(part.files[0].path)
    facts = {"identifier": part.identifier, "type": part.kind}
    if part.kind == "webcontent":
        facts["href"] = href
    return element(
        "resource",
        facts,
        *(element("file", {"href": quote(file.path)}) for file in part.files),
        *(element("dependency", {"identifierref": name}) for name in part.needs),
    )


def _lom(plan: Plan) -> Node:
    """Return the description of the module (LOM, as the profile narrows it)."""
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
