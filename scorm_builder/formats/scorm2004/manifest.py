"""The manifest of a SCORM 2004 package, 3rd or 4th Edition.

SCORM 2004 Content Aggregation Model (ADL, 2006 and 2009), 3.4 (content packaging) and 4.2 (LOM,
IEEE 1484.12.3), and Sequencing and Navigation. For these packages the editions differ only in the
version text.

What the LMS may conclude by itself is switched off. Without ``completionSetByContent`` and
``objectiveSetByContent`` an LMS marks an activity as completed and satisfied when it ends, so
opening and closing it would be enough. There is no completion threshold either: the package judges
the author's rule itself. There is a normalized measure only if the author sets a mastery; it is on
the primary objective, to which ``cmi.score.scaled`` belongs. There is no ``imsss:mapInfo``, because
Moodle cannot import a package that has one.

With one SCO per section, the LMS's menu and arrows lead from one to another in any order
(``choice`` and ``flow``; Moodle does not honour the refusal of either). The module is completed
when all SCOs are, except those that the author's rule does not require: their rollup controls
exclude them (SN 3.8 and 4.6).
"""

from collections.abc import Mapping

from courseware.languages import normal
from courseware.module import Completion
from scorm_builder.formats.content_packaging import MANIFEST
from scorm_builder.formats.content_packaging import manifest as packaging
from scorm_builder.formats.scorm2004 import Scorm2004Edition
from scorm_builder.plan import PackageFile, PackagePlan, Sco, from_bytes
from scorm_builder.xml_writer import Node, Verbatim, element

_NAMESPACES = {
    "xmlns": "http://www.imsglobal.org/xsd/imscp_v1p1",
    "xmlns:adlcp": "http://www.adlnet.org/xsd/adlcp_v1p3",
    "xmlns:adlseq": "http://www.adlnet.org/xsd/adlseq_v1p3",
    "xmlns:adlnav": "http://www.adlnet.org/xsd/adlnav_v1p3",
    "xmlns:imsss": "http://www.imsglobal.org/xsd/imsss",
}
_LOM = "http://ltsc.ieee.org/xsd/LOM"


def complete(plan: PackagePlan, edition: Scorm2004Edition) -> tuple[PackageFile, ...]:
    """Return all files of the package, the manifest first."""
    return (from_bytes(MANIFEST, manifest(plan, edition)), *plan.files)


def manifest(plan: PackagePlan, edition: Scorm2004Edition) -> bytes:
    """Return ``imsmanifest.xml`` for the plan."""
    return packaging.manifest(
        plan,
        version=edition.version,
        namespaces=_NAMESPACES,
        lom=_lom(plan),
        organization=_organization(plan, packaging.name_of(plan)),
        kind="adlcp:scormType",
    )


def _organization(plan: PackagePlan, name: str) -> Node:
    facts = {"identifier": f"ORG-{name}", "adlseq:objectivesGlobalToSystem": "false"}
    title = packaging.title(plan, plan.module.titles)
    items = [_item(plan, sco, name) for sco in plan.scos]
    moves = element("imsss:controlMode", {"choice": "true", "flow": "true"})
    return element("organization", facts, title, *items, _sequencing(moves))


def _item(plan: PackagePlan, sco: Sco, name: str) -> Node:
    return element(
        "item",
        {"identifier": sco.identifier("ITEM", name), "identifierref": sco.identifier("RES", name)},
        packaging.title(plan, sco.titles),
        _sequencing(
            *_not_counted(sco),
            *_mastery(sco.completion),
            element(
                "imsss:deliveryControls",
                {"completionSetByContent": "true", "objectiveSetByContent": "true"},
            ),
        ),
        *([_without_arrows()] if len(plan.scos) == 1 else []),
    )


def _sequencing(*rules: Node) -> Node:
    return element("imsss:sequencing", None, *rules)


def _not_counted(sco: Sco) -> list[Node]:
    """Return the rollup controls that exclude an SCO, if the rule does not require it."""
    if sco.counts:
        return []
    facts = dict.fromkeys(("rollupObjectiveSatisfied", "rollupProgressCompletion"), "false")
    return [element("imsss:rollupRules", facts | {"objectiveMeasureWeight": "0"})]


def _mastery(rule: Completion) -> list[Node]:
    """Return the primary objective with the measure from which on an item is passed."""
    if rule.mastery is None:
        return []
    least = element("imsss:minNormalizedMeasure", None, f"{rule.mastery / 100:g}")
    primary = element("imsss:primaryObjective", {"satisfiedByMeasure": "true"}, least)
    return [element("imsss:objectives", None, primary)]


def _without_arrows() -> Node:
    """Return the presentation that hides the LMS's previous and continue buttons."""
    hidden = [element("adlnav:hideLMSUI", None, one) for one in ("previous", "continue")]
    return element(
        "adlnav:presentation", None, element("adlnav:navigationInterface", None, *hidden)
    )


def _lom(plan: PackagePlan) -> Node:
    """Return the metadata of the module (IEEE LOM) in all languages of the package."""
    module = plan.module
    titles, summaries = plan.in_languages(module.titles), plan.in_languages(module.summaries)
    general: list[Node] = [_words("title", titles or module.titles)]
    general += [element("language", None, normal(tag) or tag) for tag in plan.languages]
    if summaries:
        general.append(_words("description", summaries))
    general += [element("keyword", None, _string(keyword)) for keyword in module.keywords]
    return element(
        "lom",
        {"xmlns": _LOM},
        element("general", None, *general),
        element(
            "lifeCycle",
            None,
            element("version", None, _string(module.version)),
            *(_author(name) for name in module.authors),
        ),
        element("metaMetadata", None, element("metadataSchema", None, "LOMv1.0")),
        element(
            "educational",
            None,
            element(
                "typicalLearningTime",
                None,
                element("duration", None, _duration(module.minutes)),
            ),
        ),
        element(
            "rights",
            None,
            _term("copyrightAndOtherRestrictions", "yes"),
            element("description", None, _string(module.licence)),
        ),
    )


def _author(name: str) -> Node:
    card = element("entity", None, Verbatim(packaging.card(name)))
    return element("contribute", None, _term("role", "author"), card)


def _term(name: str, value: str) -> Node:
    """Return a value of LOM's vocabulary."""
    return element(name, None, element("source", None, "LOMv1.0"), element("value", None, value))


def _words(name: str, by_language: Mapping[str, str]) -> Node:
    strings = [element("string", {"language": tag}, text) for tag, text in by_language.items()]
    return element(name, None, *strings)


def _string(text: str) -> Node:
    """Return a text without a language."""
    return element("string", None, text)


def _duration(minutes: int) -> str:
    """Return minutes as an ISO 8601 duration: ``PT1H5M``."""
    hours, rest = divmod(minutes, 60)
    return f"PT{hours}H{rest}M" if hours else f"PT{rest}M"
