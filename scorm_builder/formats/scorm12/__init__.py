"""SCORM 1.2."""

from collections.abc import Iterable

from courseware.i18n.marking import N_
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.content_packaging import MANIFEST, label
from scorm_builder.formats.format import Format
from scorm_builder.plan import PackageFile, PackagePlan

NAME = "scorm12"


def _detect(contents: PackageContents) -> str | None:
    root = contents.root(MANIFEST) if not contents.is_single_file else None
    return None if root is None else label(root, NAME)


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.scorm12 import rules

    root = contents.root(MANIFEST)
    return rules.findings(root, contents.files) if root else ()


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.scorm12 import manifest

    return manifest.complete(plan)


FORMATS = (
    Format(
        name=NAME,
        title="SCORM 1.2",
        audience=N_("For nearly every LMS, Moodle among them: import it as a SCORM activity."),
        marker=MANIFEST,
        is_fallback=True,  # of a manifest that says nothing else, 1.2 is the best guess
        detect=_detect,
        check=_check,
        complete=_complete,
        adapters=("scorm12.js", "scorm12_comments.js"),
        has_scos=True,
        several_scos_clause="scorm12/several",
    ),
)
