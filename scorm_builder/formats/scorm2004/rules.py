"""Rules for SCORM 2004 manifests, with the differences between the 3rd and 4th Edition.

From the SCORM 2004 Content Aggregation Model (3.4, content packaging; 5.1, sequencing) and
Sequencing and Navigation. An ``error`` makes an LMS refuse the package or not play it; a
``warning`` is ignored, or interpreted differently than intended.
"""

import re
from collections.abc import Iterator

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import rules as packaging
from scorm_builder.formats.content_packaging.rules import Files, RuleSource
from scorm_builder.formats.scorm2004 import FOURTH, THIRD, Scorm2004Edition, edition_of

CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
ADLCP = "http://www.adlnet.org/xsd/adlcp_v1p3"
ADLNAV = "http://www.adlnet.org/xsd/adlnav_v1p3"
IMSSS = "http://www.imsglobal.org/xsd/imsss"

_SN = "SCORM 2004 SN"
_ITEM_ORDER = ("title", "item", "metadata", "other")
_TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")
_BUTTONS = ("previous", "continue", "exit", "exitAll", "abandon", "abandonAll", "suspendAll")
_THRESHOLD = {"completedByMeasure", "minProgressMeasure", "progressWeight"}
_FACTORIES = {
    edition: RuleSource(edition.name, f"SCORM {edition.version} CAM", ims)
    for edition, ims in (
        (THIRD, "IMS Content Packaging 1.1.3"),
        (FOURTH, "IMS Content Packaging 1.1.4"),
    )
}


def findings(root: XmlElement, files: Files) -> Iterator[Finding]:
    """Check all rules; ``files`` are the names and sizes in bytes of the package's files."""
    edition = edition_of(root)
    make = _FACTORIES[edition]
    if root.local != "manifest":
        message = f"The document's element is <{root.local}>, not <manifest>."
        yield make.error("root", message, root, make.ims)
        return
    if root.namespace != CP:
        yield make.error("namespace", f"<manifest> must be in the namespace {CP}.", root)
    yield from _version(make, root)
    yield from packaging.identifiers(make, root)
    yield from _order(make, root)
    yield from packaging.organizations(make, root)
    yield from _items(make, root)
    for one in root.walk():
        yield from _element_rules(make, edition, one)
    yield from packaging.resources(make, root, f"{ADLCP}|scormType")
    locations = tuple(one for one in root.walk() if one.name == f"{ADLCP}|location")
    yield from packaging.listed_files(make, root, files, locations)


def _version(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    metadata = root.first("metadata")
    schema = metadata.first("schema") if metadata else None
    if schema is None:
        message = "<metadata> lacks <schema>ADL SCORM</schema>."
        yield make.error("schema", message, metadata or root)
    elif schema.text != "ADL SCORM":
        yield make.error("schema", f'<schema> must be "ADL SCORM", not "{schema.text}".', schema)
    version = metadata.first("schemaversion") if metadata else None
    wanted = f'"{THIRD.version}" or "{FOURTH.version}"'
    if version is None:
        message = f"<metadata> lacks <schemaversion>, which must be {wanted}."
        yield make.error("schemaversion", message, metadata or root)
    elif version.text not in (THIRD.version, FOURTH.version):
        message = f'<schemaversion> must be {wanted}, not "{version.text}".'
        yield make.error("schemaversion", message, version)


def _order(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    wanted = ("metadata", "organizations", "resources", "manifest", "sequencingCollection")
    words = "metadata, organizations, resources, manifests, imsss:sequencingCollection"
    yield from packaging.in_order(make, root, [one.local for one in root.children], wanted, words)
    words = "title, items, metadata, then sequencing and presentation"
    for parent in root.walk():
        if parent.name in (f"{CP}|item", f"{CP}|organization"):
            known = [one.local if one.namespace == CP else "other" for one in parent.children]
            yield from packaging.in_order(make, parent, known, _ITEM_ORDER, words)


def _items(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    collection = root.first("sequencingCollection")
    shared = {
        one.attributes.get("ID"): one
        for one in (collection.all("sequencing") if collection else ())
    }
    for one in packaging.played(make, root):
        if isinstance(one, Finding):
            yield one
            continue
        if one.first("item") is not None:
            message = "The item has items of its own, so it may not lead to a resource."
            yield make.error("identifierref", message, one)
        yield from _set_by_content(make, one, shared)
    for one in root.walk():
        named = one.attributes.get("IDRef") if one.name == f"{IMSSS}|sequencing" else None
        if named is not None and named not in shared:
            message = f'There is no sequencing "{named}" in the sequencingCollection.'
            yield make.error("sequencing-idref", message, one, _SN)


def _set_by_content(
    make: RuleSource, item: XmlElement, shared: dict[str | None, XmlElement]
) -> Iterator[Finding]:
    sequencing = item.first("sequencing")
    both = [one for one in (sequencing, _named(sequencing, shared)) if one is not None]
    controls = next((found for one in both if (found := one.first("deliveryControls"))), None)
    for name, becomes in (
        ("completionSetByContent", "completed"),
        ("objectiveSetByContent", "passed"),
    ):
        if controls is None or controls.attributes.get(name) not in ("true", "1"):
            message = (
                f'<imsss:deliveryControls> does not say {name}="true": '
                f"whoever opens and closes the item has {becomes} it."
            )
            yield make.warning("set-by-content", message, controls or sequencing or item, _SN)


def _named(
    sequencing: XmlElement | None, shared: dict[str | None, XmlElement]
) -> XmlElement | None:
    return shared.get(sequencing.attributes.get("IDRef", "")) if sequencing else None


def _element_rules(
    make: RuleSource, edition: Scorm2004Edition, one: XmlElement
) -> Iterator[Finding]:
    if one.name == f"{IMSSS}|mapInfo":
        message = "imsss:mapInfo makes Moodle's import fail: keep objectives inside their item."
        yield make.error("mapinfo", message, one, _SN)
    elif one.name == f"{IMSSS}|minNormalizedMeasure" and not _is_between(one.text, -1, 1):
        message = f'minNormalizedMeasure must be a number from -1 to 1, not "{one.text}".'
        yield make.error("measure", message, one, _SN)
    elif one.name == f"{IMSSS}|controlMode":
        yield from _control_mode(make, one)
    elif one.name == f"{ADLNAV}|hideLMSUI" and one.text not in _BUTTONS:
        yield make.error(
            "hidelmsui", f'"{one.text}" is not one of {", ".join(_BUTTONS)}.', one, _SN
        )
    elif one.local.lower() == "masteryscore":
        message = "masteryscore is of SCORM 1.2: 2004 has minNormalizedMeasure."
        yield make.warning("masteryscore", message, one)
    elif one.name == f"{ADLCP}|timeLimitAction" and one.text not in _TIME_LIMIT_ACTIONS:
        message = f'"{one.text}" is not one of {"; ".join(_TIME_LIMIT_ACTIONS)}.'
        yield make.error("timelimitaction", message, one)
    elif one.name == f"{ADLCP}|completionThreshold":
        yield from _threshold(make, edition, one)


def _control_mode(make: RuleSource, one: XmlElement) -> Iterator[Finding]:
    choice = one.attributes.get("choice", "true") in ("true", "1")
    flow = one.attributes.get("flow", "false") in ("true", "1")
    if not (choice or flow):
        yield make.error(
            "control-mode", "With neither choice nor flow nothing can start.", one, _SN
        )


def _threshold(make: RuleSource, edition: Scorm2004Edition, one: XmlElement) -> Iterator[Finding]:
    """The 3rd Edition writes a completion threshold as text, the 4th as attributes."""
    given = _THRESHOLD & set(one.attributes)
    if edition == THIRD:
        if given:
            message = (
                f"{', '.join(sorted(given))} are of the 4th Edition: write the number as text."
            )
            yield make.error("threshold", message, one)
        elif not _is_between(one.text, 0, 1):
            message = f'completionThreshold must be a number from 0 to 1, not "{one.text}".'
            yield make.error("threshold", message, one)
        return
    if one.text:
        message = 'Text is of the 3rd Edition: write minProgressMeasure="…" instead.'
        yield make.error("threshold", message, one)
    for name in sorted(given - {"completedByMeasure"}):
        if not _is_between(one.attributes[name], 0, 1):
            message = f'{name} must be a number from 0 to 1, not "{one.attributes[name]}".'
            yield make.error("threshold", message, one)
    if one.attributes.get("completedByMeasure", "false") not in ("true", "false", "1", "0"):
        yield make.error("threshold", "completedByMeasure is true or false.", one)


def _is_between(text: str, least: int, most: int) -> bool:
    number = re.fullmatch(r"-?[0-9]{1,5}(\.[0-9]+)?", text)
    return number is not None and least <= float(text) <= most
