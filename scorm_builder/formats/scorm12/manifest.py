"""The manifest of a SCORM 1.2 package, in all languages of the module.

SCORM 1.2 Content Aggregation Model (ADL, 2001), part 2.3 (content packaging) and 2.2 (metadata),
based on IMS Content Packaging 1.1.2 and IMS Learning Resource Metadata 1.2.1. Every file of the
package is listed in its resource. There is a masteryscore only if the author sets a mastery: with a
score, LMSs let it override the status (``runtime/measure.js``).

There is one SCO unless several were requested, because several LMSs show only the first one. SCORM
1.2 cannot express that a section does not count: each LMS aggregates the items in its own way.
"""

from collections.abc import Mapping

from courseware.languages import normal
from courseware.module import Completion
from scorm_builder.formats.content_packaging import MANIFEST
from scorm_builder.formats.content_packaging import manifest as packaging
from scorm_builder.plan import PackageFile, PackagePlan, Sco, from_bytes
from scorm_builder.xml_writer import Node, Verbatim, element

_NAMESPACES = {
    "xmlns": "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
    "xmlns:adlcp": "http://www.adlnet.org/xsd/adlcp_rootv1p2",
    "xmlns:imsmd": "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1",
}


def complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return all files of the package, the manifest first."""
    return (from_bytes(MANIFEST, manifest(plan)), *plan.files)


def manifest(plan: PackagePlan) -> bytes:
    """Return ``imsmanifest.xml`` for the plan."""
    return packaging.manifest(
        plan,
        version="1.2",
        namespaces=_NAMESPACES,
        lom=_lom(plan),
        organization=_organization(plan, packaging.name_of(plan)),
        kind="adlcp:scormtype",
    )


def _organization(plan: PackagePlan, name: str) -> Node:
    title = packaging.title(plan, plan.module.titles)
    items = [_item(plan, sco, name) for sco in plan.scos]
    return element("organization", {"identifier": f"ORG-{name}"}, title, *items)


def _item(plan: PackagePlan, sco: Sco, name: str) -> Node:
    facts = {
        "identifier": sco.identifier("ITEM", name),
        "identifierref": sco.identifier("RES", name),
    }
    return element("item", facts, packaging.title(plan, sco.titles), *_mastery(sco.completion))


def _mastery(rule: Completion) -> list[Node]:
    return [] if rule.mastery is None else [element("adlcp:masteryscore", None, str(rule.mastery))]


def _lom(plan: PackagePlan) -> Node:
    """Return the metadata of the module (LOM, IMS binding 1.2.1) in all languages."""
    module = plan.module
    titles, summaries = plan.in_languages(module.titles), plan.in_languages(module.summaries)
    general: list[Node] = [_words("title", titles or module.titles)]
    general += [element("imsmd:language", None, normal(tag) or tag) for tag in plan.languages]
    if summaries:
        general.append(_words("description", summaries))
    general += [_words("keyword", {"x-none": keyword}) for keyword in module.keywords]
    return element(
        "imsmd:lom",
        None,
        element("imsmd:general", None, *general),
        element(
            "imsmd:lifecycle",
            None,
            _words("version", {"x-none": module.version}),
            *(_author(name) for name in module.authors),
        ),
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
            _term("copyrightandotherrestrictions", "yes"),
            _words("description", {"x-none": module.licence}),
        ),
    )


def _author(name: str) -> Node:
    card = element("imsmd:vcard", None, Verbatim(packaging.card(name)))
    return element(
        "imsmd:contribute", None, _term("role", "Author"), element("imsmd:centity", None, card)
    )


def _term(name: str, value: str) -> Node:
    """Return a value of LOM's vocabulary."""
    return element(
        f"imsmd:{name}",
        None,
        element("imsmd:source", None, _langstring("x-none", "LOMv1.0")),
        element("imsmd:value", None, _langstring("x-none", value)),
    )


def _words(name: str, by_language: Mapping[str, str]) -> Node:
    strings = [_langstring(tag, text) for tag, text in by_language.items()]
    return element(f"imsmd:{name}", None, *strings)


def _langstring(tag: str, text: str) -> Node:
    return element("imsmd:langstring", {"xml:lang": tag}, text)


def _duration(minutes: int) -> str:
    """Return minutes as a duration of LOM 1.2: ``01:05:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}:00"
