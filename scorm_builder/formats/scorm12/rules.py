"""Rules for SCORM 1.2 manifests.

From the SCORM 1.2 Content Aggregation Model (part 2.3, content packaging), with comments on what
LMSs do in practice; the rules of IMS Content Packaging are in ``content_packaging/rules.py``.
Optional elements may be empty.
"""

import re
from collections.abc import Iterator

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import rules as packaging
from scorm_builder.formats.content_packaging.rules import Files, RuleSource

CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"

_FINDING = RuleSource("scorm12", "SCORM 1.2 CAM 2.3", "IMS Content Packaging 1.1.2")
_ITEM_ORDER = ("title", "item", "metadata", "adlcp")
_PLAYED_AS_2004 = re.compile(r"(CAM )?1\.3|2004 (3rd|4th) Edition")
"""The versions that Moodle treats as SCORM 2004."""

_PERCENT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_SAME_FOR_ALL = "In Moodle everybody passes, or nobody."
_TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")


def findings(root: XmlElement, files: Files) -> Iterator[Finding]:
    """Check all rules; ``files`` are the names and sizes in bytes of the package's files."""
    if root.local != "manifest":
        message = f"The document's element is <{root.local}>, not <manifest>."
        yield _FINDING.error("root", message, root, _FINDING.ims)
        return
    if root.namespace != CP:
        yield _FINDING.warning("namespace", f"<manifest> must be in the namespace {CP}.", root)
    yield from _version(root)
    yield from packaging.identifiers(_FINDING, root)
    yield from _order(root)
    yield from packaging.organizations(_FINDING, root)
    yield from _items(root)
    yield from packaging.resources(_FINDING, root, f"{ADLCP}|scormtype")
    yield from packaging.listed_files(_FINDING, root, files)


def _version(root: XmlElement) -> Iterator[Finding]:
    metadata = root.first("metadata")
    for name, wanted in (("schema", "ADL SCORM"), ("schemaversion", "1.2")):
        found = metadata.first(name) if metadata else None
        if found is None:
            message = f"<metadata> lacks <{name}>{wanted}</{name}>."
            yield _FINDING.warning(name, message, metadata or root)
        elif _PLAYED_AS_2004.fullmatch(found.text):
            message = f'<{name}> must be "{wanted}", not "{found.text}": it is played as 2004.'
            yield _FINDING.error(name, message, found, "Moodle, Open edX")
        elif found.text != wanted and name == "schemaversion":
            message = f'<{name}> must be "{wanted}", not "{found.text}": it is played as 2004.'
            yield _FINDING.error(name, message, found, "Open edX")
        elif found.text != wanted:
            yield _FINDING.warning(name, f'<{name}> must be "{wanted}", not "{found.text}".', found)


def _order(root: XmlElement) -> Iterator[Finding]:
    wanted = ("metadata", "organizations", "resources", "manifest")
    words = "metadata, organizations, resources, manifests"
    yield from packaging.in_order(
        _FINDING, root, [one.local for one in root.children], wanted, words
    )
    words = "title, items, metadata, adlcp elements"
    for item in (one for one in root.walk() if one.local == "item"):
        known = [child.local if child.namespace != ADLCP else "adlcp" for child in item.children]
        yield from packaging.in_order(_FINDING, item, known, _ITEM_ORDER, words)


def _items(root: XmlElement) -> Iterator[Finding]:
    played = 0
    for one in packaging.played(_FINDING, root):
        if isinstance(one, Finding):
            yield one
        else:
            played += 1
    for item in (one for one in root.walk() if one.local == "item"):
        yield from _item_rules(item)
    if played > 1:
        message = f"There are {played} items to play: several LMSs show only the first."
        yield _FINDING.warning("several", message, root)


def _item_rules(item: XmlElement) -> Iterator[Finding]:
    for child in (one for one in item.children if one.text):
        if child.local == "masteryscore":
            if child.namespace != ADLCP:
                message = "<masteryscore> must be in the adlcp namespace."
                yield _FINDING.warning("masteryscore", message, child)
            yield from _mastery(child)
        elif child.local == "timelimitaction" and child.text not in _TIME_LIMIT_ACTIONS:
            message = f'"{child.text}" is not one of {"; ".join(_TIME_LIMIT_ACTIONS)}.'
            yield _FINDING.warning("timelimitaction", message, child)


def _mastery(score: XmlElement) -> Iterator[Finding]:
    """Check that it is a number. Moodle reads the number that a text begins with (parseFloat)."""
    if _PERCENT.fullmatch(score.text) and float(score.text) <= 100:
        return
    message = f'The mastery score must be a number from 0 to 100, not "{score.text}".'
    read = _PERCENT.match(score.text)
    if read is not None and float(read[0]) <= 100:
        message += f" Moodle reads {read[0]}."
        yield _FINDING.warning("masteryscore", message, score)
    else:
        yield _FINDING.error("masteryscore", f"{message} {_SAME_FOR_ALL}", score, "Moodle")
