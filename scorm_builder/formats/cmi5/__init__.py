"""cmi5 (Quartz, 1st Edition)."""

from collections.abc import Iterable

from courseware.i18n.marking import N_
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.format import Format
from scorm_builder.plan import PackageFile, PackagePlan

STRUCTURE = "cmi5.xml"
"""The course structure. It can also be imported alone, without a package (cmi5 14.2)."""

NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"


def _root(contents: PackageContents) -> XmlElement | None:
    return contents.root(STRUCTURE, "course structure")


def _detect(contents: PackageContents) -> str | None:
    root = _root(contents)
    if root is None:
        return None
    if not contents.is_single_file:
        return "cmi5"
    if root.local == "courseStructure":
        return "cmi5, the course structure alone"
    return "XML of no format known here"


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.cmi5 import rules

    root = _root(contents)
    return rules.findings(root, None if contents.is_single_file else contents.files) if root else ()


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.cmi5 import course_structure

    return course_structure.complete(plan)


FORMATS = (
    Format(
        name="cmi5",
        title="cmi5",
        audience=N_("For LMSs that ask for cmi5. It can save answers of any length."),
        marker=STRUCTURE,
        detect=_detect,
        check=_check,
        complete=_complete,
        adapters=("cmi5_launch.js", "cmi5_statements.js", "cmi5_outbox.js", "cmi5.js"),
    ),
)
