"""Rules for SCORM 2004 manifests, with the differences between the editions.

From the SCORM 2004 Content Aggregation Model (3.4, content packaging; 5.1, sequencing) and
Sequencing and Navigation. Optional elements may be empty. The version decides more than the rest:
Moodle plays a package whose version it does not know as SCORM 1.2.
"""

import re
from collections.abc import Iterator

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import rules as packaging
from scorm_builder.formats.content_packaging.rules import Files, RuleSource
from scorm_builder.formats.scorm2004 import FOURTH, SECOND, THIRD, Scorm2004Edition, edition_of

CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
ADLCP = "http://www.adlnet.org/xsd/adlcp_v1p3"
ADLNAV = "http://www.adlnet.org/xsd/adlnav_v1p3"
IMSSS = "http://www.imsglobal.org/xsd/imsss"

_SN = "SCORM 2004 SN"
_ITEM_ORDER = ("title", "item", "metadata", "other")
_TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")
_BUTTONS = ("previous", "continue", "exit", "exitAll", "abandon", "abandonAll", "suspendAll")
_MAY_BE_EMPTY = (
    f"{IMSSS}|minNormalizedMeasure",
    f"{ADLNAV}|hideLMSUI",
    f"{ADLCP}|timeLimitAction",
)
_THRESHOLD = {"completedByMeasure", "minProgressMeasure", "progressWeight"}
_FACTORIES = {
    edition: RuleSource(edition.name, f"SCORM {words} CAM", ims)
    for edition, words, ims in (
        (SECOND, "2004 2nd Edition", "IMS Content Packaging 1.1.3"),
        (THIRD, THIRD.version, "IMS Content Packaging 1.1.3"),
        (FOURTH, FOURTH.version, "IMS Content Packaging 1.1.4"),
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
        yield make.warning("namespace", f"<manifest> must be in the namespace {CP}.", root)
    yield from _version(make, root)
    yield from packaging.identifiers(make, root)
    yield from _order(make, root)
    yield from packaging.organizations(make, root)
    yield from _items(make, root)
    for one in root.walk():
        yield from _element_rules(make, edition, one)
    yield from packaging.resources(make, root, f"{ADLCP}|scormType")
    yield from packaging.listed_files(make, root, files)


def _version(make: RuleSource, root: XmlElement) -> Iterator[Finding]:
    metadata = root.first("metadata")
    schema = metadata.first("schema") if metadata else None
    if schema is None:
        message = "<metadata> lacks <schema>ADL SCORM</schema>."
        yield make.warning("schema", message, metadata or root)
    elif schema.text != "ADL SCORM":
        yield make.warning("schema", f'<schema> must be "ADL SCORM", not "{schema.text}".', schema)
    version = metadata.first("schemaversion") if metadata else None
    wanted = " or ".join(f'"{one.version}"' for one in (THIRD, FOURTH))
    if version is None:
        message = f"<metadata> lacks <schemaversion>, which must be {wanted}."
        yield make.error("schemaversion", message, metadata or root, "Moodle")
    elif version.text not in (SECOND.version, "1.3", THIRD.version, FOURTH.version):
        message = (
            f'<schemaversion> must be {wanted}, not "{version.text}": it is played as SCORM 1.2.'
        )
        yield make.error("schemaversion", message, version, "Moodle")


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
    shared = {one.get("ID"): one for one in (collection.all("sequencing") if collection else ())}
    for one in packaging.played(make, root):
        if isinstance(one, Finding):
            yield one
            continue
        if one.first("item") is not None:
            message = "The item has items of its own, so it may not lead to a resource."
            yield make.warning("identifierref", message, one)
        yield from _set_by_content(make, one, shared)
    for one in root.walk():
        named = one.get("IDRef") if one.name == f"{IMSSS}|sequencing" else ""
        if named and named not in shared:
            message = f'There is no sequencing "{named}" in the sequencingCollection.'
            yield make.warning("sequencing-idref", message, one, _SN)


def _set_by_content(
    make: RuleSource, item: XmlElement, shared: dict[str, XmlElement]
) -> Iterator[Finding]:
    sequencing = item.first("sequencing")
    both = [one for one in (sequencing, _named(sequencing, shared)) if one is not None]
    controls = next((found for one in both if (found := one.first("deliveryControls"))), None)
    for name, becomes in (
        ("completionSetByContent", "completed"),
        ("objectiveSetByContent", "passed"),
    ):
        if controls is None or controls.get(name) not in ("true", "1"):
            message = (
                f'<imsss:deliveryControls> does not say {name}="true": '
                f"to open and close the item is enough to have {becomes} it."
            )
            yield make.warning("set-by-content", message, controls or sequencing or item, _SN)


def _named(sequencing: XmlElement | None, shared: dict[str, XmlElement]) -> XmlElement | None:
    return shared.get(sequencing.get("IDRef")) if sequencing else None


def _element_rules(
    make: RuleSource, edition: Scorm2004Edition, one: XmlElement
) -> Iterator[Finding]:
    if one.name == f"{IMSSS}|mapInfo":
        message = "Moodle's import fails at imsss:mapInfo (4.5): keep objectives inside their item."
        yield make.warning("mapinfo", message, one, "Moodle")
    elif one.name in _MAY_BE_EMPTY and not one.text:
        return
    elif one.name == f"{IMSSS}|minNormalizedMeasure" and not _is_between(one.text, -1, 1):
        message = f'minNormalizedMeasure must be a number from -1 to 1, not "{one.text}".'
        yield make.error("measure", message, one, _SN)
    elif one.name == f"{IMSSS}|controlMode":
        yield from _control_mode(make, one)
    elif one.name == f"{ADLNAV}|hideLMSUI" and one.text not in _BUTTONS:
        yield make.warning(
            "hidelmsui", f'"{one.text}" is not one of {", ".join(_BUTTONS)}.', one, _SN
        )
    elif one.local.lower() == "masteryscore":
        message = "masteryscore is of SCORM 1.2: 2004 has minNormalizedMeasure."
        yield make.warning("masteryscore", message, one)
    elif one.name == f"{ADLCP}|timeLimitAction" and one.text not in _TIME_LIMIT_ACTIONS:
        message = f'"{one.text}" is not one of {"; ".join(_TIME_LIMIT_ACTIONS)}.'
        yield make.warning("timelimitaction", message, one)
    elif one.name == f"{ADLCP}|completionThreshold":
        yield from _threshold(make, edition, one)


def _control_mode(make: RuleSource, one: XmlElement) -> Iterator[Finding]:
    choice = one.get("choice", "true") in ("true", "1")
    flow = one.get("flow", "false") in ("true", "1")
    if not (choice or flow):
        message = "With neither choice nor flow nothing in it can start by itself."
        yield make.warning("control-mode", message, one, _SN)


def _threshold(make: RuleSource, edition: Scorm2004Edition, one: XmlElement) -> Iterator[Finding]:
    """The 4th Edition writes a completion threshold as attributes, earlier ones as text."""
    given = _THRESHOLD & set(one.attributes)
    if edition != FOURTH:
        if given:
            message = (
                f"{', '.join(sorted(given))} are of the 4th Edition: write the number as text."
            )
            yield make.warning("threshold", message, one)
        elif one.text and not _is_between(one.text, 0, 1):
            message = f'completionThreshold must be a number from 0 to 1, not "{one.text}".'
            yield make.error("threshold", message, one)
        return
    if one.text:
        message = 'Text is of the 3rd Edition: write minProgressMeasure="…" instead.'
        yield make.warning("threshold", message, one)
    for name in sorted(given - {"completedByMeasure"}):
        if not _is_between(one.get(name), 0, 1):
            message = f'{name} must be a number from 0 to 1, not "{one.get(name)}".'
            yield make.error("threshold", message, one)
    if one.get("completedByMeasure", "false") not in ("true", "false", "1", "0"):
        yield make.warning("threshold", "completedByMeasure is true or false.", one)


def _is_between(text: str, least: int, most: int) -> bool:
    number = re.fullmatch(r"-?[0-9]{1,5}(\.[0-9]+)?", text)
    return number is not None and least <= float(text) <= most
