"""What SCORM 2004 asks of a manifest, rule by rule, where its 3rd and 4th Editions differ and where
not.

From the SCORM 2004 Content Aggregation Model (3.4, content packaging; 5.1, sequencing) and
Sequencing and Navigation. ``error`` is what makes an LMS refuse the package or not play it,
``warning`` what it passes over, or takes otherwise than was meant.
"""

import re
from collections.abc import Iterator

from scorm_builder.findings import Finding
from scorm_builder.formats import packaging_rules as packaging
from scorm_builder.formats.packaging_rules import Files, Speaker
from scorm_builder.formats.scorm2004 import FOURTH, THIRD, Edition
from scorm_builder.xml import Element

CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
ADLCP = "http://www.adlnet.org/xsd/adlcp_v1p3"
ADLNAV = "http://www.adlnet.org/xsd/adlnav_v1p3"
IMSSS = "http://www.imsglobal.org/xsd/imsss"

_SN = "SCORM 2004 SN"
_ITEM_ORDER = ("title", "item", "metadata", "other")
_TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")
_BUTTONS = ("previous", "continue", "exit", "exitAll", "abandon", "abandonAll", "suspendAll")
_THRESHOLD = {"completedByMeasure", "minProgressMeasure", "progressWeight"}
_SPEAKERS = {
    edition: Speaker(edition.name, f"SCORM {edition.version} CAM", ims)
    for edition, ims in (
        (THIRD, "IMS Content Packaging 1.1.3"),
        (FOURTH, "IMS Content Packaging 1.1.4"),
    )
}


def edition_of(root: Element) -> Edition:
    """Return the edition that a manifest means; the 4th if it does not say."""
    metadata = root.first("metadata")
    version = metadata.first("schemaversion") if metadata else None
    return THIRD if version and "3rd" in version.text else FOURTH


def findings(root: Element, files: Files) -> Iterator[Finding]:
    """Go through every rule; ``files`` are the names and sizes of what the package holds."""
    edition = edition_of(root)
    say = _SPEAKERS[edition]
    if root.local != "manifest":
        message = f"The document's element is <{root.local}>, not <manifest>."
        yield say.error("root", message, root, say.ims)
        return
    if root.namespace != CP:
        yield say.error("namespace", f"<manifest> must be in the namespace {CP}.", root)
    yield from _version(say, root)
    yield from packaging.identifiers(say, root)
    yield from _order(say, root)
    yield from packaging.organizations(say, root)
    yield from _items(say, root)
    for one in root.walk():
        yield from _element_rules(say, edition, one)
    yield from packaging.resources(say, root, f"{ADLCP}|scormType")
    locations = tuple(one for one in root.walk() if one.name == f"{ADLCP}|location")
    yield from packaging.listed_files(say, root, files, locations)


def _version(say: Speaker, root: Element) -> Iterator[Finding]:
    metadata = root.first("metadata")
    schema = metadata.first("schema") if metadata else None
    if schema is None:
        message = "<metadata> lacks <schema>ADL SCORM</schema>."
        yield say.error("schema", message, metadata or root)
    elif schema.text != "ADL SCORM":
        yield say.error("schema", f'<schema> must be "ADL SCORM", not "{schema.text}".', schema)
    version = metadata.first("schemaversion") if metadata else None
    wanted = f'"{THIRD.version}" or "{FOURTH.version}"'
    if version is None:
        message = f"<metadata> lacks <schemaversion>, which must be {wanted}."
        yield say.error("schemaversion", message, metadata or root)
    elif version.text not in (THIRD.version, FOURTH.version):
        message = f'<schemaversion> must be {wanted}, not "{version.text}".'
        yield say.error("schemaversion", message, version)


def _order(say: Speaker, root: Element) -> Iterator[Finding]:
    wanted = ("metadata", "organizations", "resources", "manifest", "sequencingCollection")
    words = "metadata, organizations, resources, manifests, imsss:sequencingCollection"
    yield from packaging.in_order(say, root, [one.local for one in root.children], wanted, words)
    words = "title, items, metadata, then sequencing and presentation"
    for parent in root.walk():
        if parent.name in (f"{CP}|item", f"{CP}|organization"):
            known = [one.local if one.namespace == CP else "other" for one in parent.children]
            yield from packaging.in_order(say, parent, known, _ITEM_ORDER, words)


def _items(say: Speaker, root: Element) -> Iterator[Finding]:
    collection = root.first("sequencingCollection")
    shared = {
        one.attributes.get("ID"): one
        for one in (collection.all("sequencing") if collection else ())
    }
    for one in packaging.played(say, root):
        if isinstance(one, Finding):
            yield one
            continue
        if one.first("item") is not None:
            message = "The item has items of its own, so it may not lead to a resource."
            yield say.error("identifierref", message, one)
        yield from _set_by_content(say, one, shared)
    for one in root.walk():
        named = one.attributes.get("IDRef") if one.name == f"{IMSSS}|sequencing" else None
        if named is not None and named not in shared:
            message = f'There is no sequencing "{named}" in the sequencingCollection.'
            yield say.error("sequencing-idref", message, one, _SN)


def _set_by_content(
    say: Speaker, item: Element, shared: dict[str | None, Element]
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
            yield say.warning("set-by-content", message, controls or sequencing or item, _SN)


def _named(sequencing: Element | None, shared: dict[str | None, Element]) -> Element | None:
    return shared.get(sequencing.attributes.get("IDRef", "")) if sequencing else None


def _element_rules(say: Speaker, edition: Edition, one: Element) -> Iterator[Finding]:
    if one.name == f"{IMSSS}|mapInfo":
        message = "imsss:mapInfo makes Moodle's import fail: keep objectives inside their item."
        yield say.error("mapinfo", message, one, _SN)
    elif one.name == f"{IMSSS}|minNormalizedMeasure" and not _is_between(one.text, -1, 1):
        message = f'minNormalizedMeasure must be a number from -1 to 1, not "{one.text}".'
        yield say.error("measure", message, one, _SN)
    elif one.name == f"{IMSSS}|controlMode":
        yield from _control_mode(say, one)
    elif one.name == f"{ADLNAV}|hideLMSUI" and one.text not in _BUTTONS:
        yield say.error("hidelmsui", f'"{one.text}" is not one of {", ".join(_BUTTONS)}.', one, _SN)
    elif one.local.lower() == "masteryscore":
        message = "masteryscore is of SCORM 1.2: 2004 has minNormalizedMeasure."
        yield say.warning("masteryscore", message, one)
    elif one.name == f"{ADLCP}|timeLimitAction" and one.text not in _TIME_LIMIT_ACTIONS:
        message = f'"{one.text}" is not one of {"; ".join(_TIME_LIMIT_ACTIONS)}.'
        yield say.error("timelimitaction", message, one)
    elif one.name == f"{ADLCP}|completionThreshold":
        yield from _threshold(say, edition, one)


def _control_mode(say: Speaker, one: Element) -> Iterator[Finding]:
    choice = one.attributes.get("choice", "true") in ("true", "1")
    flow = one.attributes.get("flow", "false") in ("true", "1")
    if not (choice or flow):
        yield say.error("control-mode", "With neither choice nor flow nothing can start.", one, _SN)


def _threshold(say: Speaker, edition: Edition, one: Element) -> Iterator[Finding]:
    """The 3rd Edition writes a completion threshold as text, the 4th as attributes."""
    given = _THRESHOLD & set(one.attributes)
    if edition == THIRD:
        if given:
            message = (
                f"{', '.join(sorted(given))} are of the 4th Edition: write the number as text."
            )
            yield say.error("threshold", message, one)
        elif not _is_between(one.text, 0, 1):
            message = f'completionThreshold must be a number from 0 to 1, not "{one.text}".'
            yield say.error("threshold", message, one)
        return
    if one.text:
        message = 'Text is of the 3rd Edition: write minProgressMeasure="…" instead.'
        yield say.error("threshold", message, one)
    for name in sorted(given - {"completedByMeasure"}):
        if not _is_between(one.attributes[name], 0, 1):
            message = f'{name} must be a number from 0 to 1, not "{one.attributes[name]}".'
            yield say.error("threshold", message, one)
    if one.attributes.get("completedByMeasure", "false") not in ("true", "false", "1", "0"):
        yield say.error("threshold", "completedByMeasure is true or false.", one)


def _is_between(text: str, least: int, most: int) -> bool:
    number = re.fullmatch(r"-?[0-9]{1,5}(\.[0-9]+)?", text)
    return number is not None and least <= float(text) <= most
