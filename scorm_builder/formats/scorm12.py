"""SCORM 1.2: the manifest of one SCO that holds the whole module, in all its languages.

SCORM 1.2 Content Aggregation Model (ADL, 2001), part 2.3 (content packaging) and 2.2 (metadata),
over IMS Content Packaging 1.1.2 and IMS Learning Resource Metadata 1.2.1. Every file of the
package is listed in its resource. No masteryscore: nothing here is an examination, and with a
score some LMSs would let it override the status. One SCO, because several LMSs show only the first
one.
"""

from collections.abc import Mapping
from urllib.parse import quote

from courseware.languages import normal
from scorm_builder import xml
from scorm_builder.formats import Format
from scorm_builder.plan import Plan, PlanFile, from_bytes
from scorm_builder.xml import Node, element

MANIFEST = "imsmanifest.xml"

_NAMESPACES = {
    "xmlns": "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
    "xmlns:adlcp": "http://www.adlnet.org/xsd/adlcp_rootv1p2",
    "xmlns:imsmd": "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1",
}


def complete(plan: Plan) -> tuple[PlanFile, ...]:
    """Return all files of the package; the manifest stands first, where LMSs look for it."""
    return (from_bytes(MANIFEST, manifest(plan)), *plan.files)


def manifest(plan: Plan) -> bytes:
    """Return ``imsmanifest.xml`` for the plan."""
    module = plan.module
    name = module.id.upper()
    return xml.document(
        element(
            "manifest",
            {"identifier": f"MINGA-{name}", "version": module.version[:20], **_NAMESPACES},
            element(
                "metadata",
                None,
                element("schema", None, "ADL SCORM"),
                element("schemaversion", None, "1.2"),
                _lom(plan),
            ),
            element("organizations", {"default": f"ORG-{name}"}, _organization(plan, name)),
            element("resources", None, _resource(plan, name)),
        )
    )


def _organization(plan: Plan, name: str) -> Node:
    title = element("title", None, _in_first_language(plan)[:200])
    item = element("item", {"identifier": f"ITEM-{name}", "identifierref": f"RES-{name}"}, title)
    return element("organization", {"identifier": f"ORG-{name}"}, title, item)


def _resource(plan: Plan, name: str) -> Node:
    facts = {
        "identifier": f"RES-{name}",
        "type": "webcontent",
        "adlcp:scormtype": "sco",
        "href": plan.launch,
    }
    files = [element("file", {"href": quote(file.path)}) for file in plan.files]
    return element("resource", facts, *files)


def _in_first_language(plan: Plan) -> str:
    titles = plan.module.titles
    return titles.get(plan.languages[0]) or titles[plan.module.source_language]


def _lom(plan: Plan) -> Node:
    """Return the description of the module (LOM, in the binding of IMS 1.2.1), in all languages."""
    module = plan.module
    titles = {tag: module.titles[tag] for tag in plan.languages if tag in module.titles}
    summaries = {tag: module.summaries[tag] for tag in plan.languages if tag in module.summaries}
    general: list[Node] = [_words("title", titles or module.titles)]
    general += [element("imsmd:language", None, normal(tag) or tag) for tag in plan.languages]
    if summaries:
        general.append(_words("description", summaries))
    general += [_words("keyword", {"x-none": keyword}) for keyword in module.keywords]
    return element(
        "imsmd:lom",
        None,
        element("imsmd:general", None, *general),
        element("imsmd:lifecycle", None, _words("version", {"x-none": module.version})),
        element(
            "imsmd:educational",
            None,
            element(
                "imsmd:typicallearningtime",
                None,
                element("imsmd:datetime", None, _duration(module.minutes)),
            ),
        ),
        element(
            "imsmd:rights",
            None,
            element(
                "imsmd:copyrightandotherrestrictions",
                None,
                element("imsmd:source", None, _langstring("x-none", "LOMv1.0")),
                element("imsmd:value", None, _langstring("x-none", "yes")),
            ),
            _words("description", {"x-none": module.licence}),
        ),
    )


def _words(name: str, by_language: Mapping[str, str]) -> Node:
    strings = [_langstring(tag, text) for tag, text in by_language.items()]
    return element(f"imsmd:{name}", None, *strings)


def _langstring(tag: str, text: str) -> Node:
    return element("imsmd:langstring", {"xml:lang": tag}, text)


def _duration(minutes: int) -> str:
    """Return minutes as LOM 1.2 writes a length of time: ``01:05:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


FORMAT = Format("scorm12", "SCORM 1.2", ("scorm12.js",), complete)
