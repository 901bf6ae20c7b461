"""Rules for IMS content packages without SCORM (IMS Content Packaging 1.1.4).

A package may have no organization: then it holds resources to import, and nothing to play.
"""

from collections.abc import Iterator

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import rules as packaging
from scorm_builder.formats.content_packaging.rules import Files, RuleSource

_SPECIFICATION = "IMS Content Packaging 1.1.4"
_FINDING = RuleSource("imscp", _SPECIFICATION, _SPECIFICATION)


def findings(root: XmlElement, files: Files) -> Iterator[Finding]:
    """Check all rules; ``files`` are the names and sizes in bytes of the package's files."""
    yield from packaging.identifiers(_FINDING, root)
    for one in packaging.played(_FINDING, root):
        if isinstance(one, Finding):
            yield one
    yield from packaging.dependencies(_FINDING, root)
    yield from packaging.listed_files(_FINDING, root, files)
